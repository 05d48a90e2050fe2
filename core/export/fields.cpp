#include "core/export/fields.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace cti::exporter {
namespace {

void or_null(JsonWriter& json, const std::string& text) { text.empty() ? json.null() : json.value(text); }
std::string cell(const std::string& text) { return text; }
std::string cell(const std::optional<std::string>& text) { return text.value_or(""); }
std::string cell(const std::vector<std::string>& list) { return join(list, "; "); }
std::string cell(int number) { return std::to_string(number); }
std::string cell(std::size_t number) { return std::to_string(number); }
template <class Number>
std::string cell(const std::optional<Number>& number) {
    return number ? fmt::format("{}", *number) : "";
}
bool is_defanged(const Finding& finding) { return finding.reading == "defanged"; }

// What an article's object says of its indicators; `--of indicators` says all.
void write_findings(JsonWriter& json, const StoredArticle& article) {
    json.begin_array();
    for (const auto& finding : article.findings) {
        json.begin_object().member("type", finding.type).member("value", finding.value);
        json.member("original", finding.original).member("start", finding.start).member("end", finding.end);
        json.member("in_title", finding.in_title)
            .member("defanged", is_defanged(finding))
            .member("count", finding.count);
        json.member_or_null("verdict", finding.verdict).end_object();
    }
    json.end_array();
}
std::string finding_cells(const StoredArticle& article) {
    std::vector<std::string> values;
    for (const auto& finding : article.findings) values.push_back(finding.value);
    return join(values, "; ");
}

// NOLINTBEGIN(cppcoreguidelines-macro-usage): a member's name and how both forms show it, once.
#define CTI_FIELD(name, type, expression)                                                                    \
    Field<type> {                                                                                            \
        name, [](JsonWriter& json, const type& item) { json.value(expression); },                            \
            [](const type& item) { return cell(expression); }                                                \
    }
#define CTI_FIELD_OR_NULL(name, type, expression)                                                            \
    Field<type> {                                                                                            \
        name, [](JsonWriter& json, const type& item) { or_null(json, expression); },                         \
            [](const type& item) { return cell(expression); }                                                \
    }

constexpr Field<StoredArticle> k_article_fields[] = {
    CTI_FIELD("id", StoredArticle, item.id),
    CTI_FIELD("source_id", StoredArticle, item.source_id),
    CTI_FIELD_OR_NULL("source", StoredArticle, item.source),
    CTI_FIELD("title", StoredArticle, item.title),
    CTI_FIELD("url", StoredArticle, item.url),
    CTI_FIELD("published_at", StoredArticle, format_rfc3339(item.published_at)),
    CTI_FIELD("authors", StoredArticle, item.authors),
    CTI_FIELD("tags", StoredArticle, item.tags),
    CTI_FIELD("summary", StoredArticle, item.summary),
    CTI_FIELD("content", StoredArticle, item.content),
    CTI_FIELD("discovered_at", StoredArticle, format_rfc3339(item.discovered_at)),
    CTI_FIELD("word_count", StoredArticle, item.word_count),
    CTI_FIELD("threat_hunting_score", StoredArticle, item.threat_hunting_score),
    {"indicators", write_findings, finding_cells},
};

constexpr Field<Occurrence> k_indicator_fields[] = {
    CTI_FIELD("type", Occurrence, item.finding.type),
    CTI_FIELD("value", Occurrence, item.finding.value),
    CTI_FIELD("original", Occurrence, item.finding.original),
    {"defanged", [](JsonWriter& json, const Occurrence& item) { json.value(is_defanged(item.finding)); },
     [](const Occurrence& item) { return std::string(is_defanged(item.finding) ? "true" : "false"); }},
    CTI_FIELD_OR_NULL("verdict", Occurrence, item.finding.verdict),
    CTI_FIELD("reading", Occurrence, item.finding.reading),
    CTI_FIELD("count", Occurrence, item.finding.count),
    CTI_FIELD("sentence", Occurrence, item.finding.sentence),
    CTI_FIELD("start", Occurrence, item.finding.start),
    CTI_FIELD("end", Occurrence, item.finding.end),
    {"in_title", [](JsonWriter& json, const Occurrence& item) { json.value(item.finding.in_title); },
     [](const Occurrence& item) { return std::string(item.finding.in_title ? "true" : "false"); }},
    CTI_FIELD("article_id", Occurrence, item.article.id),
    CTI_FIELD_OR_NULL("source", Occurrence, item.article.source),
    CTI_FIELD("title", Occurrence, item.article.title),
    CTI_FIELD("url", Occurrence, item.article.url),
    CTI_FIELD("published_at", Occurrence, format_rfc3339(item.article.published_at)),
};
#undef CTI_FIELD
#undef CTI_FIELD_OR_NULL
// NOLINTEND(cppcoreguidelines-macro-usage)

template <class Item>
Field<Item> get_field(std::span<const Field<Item>> all, std::string_view name) {
    const auto found = std::ranges::find(all, name, &Field<Item>::name);
    if (found != all.end()) return *found;
    std::vector<std::string> names;
    for (const auto& field : all) names.emplace_back(field.name);
    const auto near = closest(name, names);
    throw Error{ExitCode::usage, fmt::format("unknown field '{}'", printable(name)),
                near.empty() ? fmt::format("There are {}.", join(names, ", "))
                             : fmt::format("Did you mean '{}'?", near)};
}

template <class Item>
std::vector<Field<Item>> choose(std::span<const Field<Item>> all, const Options& options,
                                std::span<const std::string_view> standard) {
    std::vector<Field<Item>> fields;
    if (options.fields.empty())
        for (const auto name : standard) fields.push_back(get_field(all, name));
    for (const auto& name : options.fields) fields.push_back(get_field<Item>(all, name));
    return fields;
}
}

std::span<const Field<StoredArticle>> article_fields() { return k_article_fields; }
std::span<const Field<Occurrence>> indicator_fields() { return k_indicator_fields; }

std::vector<Field<StoredArticle>> choose_article_fields(const Options& options,
                                                        std::span<const std::string_view> standard) {
    auto fields = choose(article_fields(), options, standard);
    if (!options.content)
        for (auto& field : fields)
            if (field.name == "content")
                field.json = [](JsonWriter& json, const StoredArticle&) { json.null(); };
    return fields;
}

std::vector<Field<Occurrence>> choose_indicator_fields(const Options& options,
                                                       std::span<const std::string_view> standard) {
    return choose(indicator_fields(), options, standard);
}

Needs needs_of_fields(const Options& options, std::span<const std::string_view> standard) {
    if (options.of == Of::indicators) return {.content = false, .findings = true};
    Needs needs;
    for (const auto& field : choose(article_fields(), options, standard)) {
        needs.content |= field.name == "content" && options.content;
        needs.findings |= field.name == "indicators";
    }
    return needs;
}
}
