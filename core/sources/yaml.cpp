#include "core/sources/yaml.hpp"

#include "core/base/text.hpp"
#include "core/sources/config.hpp"
#include "core/sources/config_review.hpp"
#include "core/sources/spec.hpp"
#include "core/sources/yaml_json.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fmt/format.h>
#include <map>
#include <set>

namespace cti::sources {
namespace {

using Json = nlohmann::ordered_json;

const std::vector<std::string> k_top_keys = {"version", "sources"};
const std::vector<std::string> k_scope_keys = {"allow", "post_url_regex"};
const std::vector<std::string> k_source_keys = {
    "id",     "name",        "url",   "rss_url",   "check_frequency", "lookback_days",    "active", "tier",
    "weight", "description", "scope", "discovery", "extract",         "content_selector", "config"};
// Seen in files of the web service; named here so that a warning can say where they belong.
const std::vector<std::string> k_config_keys = {"allow",
                                                "post_url_regex",
                                                "robots",
                                                "wp_json",
                                                "min_content_length",
                                                "min_word_count",
                                                "title_filter_keywords",
                                                "rss_only",
                                                "use_playwright",
                                                "playwright_profile",
                                                "archive_pages",
                                                "archive_url_pattern",
                                                "max_archive_pages",
                                                "image_ocr_enabled",
                                                "collection_days",
                                                "categories",
                                                "filter",
                                                "kind",
                                                "fetch"};

bool contains(const std::vector<std::string>& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

class Loader {
public:
    explicit Loader(std::string file) : m_file(std::move(file)) {}

    LoadResult load(std::string_view text) {
        const auto document = parse_yaml(text);
        if (document.error.empty())
            read_root(document.root);
        else
            error(document.error_line, document.error);
        return std::move(m_result);
    }

private:
    void error(int line, std::string message) {
        m_result.errors.push_back({m_file, line, std::move(message)});
    }
    void warn(int line, std::string message) {
        m_result.warnings.push_back({m_file, line, std::move(message)});
    }
    void field_error(int line, std::string_view field, std::string_view message) {
        error(line, fmt::format("{}'{}' {}", m_where, field, message));
    }

    void read_root(const YamlNode& root) {
        if (root.is_null()) return error(0, "the file is empty");
        if (!root.is_mapping())
            return error(root.line, "must be a mapping with 'version' and 'sources', not " + describe(root));
        check_keys(root, k_top_keys, "");
        const auto* const version = root.find("version");
        if (version && version->text != "1.0")
            error(version->line, fmt::format("'version' must be \"1.0\", not {}", describe(*version)));
        const auto* const list = root.find("sources");
        if (!list) return error(root.line, "'sources' is missing");
        if (!list->is_sequence())
            return error(list->line, "'sources' must be a list, not " + describe(*list));
        if (list->items.empty()) warn(list->line, "'sources' is empty");
        for (const auto& item : list->items) read_source(item);
    }

    void read_source(const YamlNode& node) {
        m_where.clear();
        if (!node.is_mapping()) return error(node.line, "a source must be a mapping, not " + describe(node));
        SourceSpec spec;
        spec.file = m_file;
        spec.line = node.line;
        spec.identifier = read_required(node, "id", check_identifier);
        if (!spec.identifier.empty()) m_where = fmt::format("source '{}': ", spec.identifier);
        check_keys(node, k_source_keys, m_where);
        spec.name = read_required(node, "name", check_name);
        spec.url = read_required(node, "url", check_http_url);
        spec.rss_url = read_rss_url(node);
        take_logins(node, spec);
        spec.check_frequency_s =
            read_whole(node, "check_frequency", k_min_check_frequency_s, k_max_check_frequency_s);
        spec.lookback_days = read_whole(node, "lookback_days", k_min_lookback_days, k_max_lookback_days);
        spec.tier = read_whole(node, "tier", k_min_tier, k_max_tier);
        spec.weight = read_weight(node);
        spec.active = read_bool(node, "active");
        spec.config_json = read_config(node);
        keep(std::move(spec));
    }

    void keep(SourceSpec spec) {
        if (spec.identifier.empty()) return;
        if (is_reserved_identifier(spec.identifier))
            return warn(spec.line, m_where + "belongs to the web service and is left alone");
        const auto [first, is_new] = m_lines.emplace(spec.identifier, spec.line);
        if (!is_new)
            return error(spec.line,
                         fmt::format("{}the id stands twice, first on line {}", m_where, first->second));
        m_result.sources.push_back(std::move(spec));
    }

    void check_keys(const YamlNode& mapping, const std::vector<std::string>& known, std::string_view where) {
        std::set<std::string_view> seen;
        for (const auto& [key, value] : mapping.members) {
            if (key.kind != YamlNode::Kind::scalar) {
                warn(key.line, fmt::format("{}a key that is no text is ignored", where));
            } else if (!contains(known, key.text)) {
                warn(key.line, fmt::format("{}unknown key '{}' is ignored{}", where, key.text,
                                           advice(key.text, known)));
            } else if (!seen.insert(key.text).second) {
                warn(key.line, fmt::format("{}'{}' stands twice, the last one is taken", where, key.text));
            }
        }
    }

    static std::string advice(const std::string& key, const std::vector<std::string>& known) {
        if (&known == &k_source_keys && contains(k_config_keys, key))
            return fmt::format(" (it belongs below 'config')");
        const auto near = closest(key, known);
        return near.empty() ? "" : fmt::format(" (did you mean '{}'?)", near);
    }

    // The text, or nothing where the node is none.
    std::optional<std::string> read_text(const YamlNode& node, std::string_view field) {
        const bool is_text = node.kind == YamlNode::Kind::scalar &&
                             (node.quoted || std::holds_alternative<IsText>(resolve_scalar(node.text)));
        if (is_text) return node.text;
        const auto* const hint = node.kind == YamlNode::Kind::scalar ? " (put it in quotes)" : "";
        field_error(node.line, field, fmt::format("must be a text, not {}{}", describe(node), hint));
        return {};
    }

    std::string read_required(const YamlNode& source, std::string_view field,
                              std::string (*check)(std::string_view)) {
        const auto* const node = source.find(field);
        if (!node || node->is_null()) {
            field_error(node ? node->line : source.line, field, "is missing");
            return {};
        }
        const auto text = read_text(*node, field);
        if (!text) return {};
        const auto problem = check(*text);
        if (problem.empty()) return *text;
        field_error(node->line, field, problem);
        return {};
    }

    std::optional<std::string> read_rss_url(const YamlNode& source) {
        const auto* const node = source.find("rss_url");
        if (!node) return {};
        if (node->is_null()) return "";
        auto text = read_text(*node, "rss_url");
        if (!text || text->empty()) return text;
        if (const auto problem = check_http_url(*text); !problem.empty())
            field_error(node->line, "rss_url", problem);
        return text;
    }

    void take_logins(const YamlNode& source, SourceSpec& spec) {
        separate_logins(spec);
        if (!spec.url_login.empty()) warn_of_login(source, "url");
        if (!spec.rss_login.empty()) warn_of_login(source, "rss_url");
    }

    void warn_of_login(const YamlNode& source, const char* field) {
        warn(source.find(field)->line, fmt::format("{}'{}' {}", m_where, field, k_login_is_stored));
    }

    // The scalar of that name that is not null.
    const YamlNode* find_value(const YamlNode& source, std::string_view field) {
        const auto* const node = source.find(field);
        return node && !node->is_null() ? node : nullptr;
    }

    std::optional<int> read_whole(const YamlNode& source, std::string_view field, long least, long most) {
        const auto* const node = find_value(source, field);
        if (!node) return {};
        const auto scalar = meaning_of(*node);
        const auto* const number = std::get_if<std::int64_t>(&scalar);
        const auto problem = number ? check_range(*number, least, most)
                                    : fmt::format("must be a whole number, not {}", describe(*node));
        if (problem.empty()) return static_cast<int>(*number);
        field_error(node->line, field, problem);
        return {};
    }

    std::optional<bool> read_bool(const YamlNode& source, std::string_view field) {
        const auto* const node = find_value(source, field);
        if (!node) return {};
        const auto scalar = meaning_of(*node);
        if (const auto* const flag = std::get_if<bool>(&scalar)) return *flag;
        field_error(node->line, field, fmt::format("must be true or false, not {}", describe(*node)));
        return {};
    }

    std::optional<double> read_weight(const YamlNode& source) {
        const auto* const node = find_value(source, "weight");
        if (!node) return {};
        const auto scalar = meaning_of(*node);
        double weight = std::nan("");
        if (const auto* const real = std::get_if<double>(&scalar)) weight = *real;
        if (const auto* const whole = std::get_if<std::int64_t>(&scalar))
            weight = static_cast<double>(*whole);
        if (weight >= 0 && weight <= k_max_weight) return weight;
        field_error(node->line, "weight",
                    fmt::format("must be from 0 to {}, not {}", k_max_weight, describe(*node)));
        return {};
    }

    // The legacy keys first, so that `config`, the newer form, wins.
    std::string read_config(const YamlNode& source) {
        auto config = Json::object();
        m_config_lines.clear();
        if (const auto* const scope = find_mapping(source, "scope")) {
            check_keys(*scope, k_scope_keys, m_where);
            for (const auto& key : k_scope_keys)
                if (const auto* const node = find_value(*scope, key)) put(config, key, *node);
        }
        for (const auto* key : {"discovery", "extract", "content_selector"})
            if (const auto* const node = find_value(source, key)) put(config, key, *node);
        if (const auto* const inner = find_mapping(source, "config")) {
            const auto newer = convert(*inner);
            for (const auto& [key, value] : newer.items()) config[key] = value;
            for (const auto& [key, value] : inner->members) m_config_lines[key.text] = value.line;
        }
        normalise_patterns(config);
        auto text = config.dump(-1, ' ', false, Json::error_handler_t::replace);
        for (const auto& problem : check_config(text))
            field_error(m_config_lines[problem.key], problem.key, problem.message);
        for (const auto& note : review_config(text)) warn(line_of(source, note.path), m_where + note.message);
        return text;
    }

    // A path of the config stands below `config`; in the older form at the source or below its `scope`.
    static int line_of(const YamlNode& source, const std::vector<std::string>& path) {
        for (const auto* scope : {source.find("config"), &source, source.find("scope")})
            if (scope && !path.empty() && scope->find(path.front())) return line_below(*scope, path);
        return source.line;
    }

    static int line_below(const YamlNode& scope, const std::vector<std::string>& path) {
        const auto* node = &scope;
        int line = scope.line;
        for (const auto& step : path) {
            if (node->is_mapping()) {
                line = key_line(*node, step).value_or(line);
                node = node->find(step);
            } else if (node->is_sequence()) {
                const auto place = std::strtoul(step.c_str(), nullptr, 10);
                node = place < node->items.size() ? &node->items[place] : nullptr;
                if (node) line = node->line;
            } else {
                break;
            }
            if (!node) break;
        }
        return line;
    }

    static std::optional<int> key_line(const YamlNode& mapping, const std::string& name) {
        for (const auto& [key, value] : mapping.members)
            if (key.text == name) return key.line;
        return {};
    }

    const YamlNode* find_mapping(const YamlNode& source, std::string_view field) {
        const auto* const node = find_value(source, field);
        if (!node || node->is_mapping()) return node;
        field_error(node->line, field, fmt::format("must be a mapping, not {}", describe(*node)));
        return nullptr;
    }

    void put(Json& config, const std::string& key, const YamlNode& node) {
        m_config_lines[key] = node.line;
        config[key] = convert(node);
    }

    Json convert(const YamlNode& node) {
        std::vector<JsonProblem> problems;
        auto json = to_json(node, problems);
        for (const auto& problem : problems) error(problem.line, m_where + problem.message);
        return json;
    }

    // Files written for double-quoted strings hold \\. where \. is meant; no address has a backslash to
    // match.
    static void normalise_patterns(Json& config) {
        const auto patterns = config.find("post_url_regex");
        if (patterns == config.end() || !patterns->is_array()) return;
        for (auto& pattern : *patterns)
            if (pattern.is_string()) pattern = halve_backslashes(pattern.get_ref<const std::string&>());
    }

    static std::string halve_backslashes(const std::string& text) {
        std::string out;
        for (std::size_t i = 0; i < text.size(); ++i) {
            out += text[i];
            if (text.compare(i, 2, "\\\\") == 0) ++i;
        }
        return out;
    }

    std::string m_file;
    std::string m_where; // "source 'talos': "
    LoadResult m_result;
    std::map<std::string, int> m_lines, m_config_lines;
};
}

std::string to_string(const Problem& problem) {
    if (problem.line == 0) return fmt::format("{}: {}", problem.file, problem.message);
    return fmt::format("{}: line {}: {}", problem.file, problem.line, problem.message);
}

LoadResult load_sources(std::string_view text, std::string file_name) {
    return Loader(std::move(file_name)).load(text);
}

void append(LoadResult& all, LoadResult next) {
    std::map<std::string_view, const SourceSpec*> known;
    for (const auto& spec : all.sources) known.emplace(spec.identifier, &spec);
    std::vector<SourceSpec> added;
    for (auto& spec : next.sources) {
        const auto found = known.find(spec.identifier);
        if (found == known.end()) {
            added.push_back(std::move(spec));
            continue;
        }
        const auto& first = *found->second;
        next.errors.push_back({spec.file, spec.line,
                               fmt::format("source '{}': the id stands twice, first in {} on line {}",
                                           spec.identifier, first.file, first.line)});
    }
    const auto move_into = [](auto& to, auto& from) {
        to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
    };
    move_into(all.sources, added);
    move_into(all.errors, next.errors);
    move_into(all.warnings, next.warnings);
}
}
