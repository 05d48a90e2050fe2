#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/export/analyses.hpp"
#include "core/export/harmless.hpp"
#include "core/export/platform_ids.hpp"
#include "core/export/stix_objects.hpp"
#include "core/export/writers.hpp"

#include <algorithm>
#include <fmt/format.h>

// A STIX 2.1 bundle (OASIS Standard, 2021): an identity for each source, a report for each article, or a note
// where nothing was found in it, and what the reports refer to. Observables have the ids of section 2.9, all
// others are of a namespace of our own. The bundle's own id stands after its objects, as it follows from
// them.
namespace cti::exporter {
namespace {

// TLP 2.0 is an extension of STIX 2.1; ids and time are those that OASIS has published.
constexpr std::string_view k_tlp_extension = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d";
constexpr std::string_view k_tlp_created = "2022-10-01T00:00:00.000Z";
std::string_view marking_id(Tlp tlp) {
    switch (tlp) {
    case Tlp::none: return "";
    case Tlp::clear: return "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487";
    case Tlp::green: return "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb";
    case Tlp::amber: return "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421";
    case Tlp::amber_strict: return "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003";
    case Tlp::red: return "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1";
    }
    return "";
}

// Milliseconds, as section 3.2 demands of created and modified; years of four digits.
std::string format_millis(Time time) {
    constexpr Time first = std::chrono::sys_days{std::chrono::year{1} / 1 / 1};
    constexpr Time last = std::chrono::sys_days{std::chrono::year{9999} / 12 / 31};
    return format_rfc3339_millis(std::clamp(time, first, last));
}

std::string upper(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    return out;
}

// Names that begin so are kept for the registries themselves, and need an id of theirs.
std::string reference_name(const StoredArticle& article) {
    const auto label = source_label(article);
    const bool is_kept = label.starts_with("cve") || label.ends_with("capec");
    return is_kept ? "source " + label : label;
}

class StixWriter : public Writer {
public:
    explicit StixWriter(const Options& options)
        : m_content(options.content), m_patterns(options.patterns), m_tlp(options.tlp),
          m_bundle(own_uuid("bundle", name_of(options.tlp))) {}

    void begin(std::string& out) override { JsonWriter(out).begin_object().member("type", "bundle"); }

    void article(std::string& out, const StoredArticle& article) override {
        write_marking(out);
        const auto identity = write_identity(out, article);
        const Report report{article, to_string(m_articles.assign(article)), identity,
                            format_millis(article.published_at), format_millis(last_change(article))};
        const auto refs = write_findings(out, report);
        if (refs.empty())
            write_note(out, report);
        else
            write_report(out, report, refs);
        for (const auto& analysis : article.analyses)
            if (says_anything(analysis))
                write_analysis(out, report, analysis, (refs.empty() ? "note--" : "report--") + report.uuid);
    }

    // No objects at all: an empty list would not be valid, so there is none.
    void end(std::string& out) override {
        if (m_any) out += "\n]";
        JsonWriter(out).resume_object().member("id", "bundle--" + to_string(m_bundle)).end_object();
        out += '\n';
    }

private:
    struct Report {
        const StoredArticle& article;
        std::string uuid, identity, created, modified;
    };

    // The object up to and with its id. What follows is for the caller, the end for close().
    JsonWriter open(std::string& out, std::string_view type, const std::string& id) {
        out += m_any ? ",\n" : ",\"objects\":[\n";
        m_any = true;
        m_bundle = uuid_v5(m_bundle, id);
        JsonWriter json(out);
        json.begin_object().member("type", type).member("spec_version", "2.1").member("id", id);
        return json;
    }
    JsonWriter open(std::string& out, std::string_view type, const std::string& id, const Report& report) {
        auto json = open(out, type, id);
        json.member("created_by_ref", report.identity);
        json.member("created", report.created).member("modified", report.modified);
        return json;
    }
    void close(JsonWriter& json) const {
        if (m_tlp != Tlp::none)
            json.key("object_marking_refs").begin_array().value(marking_id(m_tlp)).end_array();
        json.end_object();
    }

