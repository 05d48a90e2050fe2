#include "cli/database.hpp"
#include "cli/options/options.hpp"
#include "cli/options/selection_options.hpp"
#include "cli/signals.hpp"
#include "cli/term/article_list.hpp"
#include "cli/term/output.hpp"
#include "core/base/json.hpp"
#include "core/base/log.hpp"
#include "core/base/text.hpp"
#include "core/io/out.hpp"
#include "core/search/snippet.hpp"

#include <fmt/format.h>
#include <memory>
#include <utility>

namespace cti::cli {
namespace {

struct SearchCommand {
    std::vector<std::string> words;
    SelectionArguments selection;
    std::string format = "table";
};
constexpr long k_found_on_screen = 50; // articles on a terminal, unless --limit says otherwise
constexpr std::size_t k_snippet_bytes = 160;

struct Stopped {};

std::string day(Time time) { return format_rfc3339(time).substr(0, 10); }

// One found article in one form.
class Presenter {
public:
    Presenter(const Context& context, std::string format, std::vector<std::vector<std::string>> shown)
        : m_color(context.color_stdout), m_width(stdout_width()), m_format(std::move(format)),
          m_shown(std::move(shown)) {}

    void begin(std::string& out) const {
        if (m_format == "json") out += '[';
        if (m_format == "table" && m_width == 0) out += "ID\tPUBLISHED\tSCORE\tSOURCE\tTITLE\tURL\tSNIPPET\n";
    }

    void add(std::string& out, const StoredArticle& article) {
        if (m_format == "ids") {
            out += fmt::format("{}\n", article.id);
        } else if (m_format == "ndjson") {
            add_json(out, article);
            out += '\n';
        } else if (m_format == "json") {
            out += m_count == 0 ? "\n" : ",\n";
            add_json(out, article);
        } else if (m_width == 0) {
            out +=
                fmt::format("{}\t{}\t{}\t{}\t{}\t{}\t{}\n", article.id, format_rfc3339(article.published_at),
                            score_text(article), printable(article.source), printable(article.title),
                            printable(article.url), snippet_of(article, k_snippet_bytes).text);
        } else {
            add_for_people(out, article);
        }
        ++m_count;
    }

    void end(std::string& out) const {
        if (m_format == "json") out += m_count == 0 ? "]\n" : "\n]\n";
    }

private:
    search::Snippet snippet_of(const StoredArticle& article, std::size_t size) const {
        return search::make_snippet(article.content, m_shown, size);
    }

    void add_json(std::string& out, const StoredArticle& article) const {
        JsonWriter json(out);
        json.begin_object();
        write_members(json, article);
        json.member("snippet", snippet_of(article, k_snippet_bytes).text).end_object();
    }

    std::string bold(std::string_view text) const {
        return m_color ? fmt::format("\x1b[1m{}\x1b[0m", text) : std::string(text);
    }
    std::string dim(std::string_view text) const {
        return m_color ? fmt::format("\x1b[2m{}\x1b[0m", text) : std::string(text);
    }

    // Title, where it comes from, and the piece of the text with the words in it.
    void add_for_people(std::string& out, const StoredArticle& article) const {
        const auto about =
            fmt::format("{}  {}  {}  score {}  {}", article.id, day(article.published_at),
                        printable(article.source), score_text(article), printable(article.url));
        out += fmt::format("{}{}\n", m_count == 0 ? "" : "\n",
                           bold(cut_to_width(printable(article.title), m_width)));
        out += dim(cut_to_width(about, m_width)) + '\n';
        const auto snippet = snippet_of(article, m_width > 8 ? m_width - 8 : m_width);
        if (display_width(snippet.text) + 2 > m_width || snippet.marks.empty() || !m_color) {
            out += "  " + cut_to_width(snippet.text, m_width > 2 ? m_width - 2 : m_width) + '\n';
            return;
        }
        out += "  ";
        std::size_t pos = 0;
        for (const auto& [start, end] : snippet.marks) {
            out += snippet.text.substr(pos, start - pos) + bold(snippet.text.substr(start, end - start));
            pos = end;
        }
        out += snippet.text.substr(pos) + '\n';
    }

