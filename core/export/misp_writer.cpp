#include "core/base/hash.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/export/ascii_names.hpp"
#include "core/export/attack_names.hpp"
#include "core/export/harmless.hpp"
#include "core/export/platform_ids.hpp"
#include "core/export/writers.hpp"

#include <algorithm>
#include <fmt/format.h>

// MISP's core format: an event with attributes. A folder is a feed of one event an article. A document is one
// event, as that is what MISP takes at once (POST /events/add, "Populate from JSON"): an article's own when
// there is only one, else one collection of all, which has the same id at every export, so that importing it
// again updates it. Values that are numbers are strings, as in MISP's schema.
namespace cti::exporter {
namespace {
using Type = IndicatorType;

struct Attribute {
    std::string_view type, category;
    bool to_ids = false;
    std::string value;
};

std::string as_is(const std::string& value) { return value; }
// "198.51.100.7:443": MISP keeps the parts of a pair apart by a bar.
std::string address_and_port(const std::string& value) {
    auto pair = value;
    if (const auto colon = pair.rfind(':'); colon != pair.npos) pair[colon] = '|';
    return pair;
}
// MISP has no types for ids of ATT&CK and GHSA. Galaxy tags would need names, which a text does not tell; an
// id's page is exact.
std::string technique_page(const std::string& value) { return attack_page(Type::attack_technique, value); }
std::string tactic_page(const std::string& value) { return attack_page(Type::attack_tactic, value); }
std::string software_page(const std::string& value) { return attack_page(Type::attack_software, value); }
std::string group_page(const std::string& value) { return attack_page(Type::attack_group, value); }
std::string mitigation_page(const std::string& value) { return attack_page(Type::attack_mitigation, value); }
std::string advisory_page(const std::string& value) { return "https://github.com/advisories/" + value; }

struct MispRow {
    Type type;
    std::string_view misp, category; // a pair that every MISP of 2.4 and later knows
    bool to_ids = false;             // a sensor that looks for it finds the attack and not the office
    std::string (*value)(const std::string&) = as_is;
};
constexpr MispRow k_misp_rows[] = {
    {Type::ipv4, "ip-dst", "Network activity", true},
    {Type::ipv6, "ip-dst", "Network activity", true},
    {Type::cidr, "ip-dst", "Network activity", true},
    {Type::ip_port, "ip-dst|port", "Network activity", true, address_and_port},
    {Type::domain, "domain", "Network activity", true},
    {Type::onion, "domain", "Network activity", true},
    {Type::url, "url", "Network activity", true},
    {Type::email, "email-src", "Payload delivery", true},
    {Type::md5, "md5", "Payload delivery", true},
    {Type::sha1, "sha1", "Payload delivery", true},
    {Type::sha256, "sha256", "Payload delivery", true},
    {Type::sha512, "sha512", "Payload delivery", true},
    {Type::ssdeep, "ssdeep", "Payload delivery", true},
    {Type::imphash, "imphash", "Payload delivery", true},
    {Type::authentihash, "authentihash", "Payload delivery", true},
    {Type::mutex, "mutex", "Artifacts dropped", true},
    {Type::btc, "btc", "Financial fraud", true},
    {Type::xmr, "xmr", "Financial fraud", true},
    {Type::eth, "text", "Financial fraud"},
    {Type::cve, "vulnerability", "External analysis"},
    {Type::ghsa, "link", "External analysis", false, advisory_page},
    {Type::attack_technique, "link", "External analysis", false, technique_page},
    {Type::attack_tactic, "link", "External analysis", false, tactic_page},
    {Type::attack_software, "link", "External analysis", false, software_page},
    {Type::attack_group, "link", "External analysis", false, group_page},
    {Type::attack_mitigation, "link", "External analysis", false, mitigation_page},
    {Type::filename, "filename", "Payload delivery"},
    {Type::file_path, "filename", "Artifacts dropped"},
    {Type::registry_key, "regkey", "Persistence mechanism"},
    {Type::named_pipe, "named pipe", "Artifacts dropped"},
    {Type::service, "windows-service-name", "Artifacts dropped"},
    {Type::scheduled_task, "windows-scheduled-task", "Artifacts dropped"},
    {Type::command_line, "text", "Artifacts dropped"},
    {Type::user_agent, "user-agent", "Network activity"},
    {Type::asn, "AS", "Network activity"},
    {Type::mac, "mac-address", "Network activity"},
    {Type::telegram, "text", "Social network"},
    {Type::phone, "phone-number", "Other"},
    {Type::malware, "text", "Payload delivery"},
    {Type::tool, "text", "Payload delivery"},
    {Type::threat_actor, "threat-actor", "Attribution"},
};

// MISP knows nothing alike.
constexpr Type k_not_in_misp[] = {Type::cvss, Type::google_analytics, Type::google_adsense, Type::yara_rule,
                                  Type::sigma_rule};
static_assert(std::size(k_misp_rows) + std::size(k_not_in_misp) == k_type_count,
              "a new type stands in one of the two");

std::optional<Attribute> find_attribute(const Finding& finding) {
    const auto* row = std::ranges::find(k_misp_rows, finding.type.value(), &MispRow::type);
    if (row == std::end(k_misp_rows)) return std::nullopt;
    auto value = repair_utf8(finding.value);
    if (trim(value).empty()) return std::nullopt; // MISP refuses it.
    return Attribute{row->misp, row->category, row->to_ids && may_be_blocked(finding.verdict),
                     row->value(value)};
}

std::string epoch(Time time) {
    return std::to_string(std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count());
}

// How far MISP may hand it on: 3 all communities, 2 connected ones, 1 this one, 0 the importing organisation.
std::string_view distribution(Tlp tlp) {
    switch (tlp) {
    case Tlp::clear: return "3";
    case Tlp::green: return "2";
    case Tlp::amber: return "1";
    default: return "0";
    }
}

// The colours of FIRST's standard.
void write_tags(JsonWriter& json, Tlp tlp) {
    json.key("Tag").begin_array();
    if (tlp != Tlp::none) {
        const std::string_view colour = tlp == Tlp::clear   ? "#ffffff"
                                        : tlp == Tlp::green ? "#33ff00"
                                        : tlp == Tlp::red   ? "#ff2b2b"
                                                            : "#ffc000";
        json.begin_object().member("name", "tlp:" + std::string(name_of(tlp))).member("colour", colour);
        json.end_object();
    }
    json.end_array();
}

struct Organisation {
    std::string name;
    Uuid uuid{};
};
void write_organisation(JsonWriter& json, const Organisation& organisation) {
    json.key("Orgc").begin_object();
    json.member("name", organisation.name).member("uuid", to_string(organisation.uuid)).end_object();
}
Organisation organisation_of(const StoredArticle& article) {
    return {source_label(article), source_uuid(article)};
}

// What an event says beside its attributes.
struct Head {
    Uuid uuid{};
    std::string info;
    Time published_at, changed_at;
    Organisation organisation;
};
Head head_of(const StoredArticle& article, const Uuid& uuid) {
    auto info = repair_utf8(article.title);
    if (trim(info).empty()) info = article.url.empty() ? "untitled" : article.url;
    return {uuid, std::move(info), article.published_at, last_change(article), organisation_of(article)};
}
std::string date_of(Time time) { return format_rfc3339(time).substr(0, 10); }

// What the manifest of a feed says of an event, too.
void write_summary(JsonWriter& json, const Head& head, Tlp tlp) {
    json.member("info", head.info).member("date", date_of(head.published_at));
    json.member("threat_level_id", "4"); // undefined: nobody has judged it
    json.member("analysis", "0");        // initial: a program has read it, no analyst
    json.member("timestamp", epoch(head.changed_at));
    write_organisation(json, head.organisation);
    write_tags(json, tlp);
}

// Writes events: attributes as they come, the head after them.
class EventWriter {
public:
    explicit EventWriter(Tlp tlp) : m_tlp(tlp) {}

