#include "core/base/error.hpp"
#include "core/base/hash.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/base/url.hpp"
#include "core/export/ascii_names.hpp"
#include "core/export/harmless.hpp"
#include "core/export/writers.hpp"

#include <algorithm>
#include <array>
#include <charconv>

// Documents for Elasticsearch by the Elastic Common Schema: one for each indicator of each article, so that
// none needs to know of another and a later export adds to an earlier one.
namespace cti::exporter {
namespace {
using Type = IndicatorType;

constexpr std::string_view k_ecs_version = "8.11.0"; // of the field reference that this follows
constexpr std::size_t k_max_message_bytes = 4096;    // it stands in every document of an article
constexpr std::size_t k_max_keyword_bytes = 1024;    // ECS's templates leave longer ones out of the index

std::optional<std::uint32_t> parse_number(std::string_view digits, std::uint32_t most) {
    std::uint32_t number = 0;
    const auto* end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, number);
    if (digits.empty() || error != std::errc{} || stop != end || number > most) return std::nullopt;
    return number;
}

void write_port(JsonWriter& json, std::string_view digits) {
    if (const auto port = parse_number(digits, 65535)) json.member("port", *port);
}

// One bad value and Elasticsearch refuses the document: a field of type ip takes nothing else.
void write_ip(JsonWriter& json, const Finding& finding) {
    if (is_ip_address(finding.value)) json.member("ip", finding.value);
}

void write_ip_port(JsonWriter& json, const Finding& finding) {
    const std::string_view value = finding.value;
    const auto colon = value.rfind(':');
    if (colon == std::string_view::npos) return;
    auto host = value.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    if (!is_ip_address(host)) return;
    json.member("ip", host);
    write_port(json, value.substr(colon + 1));
}

void write_domain(JsonWriter& json, const Finding& finding) {
    json.key("url").begin_object().member("domain", finding.value).end_object();
}

void write_url(JsonWriter& json, const Finding& finding) {
    const auto whole = with_scheme(finding.value);
    const auto parts = split_url(whole);
    json.key("url").begin_object().member("full", finding.value).member("original", finding.original);
    if (whole == finding.value) json.member("scheme", ascii_lower(parts.scheme));
    if (!parts.host.empty()) json.member("domain", parts.host);
    write_port(json, parts.port);
    if (!parts.path.empty()) json.member("path", parts.path);
    if (parts.has_query) json.member("query", parts.query);
    if (parts.has_fragment) json.member("fragment", parts.fragment);
    json.end_object();
}

void write_email(JsonWriter& json, const Finding& finding) {
    json.key("email").begin_object().member("address", finding.value).end_object();
}

void write_hash(JsonWriter& json, const Finding& finding) {
    json.key("file").begin_object().key("hash").begin_object().member(finding.type.name(), finding.value);
    json.end_object().end_object();
}
void write_imphash(JsonWriter& json, const Finding& finding) {
    json.key("file").begin_object().key("pe").begin_object().member("imphash", finding.value);
    json.end_object().end_object();
}
void write_file_name(JsonWriter& json, const Finding& finding) {
    json.key("file").begin_object().member("name", finding.value).end_object();
}
void write_file_path(JsonWriter& json, const Finding& finding) {
    json.key("file").begin_object().member("path", finding.value).end_object();
}

void write_as(JsonWriter& json, const Finding& finding) {
    const auto digits = std::string_view(finding.value).substr(istarts_with(finding.value, "AS") ? 2 : 0);
    const auto number = parse_number(digits, 0xFFFF'FFFF);
    if (number) json.key("as").begin_object().member("number", *number).end_object();
}

// ECS writes a MAC address in capitals with hyphens (RFC 7042).
void write_mac(JsonWriter& json, const Finding& finding) {
    auto value = finding.value;
    for (auto& c : value) c = c == ':' ? '-' : (c >= 'a' && c <= 'f' ? static_cast<char>(c - 32) : c);
    json.member("mac", value);
}

// ECS has the hive by its short name, and the key below it.
void write_registry_key(JsonWriter& json, const Finding& finding) {
    constexpr std::array<std::array<std::string_view, 2>, 5> hives{{{"HKEY_LOCAL_MACHINE", "HKLM"},
                                                                    {"HKEY_CURRENT_USER", "HKCU"},
                                                                    {"HKEY_CLASSES_ROOT", "HKCR"},
                                                                    {"HKEY_USERS", "HKU"},
                                                                    {"HKEY_CURRENT_CONFIG", "HKCC"}}};
    const std::string_view value = finding.value;
    const auto slash = std::min(value.find('\\'), value.size());
    const auto* hive = std::ranges::find_if(hives, [&](const auto& names) {
        return iequals(names[0], value.substr(0, slash)) || iequals(names[1], value.substr(0, slash));
    });
    json.key("registry").begin_object();
    if (hive == hives.end()) {
        json.member("key", value).end_object();
        return;
    }
    const auto key = value.substr(std::min(slash + 1, value.size()));
    json.member("hive", (*hive)[1]).member("key", key);
    json.member("path", std::string((*hive)[1]).append(value.substr(slash))).end_object();
}

// Fields that ECS has as lists are lists, also of one.
void write_technique(JsonWriter& json, const Finding& finding) {
    const std::string_view value = finding.value;
    const auto dot = value.find('.');
    json.member("framework", "MITRE ATT&CK").key("technique").begin_object();
    json.key("id").begin_array().value(value.substr(0, dot)).end_array();
    if (dot != std::string_view::npos)
        json.key("subtechnique").begin_object().key("id").begin_array().value(value).end_array().end_object();
    json.end_object();
}
void write_tactic(JsonWriter& json, const Finding& finding) {
    json.member("framework", "MITRE ATT&CK").key("tactic").begin_object();
    json.key("id").begin_array().value(finding.value).end_array().end_object();
}
void write_software_id(JsonWriter& json, const Finding& finding) {
    json.member("framework", "MITRE ATT&CK")
        .key("software")
        .begin_object()
        .member("id", finding.value)
        .end_object();
}
void write_group_id(JsonWriter& json, const Finding& finding) {
    json.member("framework", "MITRE ATT&CK")
        .key("group")
        .begin_object()
        .member("id", finding.value)
        .end_object();
}
void write_malware(JsonWriter& json, const Finding& finding) {
    json.key("software").begin_object().member("name", finding.value).member("type", "Malware").end_object();
}
void write_tool(JsonWriter& json, const Finding& finding) {
    json.key("software").begin_object().member("name", finding.value).member("type", "Tool").end_object();
}
void write_group(JsonWriter& json, const Finding& finding) {
    json.key("group").begin_object().member("name", finding.value).end_object();
}

void write_cve(JsonWriter& json, const Finding& finding) {
    json.key("vulnerability").begin_object().member("id", finding.value);
    json.member("enumeration", "CVE").end_object();
}
void write_vulnerability(JsonWriter& json, const Finding& finding) {
    json.key("vulnerability").begin_object().member("id", finding.value).end_object();
}
void write_user_agent(JsonWriter& json, const Finding& finding) {
    json.key("user_agent").begin_object().member("original", finding.value).end_object();
}
void write_rule(JsonWriter& json, const Finding& finding) {
    json.key("rule").begin_object().member("name", finding.value).end_object();
}

// Where a value goes, beside threat.indicator.name, which has them all.
using Part = void (*)(JsonWriter& json, const Finding& finding);
struct Mapping {
    Type type{};
    std::string_view ecs_type; // threat.indicator.type; empty where ECS has no word for it
    Part in_indicator = nullptr, in_threat = nullptr, on_top = nullptr;
};
constexpr Mapping k_mappings[] = {
    {Type::ipv4, "ipv4-addr", write_ip},
    {Type::ipv6, "ipv6-addr", write_ip},
    {Type::cidr, "ipv4-addr"}, // a field of type ip takes no network
    {Type::ip_port, "ipv4-addr", write_ip_port},
    {Type::domain, "domain-name", write_domain},
    {Type::onion, "domain-name", write_domain},
    {Type::url, "url", write_url},
    {Type::email, "email-addr", write_email},
    {Type::md5, "file", write_hash},
    {Type::sha1, "file", write_hash},
    {Type::sha256, "file", write_hash},
    {Type::sha512, "file", write_hash},
    {Type::ssdeep, "file", write_hash},
    {Type::authentihash, "file", write_hash},
    {Type::imphash, "file", write_imphash},
    {Type::filename, "file", write_file_name},
    {Type::file_path, "file", write_file_path},
    {Type::registry_key, "windows-registry-key", write_registry_key},
    {Type::mutex, "mutex"},
    {Type::command_line, "process"},
    {Type::asn, "autonomous-system", write_as},
    {Type::mac, "mac-addr", write_mac},
    {Type::telegram, "user-account"},
    {Type::cve, "", nullptr, nullptr, write_cve},
    {Type::ghsa, "", nullptr, nullptr, write_vulnerability},
    {Type::user_agent, "", nullptr, nullptr, write_user_agent},
    {Type::yara_rule, "", nullptr, nullptr, write_rule},
    {Type::sigma_rule, "", nullptr, nullptr, write_rule},
    {Type::attack_technique, "", nullptr, write_technique},
    {Type::attack_tactic, "", nullptr, write_tactic},
    {Type::attack_software, "", nullptr, write_software_id},
    {Type::attack_group, "", nullptr, write_group_id},
    {Type::malware, "", nullptr, write_malware},
    {Type::tool, "", nullptr, write_tool},
    {Type::threat_actor, "", nullptr, write_group},
};
// Such values stand in threat.indicator.name alone.
constexpr Type k_not_in_ecs[] = {Type::cvss,
                                 Type::attack_mitigation,
                                 Type::named_pipe,
                                 Type::service,
                                 Type::scheduled_task,
                                 Type::btc,
                                 Type::eth,
                                 Type::xmr,
                                 Type::phone,
                                 Type::google_analytics,
                                 Type::google_adsense};
static_assert(std::size(k_mappings) + std::size(k_not_in_ecs) == k_type_count,
              "a new type stands in one of the two");

const Mapping& mapping_of(const Finding& finding) {
    static constexpr Mapping none{};
    const auto* found = std::ranges::find(k_mappings, finding.type.value(), &Mapping::type);
    return found == std::end(k_mappings) ? none : *found;
}

std::string_view ecs_type_of(const Mapping& mapping, const Finding& finding) {
    const bool is_address = finding.type == Type::cidr || finding.type == Type::ip_port;
    const bool is_ipv6 = std::ranges::count(finding.value, ':') > 1;
    return is_address && is_ipv6 ? "ipv6-addr" : mapping.ecs_type;
}

std::string_view tlp_name(Tlp tlp) {
    constexpr std::array<std::string_view, 6> names{"", "CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"};
    return names.at(static_cast<std::size_t>(tlp));
}

// Hex of 160 bits. The same for the same value in the same article, so that a second import overwrites; the
// article's address tells them apart also between databases.
std::string document_id(const StoredArticle& article, const Finding& finding) {
    std::string key;
    for (const std::string_view part :
         {finding.type.name(), std::string_view(finding.value), std::string_view(article.url)})
        key.append(std::to_string(part.size())).append(":").append(part);
    return sha256_hex(key).substr(0, 40);
}

// The rules of Elasticsearch's create index API.
void check_index_name(std::string_view name) {
    const bool is_plain = std::ranges::none_of(name, [](char c) {
        return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F || (c >= 'A' && c <= 'Z') ||
               std::string_view("\\/*?\"<>|,#:").find(c) != std::string_view::npos;
    });
    const bool begins_well = !name.starts_with('-') && !name.starts_with('_') && !name.starts_with('+');
    if (is_plain && begins_well && name != "." && name != ".." && name.size() <= 255 && is_valid_utf8(name))
        return;
    throw Error{
        ExitCode::usage, "'" + printable(name) + "' cannot be the name of an Elasticsearch index",
        "Write at most 255 bytes in lower case, without blanks and \\ / * ? \" < > | , # :, not beginning with - _ or +."};
}

class EcsWriter : public Writer {
public:
    explicit EcsWriter(const Options& options) : m_tlp(options.tlp), m_index(options.bulk_index) {
        if (!m_index.empty()) check_index_name(m_index);
    }

    void article(std::string& out, const StoredArticle& article) override {
        m_published = format_rfc3339(article.published_at);
        m_discovered = format_rfc3339(article.discovered_at);
        for (const auto& finding : article.findings) {
            const auto id = document_id(article, finding);
            if (!m_index.empty()) write_action(out, id);
            write_document(out, article, finding, id);
        }
    }

private:
    void write_action(std::string& out, const std::string& id) const {
        JsonWriter json(out);
        json.begin_object().key("index").begin_object().member("_index", m_index).member("_id", id);
        json.end_object().end_object();
        out += '\n';
    }

    void write_document(std::string& out, const StoredArticle& article, const Finding& finding,
                        const std::string& id) const {
        const auto& mapping = mapping_of(finding);
        JsonWriter json(out);
        json.begin_object().member("@timestamp", m_published);
        json.key("ecs").begin_object().member("version", k_ecs_version).end_object();
        write_event(json, article, id);
        if (!article.title.empty())
            json.member("message", head_code_points(article.title, k_max_message_bytes));
        if (!article.tags.empty()) json.member("tags", article.tags);
        json.key("threat").begin_object();
        write_indicator(json, article, finding);
        if (mapping.in_threat != nullptr) mapping.in_threat(json, finding);
        json.end_object();
        if (mapping.on_top != nullptr) mapping.on_top(json, finding);
        write_own_fields(json, article, finding);
        json.end_object();
        out += '\n';
    }

    void write_event(JsonWriter& json, const StoredArticle& article, const std::string& id) const {
        json.key("event").begin_object().member("kind", "enrichment");
        json.key("category").begin_array().value("threat").end_array();
        json.key("type").begin_array().value("indicator").end_array();
        json.member("module", "cti").member("dataset", "cti.indicator").member("id", id);
        json.member("created", m_discovered);
        if (!article.url.empty()) json.member("reference", ascii_url(article.url));
        json.end_object();
    }

    // One report is one sighting: it was first and last seen when that was published.
    void write_indicator(JsonWriter& json, const StoredArticle& article, const Finding& finding) const {
        const auto& mapping = mapping_of(finding);
        const auto type = ecs_type_of(mapping, finding);
        json.key("indicator").begin_object();
        if (!type.empty()) json.member("type", type);
        json.member("name", finding.value);
        if (mapping.in_indicator != nullptr) mapping.in_indicator(json, finding);
        if (!finding.sentence.empty())
            json.member("description", head_code_points(finding.sentence, k_max_keyword_bytes));
        json.member("first_seen", m_published);
        json.member("last_seen", m_published);
        if (!article.source.empty()) json.member("provider", article.source);
        if (!article.url.empty()) json.member("reference", ascii_url(article.url));
        if (m_tlp != Tlp::none)
            json.key("marking")
                .begin_object()
                .member("tlp", tlp_name(m_tlp))
                .member("tlp_version", "2.0")
                .end_object();
        json.end_object();
        if (!article.source_name.empty())
            json.key("feed").begin_object().member("name", article.source_name).end_object();
    }

    // What ECS has no field for stands under a name of our own, as ECS asks for.
    static void write_own_fields(JsonWriter& json, const StoredArticle& article, const Finding& finding) {
        json.key("cti")
            .begin_object()
            .member("type", finding.type.name())
            .member("reading", finding.reading.name());
        if (!finding.verdict.name().empty()) json.member("verdict", finding.verdict.name());
        json.member("count", finding.count).member("article_id", article.id);
        if (article.threat_hunting_score) json.member("score", article.threat_hunting_score);
        json.end_object();
    }

    Tlp m_tlp;
    std::string m_index;
    std::string m_published, m_discovered; // of the article that is being written
};
}

Needs needs_ecs(const Options&) { return {.content = false, .findings = true}; }
std::unique_ptr<Writer> make_ecs(const Options& options) { return std::make_unique<EcsWriter>(options); }
}
