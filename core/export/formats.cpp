#include "core/export/formats.hpp"

#include "core/base/text.hpp"
#include "core/export/ascii_names.hpp"
#include "core/export/writers.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace cti::exporter {
namespace {
constexpr Format k_formats[] = {
    {"json", "one JSON array, newest article first", "json", needs_json, make_json},
    {"ndjson", "one JSON object a line", "ndjson", needs_json, make_ndjson},
    {"csv", "RFC 4180 with a header line, for spreadsheets", "csv", needs_csv, make_csv},
    {"stix", "STIX 2.1 bundle: reports and what they name", "json", needs_stix, make_stix},
    {"misp", "one MISP event, or a MISP feed as a folder", "json", needs_misp, make_misp, make_misp_feed},
    {"suricata", "Suricata rules for domains, URLs and addresses", "rules", needs_suricata, make_suricata},
    {"ecs", "indicators for Elasticsearch, one JSON document a line", "ndjson", needs_ecs, make_ecs},
    {"zeek", "indicators for Zeek's intelligence framework", "intel", needs_zeek, make_zeek},
    {"list", "one indicator a line, for firewalls and Pi-hole", "txt", needs_list, make_list},
    {"atom", "the articles as a feed", "atom", needs_atom, make_atom, nullptr, true},
    {"markdown", "a digest of the period, for people", "md", needs_digest, make_markdown, nullptr, true},
    {"html", "the same as a page or a mail", "html", needs_digest, make_html, nullptr, true},
};

// "2026-11-03-heron-quiet-heron-returns-17.json": by date in a listing, and never anything but a name.
std::string file_name(const StoredArticle& article, std::string_view extension) {
    constexpr std::size_t longest = 80;
    std::string name = format_rfc3339(article.published_at).substr(0, 10) + '-';
    for (const char c : ascii_lower(article.source + '-' + article.title)) {
        if (is_ascii_alpha(c) || is_ascii_digit(c))
            name += c;
        else if (name.back() != '-')
            name += '-';
        if (name.size() == longest) break;
    }
    if (name.back() != '-') name += '-';
    return fmt::format("{}{}.{}", name, article.id, extension);
}

class DocumentForEach : public FolderWriter {
public:
    DocumentForEach(const Format& format, Options options) : m_format(format), m_options(std::move(options)) {
        make_writer(m_format, m_options); // Says what is wrong with the options before anything is written.
    }
    File article(const StoredArticle& article) override {
        const auto writer = make_writer(m_format, m_options);
        File file{file_name(article, m_format.extension), ""};
        writer->begin(file.content);
        writer->article(file.content, article);
        writer->end(file.content);
        return file;
    }

private:
    const Format& m_format;
    Options m_options;
};
}

std::span<const Format> formats() { return k_formats; }

const Format* find_format(std::string_view name) {
    const auto* it = std::ranges::find(k_formats, name, &Format::name);
    return it == std::end(k_formats) ? nullptr : it;
}

namespace {
// "csv" of "of/a.csv.gz".
std::string_view ending_of(std::string_view name) {
    for (const std::string_view packed : {".gz", ".zst"})
        if (name.ends_with(packed)) name.remove_suffix(packed.size());
    name.remove_prefix(name.rfind('/') + 1);
    const auto dot = name.rfind('.');
    return dot == name.npos ? std::string_view() : name.substr(dot + 1);
}
}

const Format* find_format_of_file(std::string_view name) {
    auto ending = ending_of(name);
    if (ending.empty() || ending == "txt") return nullptr; // anything may be in it
    if (iequals(ending, "jsonl")) ending = "ndjson";
    const auto* it = std::ranges::find_if(
        k_formats, [&](const Format& format) { return iequals(format.extension, ending); });
    return it == std::end(k_formats) ? nullptr : it;
}

std::string find_near_ending(std::string_view name) {
    const auto ending = ascii_lower(ending_of(name));
    if (ending.size() < 2 || ending == "txt" || find_format_of_file(name) != nullptr) return {};
    for (const auto& format : k_formats)
        if (format.extension != "txt" && edit_distance(ending, format.extension) == 1)
            return std::string(format.extension);
    return {};
}

std::unique_ptr<Writer> make_writer(const Format& format, const Options& options) {
    auto writer = format.make(options);
    return format.is_for_people ? std::move(writer) : with_ascii_names(std::move(writer));
}

std::unique_ptr<FolderWriter> make_folder_writer(const Format& format, const Options& options) {
    if (format.make_folder != nullptr) return with_ascii_names(format.make_folder(options));
    return std::make_unique<DocumentForEach>(format, options);
}
}