    void write_marking(std::string& out) {
        if (m_tlp == Tlp::none || m_any) return;
        auto json = open(out, "marking-definition", std::string(marking_id(m_tlp)));
        json.member("created", k_tlp_created).member("name", "TLP:" + upper(name_of(m_tlp)));
        json.key("extensions").begin_object().key(k_tlp_extension).begin_object();
        json.member("extension_type", "property-extension").member("tlp_2_0", name_of(m_tlp));
        json.end_object().end_object().end_object();
    }

    // Whether it is to be written now. Observables of two types may have the same UUID.
    bool is_new(std::string_view type, Uuid uuid) {
        const auto mark = std::hash<std::string_view>()(type);
        for (std::size_t i = 0; i < sizeof mark; ++i) uuid[i] ^= static_cast<std::uint8_t>(mark >> (8 * i));
        return m_seen.insert(uuid).second;
    }

    std::string write_identity(std::string& out, const StoredArticle& article) {
        const auto uuid = source_uuid(article);
        auto id = "identity--" + to_string(uuid);
        if (!is_new("identity", uuid)) return id;
        auto json = open(out, "identity", id);
        json.member("created", k_timeless).member("modified", k_timeless);
        json.member("name", source_label(article)).member("identity_class", "organization");
        if (!article.source_url.empty()) json.member("contact_information", article.source_url);
        close(json);
        return id;
    }

    // The ids that the report refers to, each once.
    std::vector<std::string> write_findings(std::string& out, const Report& report) {
        std::vector<std::string> refs;
        std::unordered_set<std::string> mine;
        const auto refer = [&](const std::string& id) {
            if (mine.insert(id).second) refs.push_back(id);
        };
        for (const auto& finding : report.article.findings) {
            const auto reading = find_stix_reading(finding.type, finding.value);
            if (!reading) continue;
            for (const auto& object : reading->objects) {
                if (is_new(object.type, object.uuid)) write_object(out, object);
                refer(object.id());
            }
            if (!m_patterns || reading->pattern.empty() || !may_be_blocked(finding.verdict)) continue;
            const auto uuid = to_string(own_uuid("indicator", report.uuid + reading->pattern));
            if (mine.contains("indicator--" + uuid)) continue;
            refer("indicator--" + uuid);
            refer(write_indicator(out, report, finding, *reading, uuid));
        }
        return refs;
    }

    void write_object(std::string& out, const StixObject& object) {
        auto json = open(out, object.type, object.id());
        json.members_of(object.members);
        close(json);
    }

    // Also the relationship to what it was made of, whose id is returned.
    std::string write_indicator(std::string& out, const Report& report, const Finding& finding,
                                const StixReading& reading, const std::string& uuid) {
        const auto id = "indicator--" + uuid;
        auto json = open(out, "indicator", id, report);
        json.member("name", finding.value);
        json.member("description", finding.sentence.empty() ? report.article.title : finding.sentence);
        json.key("indicator_types").begin_array().value("malicious-activity").end_array();
        json.member("pattern", reading.pattern)
            .member("pattern_type", "stix")
            .member("pattern_version", "2.1");
        json.member("valid_from", report.created);
        close(json);
        auto relationship = "relationship--" + to_string(own_uuid("based-on", uuid));
        auto link = open(out, "relationship", relationship, report);
        link.member("relationship_type", "based-on");
        link.member("source_ref", id).member("target_ref", reading.objects.back().id());
        close(link);
        return relationship;
    }

    // What the article says: its summary, or its text where it has none.
    std::string_view text_of(const StoredArticle& article) const {
        if (article.summary && !article.summary->empty()) return *article.summary;
        return m_content ? std::string_view(article.content) : std::string_view();
    }