    void begin(std::string& out) {
        out += R"({"Event":{"Attribute":[)";
        m_any = false;
        m_seen.clear();
    }

    // MISP refuses a second attribute of the same category, type and value. Calls `each` with every value
    // taken.
    template <class Each>
    void attributes(std::string& out, const StoredArticle& article, const Uuid& event, const Each& each) {
        const auto add = [&](const Attribute& attribute, const std::string& comment) {
            const auto uuid = own_uuid(
                "attribute", fmt::format("{}\n{}\n{}", to_string(event), attribute.type, attribute.value));
            if (!m_seen.insert(uuid).second) return;
            write(out, attribute, uuid, comment, last_change(article));
            each(attribute);
        };
        if (!article.url.empty())
            add({"link", "External analysis", false, ascii_url(repair_utf8(article.url))}, article.title);
        for (const auto& finding : article.findings)
            if (const auto attribute = find_attribute(finding)) add(*attribute, finding.sentence);
    }
    void attributes(std::string& out, const StoredArticle& article, const Uuid& event) {
        attributes(out, article, event, [](const Attribute&) {});
    }

    void end(std::string& out, const Head& head) const {
        out += m_any ? "\n]" : "]";
        JsonWriter json(out);
        json.resume_object().member("uuid", to_string(head.uuid));
        write_summary(json, head, m_tlp);
        json.member("publish_timestamp", epoch(head.changed_at));
        json.member("published", false).member("distribution", distribution(m_tlp));
        json.end_object();
        out += "}\n";
    }

private:
    void write(std::string& out, const Attribute& attribute, const Uuid& uuid, const std::string& comment,
               Time changed_at) {
        out += m_any ? ",\n" : "\n";
        m_any = true;
        JsonWriter json(out);
        json.begin_object().member("uuid", to_string(uuid)).member("type", attribute.type);
        json.member("category", attribute.category).member("value", attribute.value);
        json.member("to_ids", attribute.to_ids).member("comment", comment);
        json.member("distribution", "5"); // as the event
        json.member("timestamp", epoch(changed_at)).member("disable_correlation", false).end_object();
    }

