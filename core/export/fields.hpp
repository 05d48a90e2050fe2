#pragma once
#include "core/base/json.hpp"
#include "core/export/formats.hpp"

#include <span>

// What json, ndjson and csv can tell of an article or of an indicator: the names of --fields.
namespace cti::exporter {

// An indicator and the article that it stands in: what `--of indicators` counts.
struct Occurrence {
    const StoredArticle& article;
    const Finding& finding;
};

template <class Item>
struct Field {
    std::string_view name;
    void (*json)(JsonWriter& json, const Item& item); // one value
    void (*cell)(std::string& out,
                 const Item& item); // appends it to a cell of a table: lists are joined by "; "
    // Null: the key always stands in an object. Else only where this holds, unless it was asked for by name.
    bool (*is_there)(const Item& item) = nullptr;
};
std::span<const Field<StoredArticle>> article_fields();
std::span<const Field<Occurrence>> indicator_fields();

// Those that `options` ask for, or `standard` where they ask for none. Throws Error(usage) for an unknown
// one.
std::vector<Field<StoredArticle>> choose_article_fields(const Options& options,
                                                        std::span<const std::string_view> standard);
std::vector<Field<Occurrence>> choose_indicator_fields(const Options& options,
                                                       std::span<const std::string_view> standard);

// Whether any of the fields that would be chosen needs the article's text, its findings or its analyses.
Needs needs_of_fields(const Options& options, std::span<const std::string_view> standard);

// One JSON object on one line, no line end.
template <class Item>
void append_object(std::string& out, const std::vector<Field<Item>>& fields, const Item& item) {
    JsonWriter json(out);
    json.begin_object();
    for (const auto& field : fields)
        if (field.is_there == nullptr || field.is_there(item)) field.json(json.key(field.name), item);
    json.end_object();
}
}
