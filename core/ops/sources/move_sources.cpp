#include "core/ops/sources/move_sources.hpp"

#include "core/base/text.hpp"
#include "core/feed/opml.hpp"
#include "core/io/out.hpp"
#include "core/ops/sources/opml_sources.hpp"
#include "core/ops/sources/source_files.hpp"
#include "core/sources/yaml_writer.hpp"
#include "core/store/web/sources.hpp"

#include <fmt/format.h>
#include <utility>

namespace cti::ops {
namespace {

bool looks_like_xml(std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    // UTF-16 too: its mark or a zero byte beside the bracket.
    return trim(text).starts_with('<') || text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF");
}

bool is_opml(const ImportOptions& options, const std::string& text) {
    using Format = ImportOptions::Format;
    return options.format == Format::opml || (options.format == Format::by_content && looks_like_xml(text));
}

// What the file asks for; what is not done about it is told.
class SourceList {
public:
    SourceList(const Environment& environment, const ImportOptions& options)
        : m_environment(environment), m_path(options.path), m_text(read_bounded(m_path)),
          m_is_opml(is_opml(options, m_text)) {}

    std::vector<SourceSpec> specs(const std::vector<Source>& rows, std::vector<std::string>& known) const {
        if (!m_is_opml) return parse_sources(m_environment, m_text, m_path);
        const auto opml = feed::parse_opml(m_text);
        if (!opml.error.empty())
            throw Error{ExitCode::usage, fmt::format("cannot read '{}': {}", m_path, opml.error)};
        auto imported = to_specs(opml, rows);
        for (const auto& warning : opml.warnings) m_environment.warn(fmt::format("{}: {}", m_path, warning));
        for (const auto& warning : imported.warnings)
            m_environment.warn(fmt::format("{}: {}", m_path, warning));
        known = std::move(imported.known);
        return std::move(imported.added);
    }

private:
    const Environment& m_environment;
    std::string m_path, m_text;
    bool m_is_opml;
};
}

sources::Difference diff_sources(const Environment& environment, const std::string& sources_config) {
    const auto specs = read_configured_sources(environment, sources_config);
    if (!specs)
        throw Error{ExitCode::usage,
                    fmt::format("cannot read '{}': no such file or folder", k_default_sources_config),
                    "Name the file of the sources with --config or SOURCES_CONFIG."};
    auto database = environment.connect();
    db::Transaction tx(database, db::Access::read_only);
    return sources::compare(store::list_sources(tx, db::read_schema(tx)), *specs, sources::ActiveFrom::file);
}

ImportResult import_sources(const Environment& environment, const ImportOptions& options) {
    const SourceList list(environment, options);
    auto database = environment.connect();
    ImportResult result;
    db::Transaction tx(database, options.dry_run ? db::Access::read_only : db::Access::read_write);
    const auto schema = db::read_schema(tx);
    const auto rows = store::list_sources(tx, schema);
    const auto specs = list.specs(rows, result.known);
    if (options.dry_run) {
        result.difference = sources::compare(rows, specs);
        return result;
    }
    result.difference = apply_sources(tx, schema, specs, sources::ActiveFrom::database);
    tx.commit();
    return result;
}

SourceExportResult export_sources(const Environment& environment, const SourceExportOptions& options) {
    auto database = environment.connect();
    db::Transaction tx(database, db::Access::read_only);
    auto rows = store::list_sources(tx, db::read_schema(tx));
    if (options.only_active) std::erase_if(rows, [](const Source& row) { return !row.active; });
    const bool is_opml = options.format == SourceExportOptions::Format::opml;
    const auto outlines = is_opml ? to_outlines(rows) : std::vector<feed::Outline>();
    io::Out out(options.path);
    out.protect_terminal();
    if (out.write(is_opml ? feed::write_opml("cti sources", outlines) : sources::to_yaml(rows))) out.close();
    const auto written = is_opml ? outlines.size() : rows.size();
    return {.written = written, .without_feed = rows.size() - written};
}
}