    Tlp m_tlp;
    bool m_any = false;
    std::unordered_set<Uuid, UuidHash> m_seen;
};

// The first article is held back until it is known whether there are others.
class MispWriter : public Writer {
public:
    explicit MispWriter(const Options& options)
        : m_event(options.tlp), m_uuid(own_uuid("collection", name_of(options.tlp))) {}

    void begin(std::string& out) override { m_event.begin(out); }

    void article(std::string& out, const StoredArticle& article) override {
        count(article);
        if (m_count == 1) {
            m_first = article;
            return;
        }
        if (m_count == 2) m_event.attributes(out, *m_first, m_uuid);
        m_event.attributes(out, article, m_uuid);
    }

    void end(std::string& out) override {
        if (m_count == 1) {
            const auto uuid = ArticleUuids().assign(*m_first);
            m_event.attributes(out, *m_first, uuid);
            m_event.end(out, head_of(*m_first, uuid));
        } else {
            m_event.end(out, collection());
        }
    }

private:
    void count(const StoredArticle& article) {
        ++m_count;
        if (m_count == 1) {
            m_oldest = m_newest = article.published_at;
            m_organisation = organisation_of(article);
        }
        m_oldest = std::min(m_oldest, article.published_at);
        m_newest = std::max(m_newest, article.published_at);
        m_changed = m_count == 1 ? last_change(article) : std::max(m_changed, last_change(article));
        if (source_uuid(article) != m_organisation.uuid) m_is_one_source = false;
    }

    Head collection() const {
        const Organisation own{"cti", own_uuid("organisation", "cti")};
        auto info = m_count == 0 ? std::string("cti: no articles")
                                 : fmt::format("cti: {} articles, {} to {}", m_count, date_of(m_oldest),
                                               date_of(m_newest));
        return {m_uuid, std::move(info), m_newest, m_changed,
                m_is_one_source && m_count > 0 ? m_organisation : own};
    }

    EventWriter m_event;
    Uuid m_uuid;
    std::optional<StoredArticle> m_first;
    long m_count = 0;
    Time m_oldest{}, m_newest{}, m_changed{};
    Organisation m_organisation;
    bool m_is_one_source = true;
};

// manifest.json says what events there are, hashes.csv in which of them a value stands, by its MD5.
class MispFeed : public FolderWriter {
public:
    explicit MispFeed(const Options& options) : m_tlp(options.tlp), m_event(options.tlp) {}

    File article(const StoredArticle& article) override {
        const auto uuid = m_articles.assign(article);
        const auto name = to_string(uuid);
        const auto head = head_of(article, uuid);
        File file{name + ".json", ""};
        m_event.begin(file.content);
        m_event.attributes(file.content, article, uuid, [&](const Attribute& attribute) {
            const bool is_pair = attribute.type.find('|') != attribute.type.npos;
            for (const auto part : split(attribute.value, is_pair ? '|' : '\0'))
                m_hashes += md5_hex(part) + ',' + name + '\n';
        });
        m_event.end(file.content, head);
        note(name, head);
        return file;
    }

    std::vector<File> end() override {
        m_manifest += m_manifest.empty() ? "{}\n" : "\n}\n";
        return {{"hashes.csv", std::move(m_hashes)}, {"manifest.json", std::move(m_manifest)}};
    }

private:
    void note(const std::string& name, const Head& head) {
        m_manifest += (m_manifest.empty() ? "{\n\"" : ",\n\"") + name + "\":";
        JsonWriter json(m_manifest);
        json.begin_object();
        write_summary(json, head, m_tlp);
        json.end_object();
    }

    Tlp m_tlp;
    EventWriter m_event;
    ArticleUuids m_articles;
    std::string m_hashes, m_manifest;
};
}

Needs needs_misp(const Options&) { return {.content = false, .findings = true}; }
std::unique_ptr<Writer> make_misp(const Options& options) { return std::make_unique<MispWriter>(options); }
std::unique_ptr<FolderWriter> make_misp_feed(const Options& options) {
    return std::make_unique<MispFeed>(options);
}
}