    bool m_color;
    std::size_t m_width;
    std::string m_format;
    std::vector<std::vector<std::string>> m_shown;
    long m_count = 0;
};

ops::SelectionOptions search_options(const SearchCommand& command) {
    auto options = to_options(command.selection);
    const auto words = join(command.words, " ");
    if (!words.empty() && !options.query.empty())
        throw Error{ExitCode::usage, "the query stands there twice", "Give it as QUERY or with --query."};
    if (!words.empty()) options.query = words;
    if (!is_narrowed(options))
        throw Error{ExitCode::usage, "nothing to look for was given",
                    "Write for example: cti search 'emotet OR qakbot'; 'cti articles' lists all."};
    // A screen has an end; a pipe that got a part of what was found would never tell.
    if (!options.limit && command.format == "table" && stdout_width() > 0) options.limit = k_found_on_screen;
    return options;
}

ExitCode run_search(Context& context, const SearchCommand& command) {
    const auto options = search_options(command);
    const auto selected = ops::select_articles(options, current_time(), is_stop_asked_for);
    if (options.limit)
        selected->selection.limit = *options.limit + 1; // One more tells whether there are more.

    auto database = open_database(context);
    db::Transaction tx(database, db::Access::read_only);
    const auto schema = db::read_schema(tx);
    ops::select_sources(tx, schema, options, *selected);
    ops::warn_of_unindexed(make_environment(context), tx, schema, *selected);
    const store::Detail detail{.content = command.format != "ids" || options.web_compat,
                               .findings = false,
                               .score = true,
                               .types = {},
                               .marked = false,
                               .discovered_at = true};
    Presenter presenter(context, command.format, selected->shown);
    io::Out out("-");
    std::string buffer;
    long found = 0;
    try {
        presenter.begin(buffer);
        store::for_each_article(tx, schema, selected->selection, detail, [&](const StoredArticle& article) {
            if (stop_signal() != 0) throw Stopped{};
            if (++found > options.limit.value_or(found)) return;
            presenter.add(buffer, article);
            if (!out.write(std::exchange(buffer, {}))) throw Stopped{};
        });
        presenter.end(buffer);
        if (out.write(buffer)) out.close();
    } catch (const Stopped&) {
        return stopped_or(ExitCode::ok);
    }
    if (found == 0) log::notice("nothing found");
    if (found > options.limit.value_or(found))
        log::notice("the first {}; there are more, see --limit", *options.limit);
    return ExitCode::ok;
}
}

Action setup_search(Options& app) {
    auto command = std::make_shared<SearchCommand>();
    app.footer(R"(Without a query a selection lists its articles, the newest first.
A query:
  emotet loader               both words, anywhere in title or text
  emotet OR qakbot -news      either, but not the other; AND, OR, NOT and ( )
  "initial access broker"     these words in this order
  ransom* *.exe               wildcards: * any characters, ? one
  title:heron source:talos tag:apt
  cve:CVE-2026-1234 indicator:evil.example technique:T1059 malware:Emotet
  score>60 after:2026-11-01 before:7d
  analysis:mimikatz sector:energy country:germany platform:linux
Examples:
  cti search emotet --days 30
  cti search 'title:ransomware score>60' --limit 10
  cti search --days 30 -- emotet -news
  cti search --source cisco_talos --days 7
  cti search --query 'cve:CVE-2026-1234' --days 30 --limit 50 --format json
  cti search 'lockbit after:7d' --format ids | cti export --ids - -o found.json)");
    app.add_option("words", command->words, "What to look for").type_name("QUERY");
    app.add_option("--query", command->selection.options.query, "The same as an option")
        .type_name("QUERY")
        .group("Selection");
    add_selection_options(app, command->selection);
    app.add_option("--format", command->format, "table, json, ndjson, or ids for 'export --ids -'")
        .one_of({"table", "json", "ndjson", "ids"})
        .type_name("FORMAT")
        .capture_default_str()
        .group("Output");
    return [command](Context& context) { return run_search(context, *command); };
}
}
