#include "cli/database.hpp"
#include "cli/options/options.hpp"
#include "cli/options/reader_options.hpp"
#include "cli/options/selection_options.hpp"
#include "cli/signals.hpp"
#include "cli/term/article_list.hpp"
#include "cli/term/output.hpp"
#include "core/base/json.hpp"
#include "core/base/log.hpp"
#include "core/base/plural.hpp"
#include "core/io/out.hpp"

#include <memory>
#include <optional>

namespace cti::cli {
namespace {

struct ArticlesCommand {
    SelectionArguments selection;
    ReaderArguments reader;
    bool only_unread = false;
    std::string mark, format = "table";
};
// What a terminal shows unless --limit says otherwise; a pipe gets all.
constexpr long k_listed_on_screen = 20;

constexpr std::size_t k_buffer_bytes = 64 << 10;

struct ReaderGone {};

void add_json(std::string& out, const ops::ListedArticle& listed) {
    JsonWriter json(out);
    json.begin_object();
    write_members(json, listed.article);
    json.key("indicators").begin_object();
    for (const auto& [type, indicators] : listed.indicators) json.member(type.name(), indicators);
    json.end_object().member("read_at", format_rfc3339(listed.read_at)).end_object();
}

// What is written as it comes: everything but the list of a terminal, whose columns depend on all rows.
class Stream {
public:
    explicit Stream(std::string format) : m_format(std::move(format)) {
        if (m_format == "json") m_buffer = "[";
        if (m_format == "table") m_buffer = article_row_titles();
    }

    void add(const ops::ListedArticle& listed) {
        if (m_format == "ids") {
            m_buffer += std::to_string(listed.article.id) + '\n';
        } else if (m_format == "json") {
            m_buffer += m_count == 0 ? "\n" : ",\n";
            add_json(m_buffer, listed);
        } else {
            m_buffer += article_row(listed);
        }
        ++m_count;
        if (m_buffer.size() >= k_buffer_bytes) write();
    }

    void end() {
        if (m_format == "json") m_buffer += m_count == 0 ? "]\n" : "\n]\n";
        write();
        m_out.close();
    }

private:
    void write() {
        if (!m_out.write(m_buffer)) throw ReaderGone{};
        m_buffer.clear();
    }

    std::string m_format, m_buffer;
    io::Out m_out{"-"};
    long m_count = 0;
};

void tell_of_nothing(const ops::ListOptions& list) {
    if (list.only_unread) {
        log::notice("nothing is unread by '{}'", list.reader);
    } else if (is_narrowed(list.selection)) {
        log::notice("nothing found");
    } else {
        log::notice("there are no articles yet");
        log::hint("'cti collect' brings them.");
    }
}

ExitCode mark(const Context& context, const ops::ListOptions& list, const std::string& what) {
    const auto to = what == "read" ? ops::ReadMark::read : ops::ReadMark::unread;
    const auto changed = ops::mark_selected(make_environment(context), list, to);
    log::notice("{} marked as {} by '{}'", count_of(changed, "article"), what, list.reader);
    return ExitCode::ok;
}

ExitCode run_articles(const Context& context, const ArticlesCommand& command) {
    ops::ListOptions list{to_options(command.selection), command.format != "ids", reader_name(command.reader),
                          command.only_unread};
    auto& options = list.selection;
    if (!command.mark.empty()) return mark(context, list, command.mark);
    const auto width = stdout_width();
    const bool is_list = command.format == "table" && width > 0;
    if (is_list && !options.limit) options.limit = k_listed_on_screen;
    const auto environment = make_environment(context);
    std::vector<ops::ListedArticle> listed;
    long count = 0;
    bool has_more = false;
    try {
        std::optional<Stream> stream;
        if (!is_list) stream.emplace(command.format);
        has_more = ops::list_articles(environment, list, [&](const ops::ListedArticle& article) {
            ++count;
            stream ? stream->add(article) : listed.push_back(article);
        });
        if (stream) stream->end();
    } catch (const ReaderGone&) {
        return stopped_or(ExitCode::ok);
    }
    if (!listed.empty()) print(article_list(listed, {width, context.color_stdout, environment.now()}));
    if (count == 0) tell_of_nothing(list);
    if (has_more) log::notice("the first {}; there are more, see --limit", *options.limit);
    return stopped_or(ExitCode::ok);
}
}

Action setup_articles(Options& app) {
    auto command = std::make_shared<ArticlesCommand>();
    app.footer(R"(On a terminal the first 20, into a pipe all, unless --limit says otherwise.
Examples:
  cti articles
  cti articles --days 7 --min-score 60 --order score
  cti articles --source cisco_talos --limit 50
  cti articles --query 'title:ransomware'
  cti articles --new --as anna
  cti articles --until 30d --mark read
  cti articles --format json --limit 10 | jq -r '.[].title')");
    add_query_option(app, command->selection);
    add_selection_options(app, command->selection);
    app.add_flag("--new", command->only_unread, "Only what is not marked as read").group("Reading");
    add_reader_option(app, command->reader);
    app.add_option("--mark", command->mark,
                   "read or unread: mark the selected ones so instead of listing them")
        .one_of({"read", "unread"})
        .type_name("HOW")
        .group("Reading");
    app.add_option("--format", command->format, "table, json, or ids for 'export --ids -'")
        .one_of({"table", "json", "ids"})
        .type_name("FORMAT")
        .capture_default_str()
        .group("Output");
    return [command](Context& context) { return run_articles(context, *command); };
}
}
