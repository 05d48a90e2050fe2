#include "core/base/error.hpp"
#include "core/import/reader.hpp"
#include "tests/unit/export/articles_for_tests.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace cti;
using namespace cti::importer;

namespace {
// All records of a text that comes in pieces of this size.
std::vector<Record> read_all(std::string_view text, const ReadOptions& options = {}, std::size_t piece = 7) {
    auto rest = text;
    const auto reader = make_reader(
        [&] {
            const auto next = rest.substr(0, piece);
            rest.remove_prefix(next.size());
            return next;
        },
        options);
    std::vector<Record> records;
    while (auto record = reader->next()) records.push_back(std::move(*record));
    return records;
}

// "line: fault", or "line: title".
std::vector<std::string> tell(std::string_view text, const ReadOptions& options = {}) {
    std::vector<std::string> out;
    for (const auto& record : read_all(text, options))
        out.push_back(
            fmt::format("{}: {}", record.line, record.fault.empty() ? record.article.title : record.fault));
    return out;
}
using Told = std::vector<std::string>;

std::string make_object(const std::string& title, const std::string& more = "") {
    return fmt::format(
        R"({{"title":"{}","url":"https://a.example/{}","published_at":"2026-03-08T07:30:00Z","content":"Text."{}}})",
        title, title, more);
}

// What an export of the article says of it, and nothing else.
void check_same(const Record& record, const StoredArticle& article) {
    CHECK(record.fault == "");
    CHECK(record.source == article.source);
    CHECK(record.article.title == article.title);
    CHECK(record.article.url == article.url);
    CHECK(record.article.content == article.content);
    CHECK(record.article.summary.value_or("") == article.summary.value_or(""));
    CHECK(record.article.authors == article.authors);
    CHECK(record.article.tags == article.tags);
    CHECK(record.article.published_at == article.published_at);
    CHECK(record.discovered_at == article.discovered_at);
}

std::vector<StoredArticle> make_nasty_articles() {
    std::vector<StoredArticle> articles;
    int id = 100;
    for (const auto& text : exporter::nasty_texts()) {
        if (text.empty() || text.find('\0') != std::string::npos || text.find('\xFF') != std::string::npos)
            continue; // The tables hold none of these.
        auto& article = articles.emplace_back(exporter::article_with(
            {exporter::finding("domain", "evil.example"), exporter::finding("ipv4", "192.0.2.1")}, ++id));
        article.title = article.content = text;
        article.summary = text + "!";
        article.authors = {"Ann Lee", "\"O'Neil, B\"\nC"};
    }
    return articles;
}
}

TEST_CASE("import: what an export writes is read back, whatever the texts hold") {
    const auto articles = make_nasty_articles();
    for (const std::string format : {"json", "ndjson", "csv"}) {
        CAPTURE(format);
        exporter::Options options;
        if (format == "csv")
            options.fields = {"id",      "source", "title",   "url",           "published_at",
                              "authors", "tags",   "summary", "discovered_at", "content"};
        for (const std::size_t piece : {1U, 7U, 100000U}) {
            const auto records = read_all(exporter::render(format, articles, options), {}, piece);
            REQUIRE(records.size() == articles.size());
            for (std::size_t i = 0; i < records.size(); ++i) check_same(records[i], articles[i]);
        }
    }
}

TEST_CASE("import: cells that were written raw are taken as they are, others lose their apostrophe") {
    auto article = exporter::article_with({});
    exporter::Options options;
    options.fields = {"source", "title", "url", "published_at", "content"};
    article.title = "=1+1";
    CHECK(read_all(exporter::render("csv", {article}, options))[0].article.title == "=1+1");
    article.title = "'@home";
    options.csv_raw = true;
    ReadOptions raw;
    raw.csv_raw = true;
    CHECK(read_all(exporter::render("csv", {article}, options), raw)[0].article.title == "'@home");
}

TEST_CASE("import: a bad line is told with its number, and hides no other") {
    CHECK(tell(make_object("a") + "\n\nnonsense\n[1]\n{\"title\":\n" + make_object("b") + "\n7\n") ==
          Told{"1: a", "3: it is no valid JSON from its byte 2 on", "4: it is no object",
               "5: it is no valid JSON from its byte 10 on", "6: b", "7: it is no object"});
    CHECK(tell("[\n" + make_object("a") + ",\n{\"title\": nonsense},\n\"text\",\n,\n" + make_object("b") +
               "]") == Told{"2: a", "3: it is no valid JSON from its byte 12 on", "4: it is no object",
                            "5: it is no valid JSON from its byte 1 on", "6: b"});
    CHECK(tell("title,url,published_at,content\r\n"
               "a,https://a.example/,2026-03-08T07:30:00Z,\"two\r\nlines\"\r\n"
               "b,https://a.example/\r\n"
               "c,\"x\"y,z,z\r\n"
               "d,https://d.example/,2026-03-08T07:30:00Z,text") ==
          Told{"2: a", "4: it has 2 cells, and the table has 4 columns",
               "5: something follows a closing quote", "6: d"});
}