    static void write_references(JsonWriter& json, const StoredArticle& article) {
        if (article.url.empty()) return;
        json.key("external_references").begin_array().begin_object();
        json.member("source_name", reference_name(article));
        if (const auto uri = find_uri(article.url))
            json.member("url", *uri);
        else
            json.member("description", article.url);
        json.end_object().end_array();
    }

    void write_report(std::string& out, const Report& report, const std::vector<std::string>& refs) {
        auto json = open(out, "report", "report--" + report.uuid, report);
        json.member("name", report.article.title);
        if (const auto text = text_of(report.article); !text.empty()) json.member("description", text);
        json.key("report_types").begin_array().value("threat-report").end_array();
        json.member("published", report.created);
        if (!report.article.tags.empty()) json.member("labels", report.article.tags);
        write_references(json, report.article);
        json.member("object_refs", refs);
        close(json);
    }

    void write_note(std::string& out, const Report& report) {
        const auto& article = report.article;
        auto json = open(out, "note", "note--" + report.uuid, report);
        json.member("abstract", article.title);
        const auto text = text_of(article);
        json.member("content", text.empty() ? article.title : text);
        if (!article.authors.empty()) json.member("authors", article.authors);
        if (!article.tags.empty()) json.member("labels", article.tags);
        write_references(json, article);
        json.key("object_refs").begin_array().value(report.identity).end_array();
        close(json);
    }

    // Who says what a language model read: not the source, which never said it.
    std::string write_reader(std::string& out) {
        const auto uuid = own_uuid("identity", "language model");
        auto id = "identity--" + to_string(uuid);
        if (!is_new("identity", uuid)) return id;
        auto json = open(out, "identity", id);
        json.member("created", k_timeless).member("modified", k_timeless);
        json.member("name", "cti analyze (readings by a language model, checked by nobody)");
        json.member("identity_class", "system");
        close(json);
        return id;
    }

    // An opinion about the report, of low confidence (appendix A of the standard: 1 to 29), with the
    // sentences that it rests on. Nothing of it is an indicator, or refers to one.
    void write_analysis(std::string& out, const Report& report, const ArticleAnalysis& analysis,
                        const std::string& subject) {
        const auto reader = write_reader(out);
        const auto made = analysis.created_at.value_or(report.article.published_at);
        const auto uuid =
            own_uuid("analysis", fmt::format("{} {} {} {} {}", report.uuid, analysis.task,
                                             analysis.task_version, analysis.model_digest, analysis.model));
        auto json = open(out, "note", "note--" + to_string(uuid));
        json.member("created_by_ref", reader).member("created", report.created);
        json.member("modified", std::max(format_millis(made), report.created)).member("confidence", 15);
        json.key("labels").begin_array().value("language-model").value("unverified").end_array();
        json.member("abstract",
                    fmt::format("Read by a language model, checked by nobody: {}", analysis.task));
        json.member("content", analysis_text(analysis));
        json.key("object_refs").begin_array().value(subject).end_array();
        json.member("x_cti_task", analysis.task).member("x_cti_task_version", analysis.task_version);
        json.member("x_cti_model", analysis.model);
        if (!analysis.model_digest.empty()) json.member("x_cti_model_digest", analysis.model_digest);
        if (analysis.score) json.member("x_cti_score", *analysis.score);
        if (!analysis.findings.empty()) {
            json.key("x_cti_findings");
            write_analysis_findings(json, analysis, Absent::left_out);
        }
        close(json);
    }

    bool m_content, m_patterns, m_any = false;
    Tlp m_tlp;
    Uuid m_bundle; // of all ids so far
    ArticleUuids m_articles;
    std::unordered_set<Uuid, UuidHash> m_seen;
};
}

Needs needs_stix(const Options& options) {
    return {.content = options.content, .findings = true, .analyses = true};
}
std::unique_ptr<Writer> make_stix(const Options& options) { return std::make_unique<StixWriter>(options); }
}
