#include "cli/exporting.hpp"

#include "cli/database.hpp"
#include "cli/opml_sources.hpp"
#include "cli/run_row.hpp"
#include "cli/signals.hpp"
#include "cli/term/output.hpp"
#include "cli/term/progress.hpp"
#include "core/base/log.hpp"
#include "core/base/text.hpp"
#include "core/feed/opml.hpp"
#include "core/io/out.hpp"
#include "core/store/web/sources.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <malloc.h>
#include <sys/file.h>
#include <unistd.h>
#include <utility>

namespace cti::cli {
namespace {
namespace fs = std::filesystem;

// Thrown to leave for_each_article(): the reader is gone, or a signal asks to stop.
struct Stopped {};

constexpr const char* k_opml = "opml"; // of the sources: the only format that is not made of articles

const exporter::Format& get_format(const std::string& name) {
    if (const auto* format = exporter::find_format(name)) return *format;
    const auto names = export_format_names();
    const auto near = closest(name, names);
    throw Error{ExitCode::usage, fmt::format("unknown format '{}'", printable(name)),
                near.empty() ? fmt::format("There are {}.", join(names, ", "))
                             : fmt::format("Did you mean '{}'?", near)};
}

exporter::Tlp parse_tlp(const std::string& text) {
    using exporter::Tlp;
    constexpr std::pair<std::string_view, Tlp> names[] = {{"", Tlp::none},
                                                          {"clear", Tlp::clear},
                                                          {"green", Tlp::green},
                                                          {"amber", Tlp::amber},
                                                          {"amber+strict", Tlp::amber_strict},
                                                          {"red", Tlp::red}};
    const auto* found = std::ranges::find(names, text, &std::pair<std::string_view, Tlp>::first);
    if (found != std::end(names)) return found->second;
    throw Error{ExitCode::usage, fmt::format("--tlp: unknown label '{}'", printable(text)),
                "There are clear, green, amber, amber+strict and red (TLP 2.0)."};
}

std::vector<IndicatorType> to_types(const std::vector<std::string>& words) {
    std::vector<IndicatorType> types;
    for (const auto& type : words) {
        if (const auto known = find_value<IndicatorType>(type)) {
            types.push_back(*known);
            continue;
        }
        const auto names = indicator_type_names();
        const auto near = closest(type, names);
        throw Error{ExitCode::usage, fmt::format("--type: unknown type '{}'", printable(type)),
                    near.empty() ? fmt::format("There are {}.", join(names, ", "))
                                 : fmt::format("Did you mean '{}'?", near)};
    }
    return types;
}

// Where the bytes of the articles go: one document, or a file for each article. write() throws Stopped where
// nobody reads.
class Target {
public:
    Target() = default;
    Target(const Target&) = delete;
    Target& operator=(const Target&) = delete;
    virtual ~Target() = default;
    virtual void begin() {}
    virtual void article(const StoredArticle& article) = 0;
    // The file that will wait for its name after finish(), or "".
    virtual std::string waiting_file() const { return ""; }
    // All is written, and may be given out by close().
    virtual void finish() = 0;
    // That file stays, whatever happens: see Out::keep_temporary().
    virtual void keep_waiting(bool) {}
    virtual void close() {}
    virtual std::string name() const = 0;
};

class Document : public Target {
public:
    Document(const exporter::Format& format, const ExportOptions& options, io::Compression compression)
        : m_writer(exporter::make_writer(format, options.writer)), m_name(options.output),
          m_out(options.output, compression) {}

