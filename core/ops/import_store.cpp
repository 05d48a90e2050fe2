#include "core/ops/import_store.hpp"

#include "core/base/hash.hpp"
#include "core/base/log.hpp"
#include "core/base/text.hpp"
#include "core/base/url.hpp"
#include "core/collect/backfill.hpp"
#include "core/collect/imported_article.hpp"
#include "core/ops/sources/named_sources.hpp"
#include "core/pipeline/step.hpp"
#include "core/sources/spec.hpp"
#include "core/store/own/locks.hpp"
#include "core/store/web/sources.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <utility>

namespace cti::ops {
namespace {

db::Schema read_schema(db::Database& database, const std::string& source) {
    db::Transaction tx(database, db::Access::read_only);
    auto schema = db::read_schema(tx);
    if (!source.empty()) get_source(tx, schema, source);
    return schema;
}

std::int64_t key_of(const std::string& hash) { return store::make_text_key(hash).value_or(0); }
std::int64_t key_of_url(const std::string& url) { return key_of(sha256_hex("url " + url)); }

// Nobody knows how it is collected: until somebody says so, it is not.
SourceSpec make_spec(const std::string& identifier, const std::string& url,
                     const importer::SourceDescription& said) {
    SourceSpec spec;
    spec.identifier = identifier;
    spec.name = sources::check_name(said.name).empty() ? said.name : identifier;
    spec.active = false;
    if (!said.rss_url.empty() && url_refusal(said.rss_url).empty()) spec.rss_url = said.rss_url;
    spec.url = said.url;
    if (!said.url.empty() && url_refusal(said.url).empty()) return spec;
    const auto parts = split_url(url);
    const auto port = parts.port.empty() ? std::string() : ":" + std::string(parts.port);
    spec.url = fmt::format("{}://{}{}/", parts.scheme, parts.host, port);
    return spec;
}

int get_or_insert_source(db::Transaction& tx, const db::Schema& schema, const SourceSpec& spec) {
    if (const auto row = store::find_source(tx, schema, spec.identifier)) return row->id;
    store::lock_new_sources(tx); // Another import may be about to make it.
    if (const auto row = store::find_source(tx, schema, spec.identifier)) return row->id;
    return store::insert_source(tx, schema, spec);
}

// Why a source that is not there cannot be made, or "".
std::string find_source_fault(db::Transaction& tx, const std::string& identifier) {
    if (store::has_identifier(tx, identifier))
        return fmt::format("its source '{}' belongs to the web service", printable(identifier));
    const auto fault = sources::check_identifier(identifier);
    return fault.empty() ? fault : fmt::format("the id of its source {}", fault);
}
}

ImportStore::ImportStore(const Environment& environment, const ArticleImportOptions& options,
                         const importer::Reader& file, ArticleImportResult& result)
    : m_environment(environment), m_options(options), m_file(file), m_result(result),
      m_intelligence(make_intelligence(options.intelligence)), m_database(environment.connect()),
      m_schema(read_schema(m_database, options.source)) {}

void ImportStore::refuse(long line, const std::string& why) {
    constexpr long k_max_told = 20;
    if (m_result.counts.refused++ < k_max_told)
        m_environment.report_error(
            fmt::format("{}: {} {}: {}", printable(m_options.path), place(), line, why));
}

// What has an address or a hash in common with an article before it waits for the next round, so that it is
// compared with what was stored, and nothing depends on what was read together.
void ImportStore::add(const std::string& source, std::vector<importer::Record> records) {
    for (auto& record : records) collect::complete_import(record.article, record.discovered_at);
    while (!records.empty()) {
        auto round = make_round(records);
        if (!look_up(source, round) || round.lines.empty()) continue;
        m_options.dry_run ? foresee(source, round) : write(source, round);
    }
}

ImportStore::Round ImportStore::make_round(std::vector<importer::Record>& records) const {
    Round round;
    std::vector<importer::Record> later;
    std::unordered_set<std::string> marks;
    for (auto& record : records) {
        const auto& article = record.article;
        const bool is_alike =
            marks.contains(article.url) || std::ranges::any_of(article.hashes, [&](const std::string& hash) {
                return marks.contains(hash);
            });
        if (is_alike) {
            later.push_back(std::move(record));
            continue;
        }
        marks.insert(article.url);
        marks.insert(article.hashes.begin(), article.hashes.end());
        round.lines.push_back(record.line);
        round.record.articles.push_back(std::move(record.article));
    }
    records = std::move(later);
    return round;
}

bool ImportStore::look_up(const std::string& source, Round& round) {
    auto& record = round.record;
    if (m_options.restore_deleted) record.deleted = store::DeletedArticles::come_back;
    for (std::size_t i = 0; i < record.articles.size(); ++i)
        record.seen.push_back(collect::make_import_entry(record.articles[i], i));
    store::KnownArticles known;
    std::string fault;
    {
        db::Transaction tx(m_database, db::Access::read_only);
        m_has_source = store::find_source(tx, m_schema, source).has_value();
        if (!m_has_source) fault = find_source_fault(tx, source);
        if (fault.empty()) known = store::find_known_articles(tx, record);
    }
    if (fault.empty()) return keep_new(round, known), true;
    for (const auto line : round.lines) refuse(line, fault);
    return false;
}

void ImportStore::keep_new(Round& round, const store::KnownArticles& known) {
    Round fresh;
    fresh.record.deleted = round.record.deleted;
    for (std::size_t i = 0; i < round.lines.size(); ++i) {
        auto& article = round.record.articles[i];
        if (known.holders[i] || is_foreseen(article)) {
            ++m_result.counts.duplicate;
            log::info("{} {}: {} is there already", place(), round.lines[i], printable(article.url));
        } else if (known.deleted.contains(i)) {
            ++m_result.counts.deleted;
            log::info("{} {}: {} was deleted here", place(), round.lines[i], printable(article.url));
        } else {
            auto& seen = fresh.record.seen.emplace_back(std::move(round.record.seen[i]));
            seen.candidate = fresh.record.articles.size();
            fresh.lines.push_back(round.lines[i]);
            fresh.record.articles.push_back(std::move(article));
        }
    }
    round = std::move(fresh);
}

bool ImportStore::is_foreseen(const Article& article) const {
    return m_options.dry_run && !m_foreseen.empty() &&
           (m_foreseen.contains(key_of_url(article.url)) ||
            std::ranges::any_of(article.hashes,
                                [&](const std::string& hash) { return m_foreseen.contains(key_of(hash)); }));
}

void ImportStore::foresee(const std::string& source, const Round& round) {
    for (const auto& article : round.record.articles) {
        m_foreseen.insert(key_of_url(article.url));
        m_foreseen.insert(key_of(article.hashes[0]));
    }
    m_result.counts.stored += static_cast<long>(round.lines.size());
    note_source(source);
}

// Another session that holds a lock for long is waited for three times.
void ImportStore::write(const std::string& source, Round& round) {
    constexpr int k_max_tries = 3;
    const pipeline::StepTools tools{m_intelligence.get(), m_schema.generation == db::Generation::web_2025};
    for (auto& article : round.record.articles) pipeline::run_steps(tools, article);
    store::Recorded recorded;
    const auto spec = make_spec(source, round.record.articles.front().url,
                                m_file.describe_source(source).value_or(importer::SourceDescription()));
    const auto record = [&](db::Transaction& tx) {
        round.record.source_id = get_or_insert_source(tx, m_schema, spec);
        recorded = store::record_import(tx, m_schema, round.record);
    };
    for (int tries = 1;; ++tries) {
        try {
            db::with_retry(m_database, record);
            break;
        } catch (const db::LockTimeout&) {
            if (tries == k_max_tries || m_environment.is_stopped()) throw;
        }
    }
    note_source(source);
    count(round, recorded);
}

void ImportStore::index() try {
    collect::catch_up(m_database, m_schema, pipeline::get_step("words"), m_environment.stop);
} catch (const db::LockTimeout& error) {
    log::info("not every article is indexed now: {}", error.what());
}

void ImportStore::count(const Round& round, const store::Recorded& recorded) {
    auto& counts = m_result.counts;
    const auto refused = std::ssize(recorded.refused);
    counts.stored += recorded.count;
    counts.deleted += recorded.deleted;
    counts.duplicate += std::ssize(round.lines) - recorded.count - recorded.deleted - refused;
    for (const auto& [index, why] : recorded.refused)
        refuse(round.lines[index], fmt::format("the database refuses it: {}", printable(why)));
}

void ImportStore::note_source(const std::string& source) {
    auto& made = m_result.new_sources;
    if (!m_has_source && std::ranges::find(made, source) == made.end()) made.push_back(source);
}
}
