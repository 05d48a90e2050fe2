#include "core/ops/sources/source_changes.hpp"

#include "core/base/text.hpp"
#include "core/ops/sources/named_sources.hpp"
#include "core/sources/config.hpp"
#include "core/sources/config_review.hpp"
#include "core/sources/spec.hpp"

#include <fmt/format.h>
#include <utility>

namespace cti::ops {
namespace {

void require(const std::string& what, const std::string& problem) {
    if (!problem.empty())
        throw Error{ExitCode::usage, fmt::format("{} {}", what, problem),
                    "'cti sources add --help' shows what a source is made of."};
}

int seconds_of(const std::string& text) {
    const auto duration = parse_duration(text);
    if (!duration)
        throw Error{ExitCode::usage, fmt::format("--check-frequency: '{}' is no duration", text),
                    "Write 1800, 30m or 2h."};
    require("--check-frequency", sources::check_range(duration->count(), sources::k_min_check_frequency_s,
                                                      sources::k_max_check_frequency_s));
    return static_cast<int>(duration->count());
}

// What is a column of the source, or an option: below `config` nobody would read it.
void refuse_column(const std::string& setting) {
    static constexpr std::pair<std::string_view, const char*> columns[] = {
        {"active", "'cti sources enable ID' and 'cti sources disable ID' do that."},
        {"rss_url", "Give it as --rss-url URL."},
        {"url", "Give it as --url URL."},
        {"name", "Give it as --name NAME."}};
    for (const auto& [column, hint] : columns)
        if (setting.substr(0, setting.find('=')) == column)
            throw Error{ExitCode::usage, fmt::format("--set: '{}' is no key of a source's config", column),
                        hint};
}

// The same rules as for sources.yaml; `config_json` is what the settings are put into.
SourceSpec to_spec(const SourceOptions& options, const std::string& config_json) {
    auto spec = options.spec;
    if (!spec.name.empty()) require("the name", sources::check_name(spec.name));
    if (!spec.url.empty()) require("the address", sources::check_http_url(spec.url));
    if (spec.rss_url && !spec.rss_url->empty()) require("--rss-url", sources::check_http_url(*spec.rss_url));
    sources::separate_logins(spec);
    if (options.check_frequency) spec.check_frequency_s = seconds_of(*options.check_frequency);
    if (!options.settings.empty()) spec.config_json = config_json;
    for (const auto& setting : options.settings) refuse_column(setting);
    for (const auto& setting : options.settings)
        spec.config_json = sources::set_config_key(spec.config_json, setting);
    for (const auto& problem : sources::check_config(spec.config_json))
        require(fmt::format("--set {}:", problem.key), problem.message);
    return spec;
}

void warn_of_spec(const Environment& environment, const SourceSpec& spec) {
    for (const auto& note : sources::review_config(spec.config_json))
        environment.warn(fmt::format("source '{}': {}", spec.identifier, note.message));
    for (const auto& [field, login] :
         {std::pair{"url", &spec.url_login}, std::pair{"rss_url", &spec.rss_login}})
        if (!login->empty())
            environment.warn(
                fmt::format("source '{}': '{}' {}", spec.identifier, field, sources::k_login_is_stored));
}

bool says_nothing(const SourceOptions& options) {
    const auto& spec = options.spec;
    return spec.name.empty() && spec.url.empty() && !spec.rss_url && !options.check_frequency &&
           !spec.lookback_days && !spec.tier && !spec.weight && options.settings.empty();
}

// What somebody agreed to lose; nothing where nobody did.
std::optional<store::SourceContents> agree(db::Database& database, const RemoveOptions& options) {
    Source row;
    store::SourceContents contents;
    {
        db::Transaction tx(database, db::Access::read_only);
        row = get_source(tx, db::read_schema(tx), options.identifier);
        contents = store::count_contents(tx, row.id);
    }
    if (options.may_remove && !options.may_remove(row, contents)) return {};
    return contents;
}

// People take their time to answer, and the web service goes on.
void require_agreed(const store::SourceContents& removed, const store::SourceContents& agreed) {
    for (const auto& [table, rows] : removed.others)
        if (!agreed.others.contains(table))
            throw Error{
                ExitCode::failure,
                fmt::format("rows of {} have come to refer to the source meanwhile: nothing was removed",
                            printable(table)),
                "Try again."};
}
}

int add_source(const Environment& environment, const SourceOptions& options) {
    require("the id", sources::check_identifier(options.spec.identifier));
    require("the name", sources::check_name(options.spec.name));
    require("the address", sources::check_http_url(options.spec.url));
    const auto spec = to_spec(options, "{}");
    if (sources::is_reserved_identifier(spec.identifier))
        throw Error{ExitCode::usage, fmt::format("the id '{}' belongs to the web service", spec.identifier)};
    warn_of_spec(environment, spec);
    auto database = environment.connect();
    int id = 0;
    db::with_retry_until_commit(
        database, [&](db::Transaction& tx) { id = store::insert_source(tx, db::read_schema(tx), spec); });
    return id;
}

std::vector<sources::FieldChange> edit_source(const Environment& environment, const SourceOptions& options) {
    if (says_nothing(options))
        throw Error{ExitCode::usage, "nothing to change",
                    "Name what to change, for example --rss-url URL or --name NAME."};
    to_spec(options, "{}"); // Wrong options are told before a database is asked for.
    auto database = environment.connect();
    std::vector<sources::FieldChange> changes;
    SourceSpec edited;
    db::with_retry(database, [&](db::Transaction& tx) {
        const auto schema = db::read_schema(tx);
        const auto row = get_source(tx, schema, options.spec.identifier);
        auto spec = to_spec(options, row.config_json);
        edited = spec;
        changes = sources::compare_fields(row, spec, sources::ActiveFrom::database);
        if (!options.settings.empty())
            store::set_config(tx, schema, row.id, std::exchange(spec.config_json, "{}"));
        store::update_source(tx, schema, row.id, spec, false);
    });
    warn_of_spec(environment, edited);
    return changes;
}

std::vector<SwitchedSource> switch_sources(const Environment& environment,
                                           const std::vector<std::string>& identifiers, bool active) {
    auto database = environment.connect();
    std::vector<SwitchedSource> switched;
    db::with_retry_until_commit(database, [&](db::Transaction& tx) {
        switched.clear();
        const auto schema = db::read_schema(tx);
        for (const auto& identifier : identifiers) {
            const auto row = get_source(tx, schema, identifier);
            switched.push_back({identifier, row.active == active});
            if (row.active != active) store::set_active(tx, schema, row.id, active);
        }
    });
    return switched;
}

std::optional<store::SourceContents> remove_source(const Environment& environment,
                                                   const RemoveOptions& options) {
    auto database = environment.connect();
    const auto agreed = agree(database, options);
    if (!agreed) return {};
    store::SourceContents removed;
    db::with_retry_until_commit(database, [&](db::Transaction& tx) {
        const auto row = get_source(tx, db::read_schema(tx), options.identifier);
        removed = store::remove_source(tx, row.id);
        if (options.may_remove) require_agreed(removed, *agreed);
    });
    return removed;
}
}