    void begin() override {
        m_writer->begin(m_buffer);
        drain(1); // A reader sees at once that something comes.
    }
    void article(const StoredArticle& article) override {
        m_writer->article(m_buffer, article);
        drain(k_portion);
    }
    std::string waiting_file() const override { return m_out.temporary(); }
    void finish() override {
        m_writer->end(m_buffer);
        drain(1);
        std::string temporary;
        if (!m_out.finish(temporary)) throw Stopped{};
    }
    void keep_waiting(bool keep) override { m_out.keep_temporary(keep); }
    void close() override { m_out.close(); }
    std::string name() const override { return m_name == "-" ? "" : fmt::format("'{}'", printable(m_name)); }

private:
    // In portions, so that memory does not depend on the number of articles.
    static constexpr std::size_t k_portion = 64 * 1024;
    void drain(std::size_t limit) {
        if (m_buffer.size() < limit) return;
        if (!m_out.write(m_buffer)) throw Stopped{};
        m_buffer.clear();
    }
    std::unique_ptr<exporter::Writer> m_writer;
    std::string m_name, m_buffer;
    io::Out m_out;
};

// Each file appears complete or not at all; doing it again writes the same files.
class Folder : public Target {
public:
    Folder(const exporter::Format& format, const ExportOptions& options, io::Compression compression)
        : m_writer(exporter::make_folder_writer(format, options.writer)), m_folder(options.output_dir),
          m_compression(compression) {
        std::error_code error;
        fs::create_directories(m_folder, error);
        if (error || !fs::is_directory(m_folder, error))
            throw Error{ExitCode::output, fmt::format("cannot make the folder '{}': {}", printable(m_folder),
                                                      error ? ascii_lower(error.message()) : "it is a file")};
    }
    void article(const StoredArticle& article) override { write(m_writer->article(article)); }
    void finish() override {
        for (const auto& file : m_writer->end()) write(file);
    }
    std::string name() const override { return fmt::format("'{}'", printable(m_folder)); }

private:
    void write(const exporter::File& file) const {
        const char* suffix = m_compression == io::Compression::gzip   ? ".gz"
                             : m_compression == io::Compression::zstd ? ".zst"
                                                                      : "";
        io::Out out((fs::path(m_folder) / (file.name + suffix)).string(), m_compression);
        if (!out.write(file.content)) throw Stopped{};
        out.close();
    }
    std::unique_ptr<exporter::FolderWriter> m_writer;
    std::string m_folder;
    io::Compression m_compression;
};

io::Compression choose_compression(const ExportOptions& options) {
    if (options.gzip) return io::Compression::gzip;
    return options.zstd ? io::Compression::zstd : io::compression_of(options.output);
}

class Descriptor {
public:
    explicit Descriptor(int number) : m_number(number) {}
    ~Descriptor() {
        if (m_number >= 0) ::close(m_number);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int number() const { return m_number; }

private:
    int m_number;
};

// Whether the last export's file still waits under its temporary name. Throws where that cannot be found out:
// to take it for delivered would lose it. Throws too where the process that will rename it is alive: it would
// be delivered twice.
bool is_waiting(const std::string& name, const std::string& file) {
    const auto refuse = [&](const std::string& why) {
        throw Error{ExitCode::output,
                    fmt::format("cannot tell whether the last export of '{}' reached its file: '{}': {}",
                                printable(name), printable(file), why),
                    "Make its folder readable again (is it mounted?), or begin anew under another name."};
    };
    const Descriptor waiting(::open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (waiting.number() < 0 && errno != ENOENT) refuse(ascii_lower(std::strerror(errno)));
    // Shared, so that two that look at the same time do not take each other for its writer.
    if (waiting.number() >= 0 && ::flock(waiting.number(), LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        throw Error{ExitCode::locked, fmt::format("another export of '{}' is at work", printable(name)),
                    "Let only one run at a time."};
    // Only now: whoever held the lock may have renamed it before letting go.
    std::error_code error;
    if (fs::exists(fs::symlink_status(file, error))) return true;
    if (error && error != std::errc::no_such_file_or_directory) refuse(ascii_lower(error.message()));
    if (const auto folder = fs::path(file).parent_path(); !fs::is_directory(folder, error))
        refuse("its folder is not there");
    return false;
}

// True where the file is no more, by whomever it was removed.
bool remove_file(const std::string& file) {
    std::error_code error;
    if (fs::remove(file, error)) return true;
    // A folder that is not mounted comes back with the file in it.
    return !error && fs::is_directory(fs::path(file).parent_path(), error);
}

// A file that still waits under its temporary name was handed to nobody: what it held is exported again. It
// stays, as the only proof of that, until the cursor has moved again: this run may fail too.
store::ExportCursor begin_from(db::Transaction& tx, const std::string& name) {
    auto cursor = store::read_export_cursor(tx, name);
    if (!cursor.pending_file.empty() && is_waiting(name, cursor.pending_file))
        log::warning("the last export of '{}' ended before its file was in place: its articles come again",
                     printable(name));
    else
        cursor.previous = {cursor.last_id, cursor.beyond}, cursor.pending_file.clear();
    return cursor;
}

class Export {
public:
    Export(Context& context, const ExportOptions& options, std::unique_ptr<Chosen> chosen)
        : m_context(context), m_options(options), m_format(get_format(options.format)),
          m_chosen(std::move(chosen)) {
        const auto needs = m_format.needs(options.writer);
        m_detail = {.content = needs.content || options.selection.web_compat,
                    .findings = needs.findings,
                    .score = needs.score,
                    .types = to_types(options.types),
                    .marked = options.marked,
                    .discovered_at = needs.discovered_at};
    }

    ExitCode operator()() {
        m_row.command = "export", m_row.result = "ok", m_row.started_at = current_time();
        auto database = open_database(m_context);
        std::optional<db::Database> replica;
        if (!m_options.read_database_url.empty()) replica.emplace(m_options.read_database_url);
        const auto target = make_target();
        try {
            read(replica ? *replica : database, *target);
            const auto waiting = target->waiting_file();
            const auto file = waiting.empty() ? waiting : fs::absolute(waiting).string();
            if (!m_options.cursor.empty()) record_file(database, file);
            target->finish();
            if (!m_options.cursor.empty()) move_cursor(database, *target, file);
            target->close();
            if (!m_options.cursor.empty()) confirm(database, file);
        } catch (const Stopped&) {
            return stopped_or(
                ExitCode::ok); // `cti export | head` ends quietly; a file that was begun is not kept.
        }
        if (!target->name().empty())
            log::notice("{} written to {}", count_of(m_row.entries, "article"), target->name());
        m_row.finished_at = current_time();
        record_finished_run(database, m_row);
        return ExitCode::ok;
    }

private:
    std::unique_ptr<Target> make_target() const {
        const auto compression = choose_compression(m_options);
        if (m_options.output_dir.empty()) return std::make_unique<Document>(m_format, m_options, compression);
        return std::make_unique<Folder>(m_format, m_options, compression);
    }

    void read(db::Database& database, Target& target) {
        db::Transaction tx(database, db::Access::read_only);
        const auto schema = db::read_schema(tx);
        choose_sources(tx, schema, m_options.selection, *m_chosen);
        warn_of_unindexed(tx, *m_chosen);
        if (!m_options.cursor.empty()) {
            m_cursor = begin_from(tx, m_options.cursor);
            m_chosen->selection.behind = m_cursor.previous;
        }
        ProgressLine line(m_context.progress && (m_options.output != "-" || !m_options.output_dir.empty()));
        // Nothing is written before the first article came: an error until then leaves an empty output.
        m_row.entries = store::for_each_article(tx, schema, m_chosen->selection, m_detail,
                                                [&](const StoredArticle& article) {
                                                    if (stop_signal() != 0) throw Stopped{};
                                                    if (m_count == 0) target.begin();
                                                    target.article(article);
                                                    if (!m_options.cursor.empty())
                                                        m_exported.push_back(article.id);
                                                    if (++m_count % 500 == 0)
                                                        line.show(fmt::format("{} articles", m_count));
                                                });
        if (m_count == 0) target.begin();
        if (!m_options.cursor.empty())
            m_place = store::place_behind(tx, schema, m_cursor.previous, m_exported);
    }

    // Before the file is made. It cannot be made after the cursor has moved instead: where a killed run had
    // made none, the next one would take that for a file which was delivered.
    void record_file(db::Database& database, const std::string& file) const {
        if (file.empty()) return;
        db::with_retry(database,
                       [&](db::Transaction& tx) { store::record_export_file(tx, m_options.cursor, file); });
    }

    // Behind what was exported, with the name of the file that waits. Where the server does not say whether
    // it has committed, the file stays: it is the proof if it has.
    void move_cursor(db::Database& database, Target& target, const std::string& file) {
        bool moved = false, again = false;
        target.keep_waiting(true);
        db::with_retry(database, [&](db::Transaction& tx) {
            moved = store::move_export_cursor(tx, m_options.cursor, m_cursor, m_place,
                                              static_cast<long>(m_exported.size()), file,
                                              std::exchange(again, true));
            m_files = store::list_export_files(tx, m_options.cursor);
        });
        if (!moved) {
            target.keep_waiting(false);
            throw Error{
                ExitCode::locked,
                fmt::format("another export of '{}' has ended meanwhile", printable(m_options.cursor)),
                "Let only one run at a time; what this one would have written is not lost, the next one exports what is new."};
        }
        // The articles of the one before are in the new file. Whoever made one of the others read the cursor
        // before it moved, and can no longer move it.
        if (!m_cursor.pending_file.empty())
            m_files.push_back(m_cursor.pending_file); // of a version that wrote down no others
        std::erase_if(m_files, [&](const std::string& one) { return one == file || !remove_file(one); });
    }

    // The file is in place, and the others are gone. Where this cannot be written down, the next run sees
    // that nothing waits any more.
    void confirm(db::Database& database, const std::string& file) {
        if (!file.empty()) m_files.push_back(file);
        if (m_files.empty()) return;
        db::with_retry(database, [&](db::Transaction& tx) {
            store::confirm_export(tx, m_options.cursor, file, m_files);
        });
    }

    Context& m_context;
    const ExportOptions& m_options;
    const exporter::Format& m_format;
    std::unique_ptr<Chosen> m_chosen;
    store::Detail m_detail;
    store::RunRow m_row;
    store::ExportCursor m_cursor;
    store::ExportCursor::Place m_place;
    std::vector<int> m_exported;
    std::vector<std::string> m_files; // that exports of this name made, and that are gone
    long m_count = 0;
};

// Options that only some formats have a use for: with another one they would be ignored without a word.
void check_fit(const ExportOptions& options) {
    struct Fit {
        bool given;
        const char* option;
        std::vector<std::string_view> formats;
    };
    const Fit fits[] = {{options.of != "articles", "--of indicators", {"json", "ndjson", "csv"}},
                        {!options.writer.fields.empty(), "--fields", {"json", "ndjson", "csv"}},
                        {options.writer.patterns, "--indicators", {"stix"}},
                        {!options.writer.bulk_index.empty(), "--bulk", {"ecs"}},
                        {options.writer.defang, "--defang", {"list"}},
                        {options.writer.csv_raw, "--csv-raw", {"csv"}},
                        {options.writer.bom, "--bom", {"csv"}},
                        {!options.tlp.empty(), "--tlp", {"stix", "misp", "ecs", "atom"}}};
    for (const auto& [given, option, formats] : fits)
        if (given && std::ranges::find(formats, options.format) == formats.end())
            throw Error{ExitCode::usage,
                        fmt::format("{} does not go with --format {}", option, options.format),
                        fmt::format("It is for {}.", fmt::join(formats, ", "))};
}

// The sources themselves, for feed readers: of the articles' options only --source says anything.
ExitCode export_opml(Context& context, const ExportOptions& options, Chosen& chosen) {
    auto database = open_database(context);
    db::Transaction tx(database, db::Access::read_only);
    const auto schema = db::read_schema(tx);
    choose_sources(tx, schema, options.selection, chosen);
    auto sources = store::list_sources(tx, schema);
    const auto& wanted = chosen.selection.source_ids;
    std::erase_if(sources, [&](const Source& source) {
        return !wanted.empty() && std::ranges::find(wanted, source.id) == wanted.end();
    });
    io::Out out(options.output, choose_compression(options));
    if (!out.write(feed::write_opml("cti sources", to_outlines(sources)))) return ExitCode::ok;
    out.close();
    return ExitCode::ok;
}

void check(const ExportOptions& options) {
    const auto refuse = [](const char* message, const char* hint) {
        throw Error{ExitCode::usage, message, hint};
    };
    const auto& format = get_format(options.format);
    if (!options.output_dir.empty() && options.output != "-")
        refuse("--output-dir and -o exclude each other", "Choose one file, or a file for each article.");
    if (!options.cursor.empty() && (options.selection.limit || !options.selection.ids.empty()))
        refuse("--new-since-last takes everything that is new", "Leave out --limit and --ids.");
    if (!options.cursor.empty() && options.selection.order != "newest" && options.selection.order != "oldest")
        refuse("--new-since-last is in the order of time", "Leave out --order score.");
    if (!options.cursor.empty() && !options.output_dir.empty() && format.make_folder != nullptr)
        refuse("the index of this folder would forget what was exported before",
               "Leave out --new-since-last: writing the whole folder again changes no file of an article.");
}
}

std::vector<std::string> export_format_names() {
    std::vector<std::string> names;
    for (const auto& format : exporter::formats()) names.emplace_back(format.name);
    names.emplace_back(k_opml);
    return names;
}

ExitCode run_export(Context& context, ExportOptions options) {
    // Portions come and go: their memory is used again, not handed back to the system each time.
    ::mallopt(M_TRIM_THRESHOLD, 64 << 20);
    options.writer.of = options.of == "indicators" ? exporter::Of::indicators : exporter::Of::articles;
    options.writer.content = !options.no_content;
    options.writer.tlp = parse_tlp(options.tlp);
    to_types(options.types);
    check_fit(options);
    auto chosen = choose(options.selection, current_time());
    if (options.format == k_opml) return export_opml(context, options, *chosen);
    check(options);
    options.writer.since = chosen->selection.since, options.writer.until = chosen->selection.until;
    return Export(context, options, std::move(chosen))();
}
}
