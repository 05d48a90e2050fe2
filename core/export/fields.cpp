#include "core/export/fields.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/export/analyses.hpp"

#include <algorithm>
#include <fmt/compile.h>
#include <fmt/format.h>
#include <iterator>

namespace cti::exporter {
namespace {

void or_null(JsonWriter& json, std::string_view text) { text.empty() ? json.null() : json.value(text); }
void append(std::string& cell, std::string_view text) { cell += text; }
void append(std::string& cell, const std::vector<std::string>& list) {
    for (const auto& item : list) {
        if (&item != &list.front()) cell += "; ";
        cell += item;
    }
}
void append(std::string& cell, std::size_t number) {
    fmt::format_to(std::back_inserter(cell), FMT_COMPILE("{}"), number);
}
void append(std::string& cell, int number) {
    fmt::format_to(std::back_inserter(cell), FMT_COMPILE("{}"), number);
}
template <class Number>
void append(std::string& cell, const std::optional<Number>& number) {
    if (number) fmt::format_to(std::back_inserter(cell), FMT_COMPILE("{}"), *number);
}
bool is_defanged(const Finding& finding) { return finding.reading == IndicatorReading::defanged; }

// What an article's object says of its indicators; `--of indicators` says all.
void write_findings(JsonWriter& json, const StoredArticle& article) {
    json.begin_array();
    for (const auto& finding : article.findings) {
        json.begin_object().member("type", finding.type.name()).member("value", finding.value);
        json.member("original", finding.original).member("start", finding.start).member("end", finding.end);
        json.member("in_title", finding.in_title)
            .member("defanged", is_defanged(finding))
            .member("count", finding.count);
        json.member_or_null("verdict", finding.verdict.name()).end_object();
    }
    json.end_array();
}
void append_findings(std::string& cell, const StoredArticle& article) {
    for (const auto& finding : article.findings) {
        if (&finding != &article.findings.front()) cell += "; ";
        cell += finding.value;
    }
}
void append_flag(std::string& cell, bool flag) { cell += flag ? "true" : "false"; }

// NOLINTBEGIN(cppcoreguidelines-macro-usage): a member's name and how both forms show it, once.
#define CTI_FIELD(name, type, expression)                                                                    \
    Field<type> {                                                                                            \
        name, [](JsonWriter& json, const type& item) { json.value(expression); },                            \
            [](std::string& cell, const type& item) { append(cell, expression); }                            \
    }
#define CTI_FIELD_OR_NULL(name, type, expression)                                                            \
    Field<type> {                                                                                            \
        name, [](JsonWriter& json, const type& item) { or_null(json, expression); },                         \
            [](std::string& cell, const type& item) { append(cell, expression); }                            \
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
    {"indicators", write_findings, append_findings},
    {"analyses", write_analyses, append_analyses,
     [](const StoredArticle& article) { return !article.analyses.empty(); }},
};

constexpr Field<Occurrence> k_indicator_fields[] = {
    CTI_FIELD("type", Occurrence, item.finding.type.name()),
    CTI_FIELD("value", Occurrence, item.finding.value),
    CTI_FIELD("original", Occurrence, item.finding.original),
    {"defanged", [](JsonWriter& json, const Occurrence& item) { json.value(is_defanged(item.finding)); },
     [](std::string& cell, const Occurrence& item) { append_flag(cell, is_defanged(item.finding)); }},
    CTI_FIELD_OR_NULL("verdict", Occurrence, item.finding.verdict.name()),
    CTI_FIELD("reading", Occurrence, item.finding.reading.name()),
    CTI_FIELD("count", Occurrence, item.finding.count),
    CTI_FIELD("sentence", Occurrence, item.finding.sentence),
    CTI_FIELD("start", Occurrence, item.finding.start),
    CTI_FIELD("end", Occurrence, item.finding.end),
    {"in_title", [](JsonWriter& json, const Occurrence& item) { json.value(item.finding.in_title); },
     [](std::string& cell, const Occurrence& item) { append_flag(cell, item.finding.in_title); }},
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
    for (const auto& name : options.fields) {
        fields.push_back(get_field<Item>(all, name));
        fields.back().is_there = nullptr;
    }
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
    if (options.of == Subject::indicators)
        return {.content = false, .findings = true, .score = false, .discovered_at = false};
    Needs needs{.content = false, .findings = false, .score = false, .discovered_at = false};
    for (const auto& field : choose(article_fields(), options, standard)) {
        needs.content |= field.name == "content" && options.content;
        needs.findings |= field.name == "indicators";
        needs.analyses |= field.name == "analyses";
        needs.score |= field.name == "threat_hunting_score";
        needs.discovered_at |= field.name == "discovered_at";
    }
    return needs;
}
}