TEST_CASE("import: a value that the tables cannot have is a fault") {
    const auto fault_of = [](const std::string& line) { return read_all(line).at(0).fault; };
    CHECK(fault_of(make_object("a", R"(,"url":"ftp://a.example/")")).starts_with("'url' cannot be used: "));
    CHECK(fault_of(make_object("a", R"(,"url":null)")) == "'url' is missing");
    CHECK(fault_of(make_object("a", R"(,"content":null)")) == "'content' is missing");
    CHECK(fault_of(make_object("a", R"(,"content":"\u0000")")) == "'content' is empty");
    CHECK(fault_of(make_object("a", R"(,"title":7)")) == "'title' must be a text");
    CHECK(fault_of(make_object("a", R"(,"title":{"title":"b"})")) == "'title' must be a text");
    CHECK(fault_of(make_object("a", R"(,"tags":"x")")) == "'tags' must be a list of texts");
    CHECK(fault_of(make_object("a", R"(,"tags":["x",["y"]])")) == "'tags' must hold texts only");
    CHECK(fault_of(make_object("a", R"(,"authors":[null])")) == "'authors' must hold texts only");
    CHECK(fault_of(make_object("a", R"(,"published_at":"7d")")) == "'published_at' is no moment: '7d'");
    CHECK(fault_of(make_object("a", R"(,"published_at":"2026-13-08T07:30:00Z")")) ==
          "'published_at' is no moment: '2026-13-08T07:30:00Z'");
    CHECK(fault_of(make_object("a", ",\"summary\":\"\xFF\"")).starts_with("it is no valid JSON"));
    CHECK(read_all("title,url,published_at,content\na\xFF,https://a.example/,2026-03-08T07:30:00Z,x\n")
              .at(0)
              .fault == "'title' is no UTF-8");
}

TEST_CASE("import: keys that nobody reads may hold anything, and null is as good as missing") {
    const auto record = read_all(make_object(
        "a",
        R"(,"indicators":[{"type":"ipv4","tags":[1,{}]}],"word_count":1e3,"tags":null,"summary":null)"))[0];
    CHECK(record.fault == "");
    CHECK(record.article.tags.empty());
    CHECK_FALSE(record.article.summary);
    CHECK_FALSE(record.discovered_at);
}

TEST_CASE("import: a time without a zone is UTC, with one it is that moment") {
    const auto moment = [](const std::string& text) {
        return read_all(make_object("a", R"(,"published_at":")" + text + '"')).at(0).article.published_at;
    };
    CHECK(moment("2026-03-08T07:30:00") == moment("2026-03-08T07:30:00Z"));
    CHECK(moment("2026-03-08T08:30:00+01:00") == moment("2026-03-08T07:30:00Z"));
}

TEST_CASE("import: what is larger than the bound is passed over, and what follows it is read") {
    ReadOptions small;
    small.max_record_bytes = 1000;
    const auto large = make_object("large", ",\"summary\":\"" + std::string(2000, 'x') + "\"");
    CHECK(tell(large + "\n" + make_object("a"), small) == Told{"1: it is larger than 0 MiB", "2: a"});
    CHECK(tell("[" + large + ",\n" + make_object("a") + "]", small) ==
          Told{"1: it is larger than 0 MiB", "2: a"});
    CHECK(tell("title,url,published_at,content\n\"" + std::string(2000, 'x') +
                   "\n\",u,p,c\na,https://a.example/,2026-03-08T07:30:00Z,text\n",
               small) == Told{"2: it is too large", "4: a"});
}

TEST_CASE("import: a list that is cut off or goes on behind its end is told") {
    CHECK(tell("[" + make_object("a") + ",") == Told{"1: a", "1: the list ends too early: is it cut off?"});
    CHECK(tell("[" + make_object("a") + ",\n{\"title\":\"b") ==
          Told{"1: a", "2: it does not end, and what follows it could not be read"});
    CHECK(tell("[]\n[]") == Told{"2: something follows the end of the list"});
    CHECK(tell("[]\n").empty());
    CHECK(tell("").empty());
}

TEST_CASE("import: nesting and lists without end cost no more than their bytes") {
    const std::string deep(200'000, '[');
    CHECK(tell(make_object("a", ",\"x\":" + deep))[0].starts_with("1: it is no valid JSON"));
    const std::string deep_list = deep + std::string(200'000, ']');
    CHECK(tell(make_object("a", ",\"x\":" + deep_list)) == Told{"1: a"});
    std::string items;
    for (int i = 0; i < 20'000; ++i) items += "\"t\",";
    CHECK(tell(make_object("a", ",\"tags\":[" + items + "\"t\"]")) ==
          Told{"1: 'tags' has more than 10000 entries"});
}

TEST_CASE("import: a file that is no export is refused before anything is done") {
    const auto refusal = [](std::string_view text) -> std::string {
        try {
            read_all(text);
        } catch (const Error& error) {
            CHECK(error.code() == ExitCode::usage);
            return error.what();
        }
        return "taken";
    };
    const std::string why = "the file is no export with texts: its first line names no column ";
    CHECK(refusal("id,source_id,title,url,published_at,authors,tags,summary\r\n") == why + "'content'");
    CHECK(refusal("\x7F"
                  "ELF\x02") == why + "'title'");
    CHECK(refusal(std::string(100'000, 'x')) == why + "'title'");
    CHECK(refusal("\xEF\xBB\xBF"
                  "title,url,published_at,content\r\n") == "taken");
}
