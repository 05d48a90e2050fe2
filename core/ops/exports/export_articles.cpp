#include "core/ops/exports/export_articles.hpp"

#include "core/feed/opml.hpp"
#include "core/io/out.hpp"
#include "core/ops/exports/export_checks.hpp"
#include "core/ops/exports/export_delivery.hpp"
#include "core/ops/exports/export_target.hpp"
#include "core/ops/run_row.hpp"
#include "core/ops/sources/opml_sources.hpp"
#include "core/store/web/sources.hpp"
#include "core/telemetry/span.hpp"

#include <algorithm>
#include <utility>

namespace cti::ops {
namespace {

store::Detail detail_of(const ExportOptions& options, const exporter::Needs& needs) {
    return {.content = needs.content || options.selection.web_compat,
            .findings = needs.findings,
            .score = needs.score,
            .types = to_types(options.types),
            .marked = options.marked,
            .system_files = options.writer.stock_programs,
            .discovered_at = needs.discovered_at,
            .analyses = needs.analyses};
}

class Export {
public:
    Export(const Environment& environment, const ExportOptions& options, SelectedArticles& selected)
        : m_environment(environment), m_options(options), m_selected(selected), m_delivery(options.cursor) {}

    // Of all selected articles; throws Stopped.
    long operator()(db::Database& database) {
        std::optional<db::Database> replica;
        if (!m_options.read_database_url.empty())
            replica.emplace(m_options.read_database_url, db::OutagePolicy{},
                            m_environment.connection_name + " replica");
        const auto& format = get_format(m_options.format);
        const auto target = make_target(m_options, format);
        const auto articles = read(replica ? *replica : database, format, *target);
        m_delivery.deliver(database, *target);
        return articles;
    }

private:
    long read(db::Database& database, const exporter::Format& format, Target& target) {
        db::Transaction tx(database, db::Access::read_only);
        const auto schema = db::read_schema(tx);
        select_sources(tx, schema, m_options.selection, m_selected);
        warn_of_unindexed(m_environment, tx, schema, m_selected);
        m_delivery.begin(m_environment, tx, m_selected.selection);
        const auto detail = detail_of(m_options, format.needs(m_options.writer));
        // Nothing is written before the first article came: an error until then leaves an empty output.
        const auto articles = store::for_each_article(tx, schema, m_selected.selection, detail,
                                                      [&](const StoredArticle& one) { write(one, target); });
        if (m_count == 0) target.begin();
        m_delivery.end_reading(tx, schema);
        return articles;
    }

    void write(const StoredArticle& article, Target& target) {
        constexpr long k_progress_step = 500;
        if (m_environment.is_stopped()) throw Stopped{};
        if (m_count == 0) target.begin();
        target.article(article);
        m_delivery.add(article.id);
        if (++m_count % k_progress_step == 0 && m_options.on_progress) m_options.on_progress(m_count);
    }

    const Environment& m_environment;
    const ExportOptions& m_options;
    SelectedArticles& m_selected;
    Delivery m_delivery;
    long m_count = 0;
};
}

ExportResult export_articles(const Environment& environment, const ExportOptions& given) {
    auto options = given;
    telemetry::Span span("export");
    const telemetry::Scope scope(span.context());
    span.set("cti.export.format", options.format);
    check_content(options);
    const auto selected =
        select_articles(options.selection, environment.now(), [&] { return environment.is_stopped(); });
    check_delivery(options);
    options.writer.since = selected->selection.since, options.writer.until = selected->selection.until;
    store::RunRow row;
    row.command = "export", row.result = "ok", row.started_at = environment.now();
    auto database = environment.connect();
    try {
        telemetry::Span reading("read articles", telemetry::SpanKind::client);
        reading.set("db.system.name", "postgresql");
        row.entries = Export(environment, options, *selected)(database);
    } catch (const Stopped&) {
        return {}; // `cti export | head` ends quietly; a file that was begun is not kept.
    }
    row.finished_at = environment.now();
    record_finished_run(database, row);
    span.set("cti.export.articles", row.entries);
    return {.articles = row.entries, .is_complete = true};
}

bool export_subscriptions(const Environment& environment, const ExportOptions& options) {
    check_content(options);
    const auto selected =
        select_articles(options.selection, environment.now(), [&] { return environment.is_stopped(); });
    auto database = environment.connect();
    db::Transaction tx(database, db::Access::read_only);
    const auto schema = db::read_schema(tx);
    select_sources(tx, schema, options.selection, *selected);
    auto sources = store::list_sources(tx, schema);
    const auto& wanted = selected->selection.source_ids;
    std::erase_if(sources, [&](const Source& source) {
        return !wanted.empty() && std::ranges::find(wanted, source.id) == wanted.end();
    });
    io::Out out(options.output, choose_compression(options));
    out.protect_terminal();
    if (!out.write(feed::write_opml("cti sources", to_outlines(sources)))) return false;
    out.close();
    return true;
}
}
