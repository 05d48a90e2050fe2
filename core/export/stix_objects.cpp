#include "core/export/stix_objects.hpp"

#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/export/ascii_names.hpp"
#include "core/export/attack_names.hpp"
#include "core/export/harmless.hpp"
#include "core/export/platform_ids.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace cti::exporter {
namespace {
using Type = IndicatorType;

// STIX 2.1, section 2.9: the namespace of all deterministic ids of cyber observables.
constexpr auto k_observables = uuid_literal("00abedb4-aa42-466c-9c01-fed23315a9b7");

// A string of RFC 8785: the same bytes in every implementation, as the ids are made of them. Valid UTF-8
// only.
std::string canonical(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        switch (c) {
        case '"': out += "\\\""; break;
        case '\\': out += "\\\\"; break;
        case '\b': out += "\\b"; break;
        case '\f': out += "\\f"; break;
        case '\n': out += "\\n"; break;
        case '\r': out += "\\r"; break;
        case '\t': out += "\\t"; break;
        default:
            if (static_cast<unsigned char>(c) < 0x20)
                out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
            else
                out += c;
        }
    }
    return out + '"';
}

// What the object says is what its id is made of: its properties in canonical order.
StixObject observable(std::string_view type, std::string members) {
    const auto uuid = uuid_v5(k_observables, members);
    return {type, uuid, std::move(members)};
}
StixObject observable(std::string_view type, std::string_view property, std::string_view value) {
    std::string members;
    JsonWriter(members).begin_object().key(property).raw(canonical(value)).end_object();
    return observable(type, std::move(members));
}

// A string of the pattern language, section 9.
std::string quoted(std::string_view text) {
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') out += '\\';
        out += c;
    }
    return out + '\'';
}

using Maybe = std::optional<StixReading>;

StixReading single(std::string_view type, std::string_view property, std::string_view value,
                   std::string_view comparison = "=") {
    return {{observable(type, property, value)},
            fmt::format("[{}:{} {} {}]", type, property, comparison, quoted(value))};
}

Maybe ipv4(std::string_view value) { return single("ipv4-addr", "value", value); }
Maybe ipv6(std::string_view value) { return single("ipv6-addr", "value", value); }
Maybe cidr(std::string_view value) {
    const auto type = value.find(':') == value.npos ? "ipv4-addr" : "ipv6-addr";
    return single(type, "value", value, "ISSUBSET");
}

// The address alone as an object: network-traffic should have a source port too, which no text tells.
Maybe ip_port(std::string_view value) {
    const auto colon = value.rfind(':');
    if (colon == value.npos) return std::nullopt;
    const auto address = value.substr(0, colon);
    auto reading = single(address.find(':') == address.npos ? "ipv4-addr" : "ipv6-addr", "value", address);
    reading.pattern = fmt::format("[network-traffic:dst_ref.type = '{}' AND network-traffic:dst_ref.value = "
                                  "{} AND network-traffic:dst_port = {}]",
                                  reading.objects[0].type, quoted(address), value.substr(colon + 1));
    return reading;
}

bool is_label_char(char c) {
    return is_ascii_alpha(c) || is_ascii_digit(c) || c == '-' || static_cast<unsigned char>(c) >= 0x80;
}

// RFC 5890, as section 6.4 demands: no underscore, "--" at the third place in punycode only.
bool is_label(std::string_view label) {
    return !label.empty() && label.size() <= 63 && std::ranges::all_of(label, is_label_char) &&
           label.front() != '-' && label.back() != '-' &&
           (label.substr(std::min<std::size_t>(2, label.size()), 2) != "--" || label.starts_with("xn--"));
}

Maybe domain(std::string_view value) {
    if (!std::ranges::all_of(split(value, '.'), is_label)) return std::nullopt;
    return single("domain-name", "value", value);
}

Maybe url(std::string_view value) {
    const auto uri = find_uri(complete_url(value));
    if (!uri) return std::nullopt;
    return single("url", "value", *uri);
}

Maybe email(std::string_view value) {
    if (value.find('@') == value.npos) return std::nullopt;
    return single("email-addr", "value", value);
}

StixReading hash(std::string_view algorithm, std::string_view value) {
    const bool is_plain = algorithm.find('-') == algorithm.npos;
    std::string members;
    JsonWriter json(members);
    json.begin_object()
        .key("hashes")
        .begin_object()
        .key(algorithm)
        .raw(canonical(value))
        .end_object()
        .end_object();
    return {{observable("file", std::move(members))},
            fmt::format("[file:hashes.{} = {}]", is_plain ? std::string(algorithm) : quoted(algorithm),
                        quoted(value))};
}
Maybe md5(std::string_view value) { return hash("MD5", value); }
Maybe sha1(std::string_view value) { return hash("SHA-1", value); }
Maybe sha256(std::string_view value) { return hash("SHA-256", value); }
Maybe sha512(std::string_view value) { return hash("SHA-512", value); }
Maybe ssdeep(std::string_view value) { return hash("SSDEEP", value); }

Maybe filename(std::string_view value) { return single("file", "name", value); }

// A file in its folder, "C:\a\b.exe" or "/a/b"; a path that ends in a separator is a folder.
Maybe file_path(std::string_view value) {
    const auto cut = value.find_last_of("/\\");
    if (cut == value.npos) return filename(value);
    const bool is_root = cut == 0 || (cut == 2 && value[1] == ':');
    const auto folder = value.substr(0, is_root || cut + 1 == value.size() ? cut + 1 : cut);
    auto reading = single("directory", "path", folder);
    if (cut + 1 == value.size()) return reading;
    const auto name = value.substr(cut + 1);
    std::string members;
    JsonWriter json(members);
    json.begin_object()
        .key("name")
        .raw(canonical(name))
        .member("parent_directory_ref", reading.objects[0].id());
    json.end_object();
    reading.objects.push_back(observable("file", std::move(members)));
    reading.pattern =
        fmt::format("[file:name = {} AND file:parent_directory_ref.path = {}]", quoted(name), quoted(folder));
    return reading;
}

// The full name of the hive is a MUST, and the validator refuses the short ones wherever they stand.
Maybe registry_key(std::string_view value) {
    for (const std::string_view hive : {"HKCC", "HKCR", "HKCU", "HKU", "hkcc", "hkcr", "hkcu", "hku"})
        if (value.find(hive) != value.npos) return std::nullopt;
    if (!value.starts_with("HKEY_")) return std::nullopt;
    return single("windows-registry-key", "key", value);
}

Maybe mutex(std::string_view value) { return single("mutex", "name", value); }
Maybe mac(std::string_view value) { return single("mac-addr", "value", ascii_lower(value)); }

Maybe asn(std::string_view value) {
    const auto number = value.starts_with("AS") ? value.substr(2) : value;
    if (number.empty() || number.size() > 10 || !std::ranges::all_of(number, is_ascii_digit))
        return std::nullopt;
    const auto digits = std::to_string(std::stoull(std::string(number))); // no leading zeros
    std::string members;
    JsonWriter(members).begin_object().key("number").raw(digits).end_object();
    return StixReading{{observable("autonomous-system", std::move(members))},
                       fmt::format("[autonomous-system:number = {}]", digits)};
}

// Things of the world that texts name. Their ids are our own.
struct Thing {
    std::string_view type;
    std::string_view source_name; // of an external reference whose id is the value; empty: none
    bool is_family = false;       // malware of the name, and not one sample of it
};

// OpenCTI gives an object that it has the name of what is imported, unless its own has more confidence.
constexpr int k_low_confidence = 15; // "Low" of STIX 2.1, appendix A
constexpr std::string_view k_attack = "mitre-attack";
// Since they bear names, objects of ATT&CK are a later version of what was exported before.
constexpr std::string_view k_named_since = "2000-01-02T00:00:00.000Z";

Maybe named(const Thing& what, std::string_view value) {
    const bool is_attack = what.source_name == k_attack;
    const auto name = is_attack ? find_attack_name(value) : value;
    std::string members;
    JsonWriter json(members);
    json.begin_object().member("created", k_timeless);
    json.member("modified", is_attack ? k_named_since : k_timeless);
    json.member("name", name.empty() ? value : name);
    if (name.empty()) json.member("confidence", k_low_confidence);
    if (!what.source_name.empty()) {
        json.key("external_references").begin_array().begin_object();
        json.member("source_name", what.source_name).member("external_id", value);
        json.end_object().end_array();
    }
    if (what.is_family) json.member("is_family", true);
    json.end_object();
    return StixReading{{StixObject{what.type, own_uuid(what.type, value), std::move(members)}}, ""};
}

// CVE numbers have four digits at least, padded to four and no further: others are refused as references.
Maybe cve(std::string_view value) {
    const auto dash = value.rfind('-');
    const bool is_regular = value.size() >= 13 && dash == 8 && (value.size() == 13 || value[9] != '0');
    return named({"vulnerability", is_regular ? "cve" : ""}, value);
}
Maybe ghsa(std::string_view value) { return named({"vulnerability", "ghsa"}, value); }
Maybe technique(std::string_view value) { return named({"attack-pattern", k_attack}, value); }
Maybe mitigation(std::string_view value) { return named({"course-of-action", k_attack}, value); }
Maybe group(std::string_view value) { return named({"intrusion-set", k_attack}, value); }
Maybe actor(std::string_view value) { return named({"intrusion-set", ""}, value); }
Maybe software(std::string_view value) { return named({"malware", k_attack, true}, value); }
Maybe malware(std::string_view value) { return named({"malware", "", true}, value); }
Maybe tool(std::string_view value) { return named({"tool", ""}, value); }

struct StixRow {
    Type type;
    Maybe (*read)(std::string_view value);
};
// ATT&CK's S numbers name malware and tools; most are malware, so all are.
constexpr StixRow k_stix_rows[] = {
    {Type::ipv4, ipv4},
    {Type::ipv6, ipv6},
    {Type::cidr, cidr},
    {Type::ip_port, ip_port},
    {Type::domain, domain},
    {Type::onion, domain},
    {Type::url, url},
    {Type::email, email},
    {Type::md5, md5},
    {Type::sha1, sha1},
    {Type::sha256, sha256},
    {Type::sha512, sha512},
    {Type::ssdeep, ssdeep},
    {Type::filename, filename},
    {Type::file_path, file_path},
    {Type::registry_key, registry_key},
    {Type::mutex, mutex},
    {Type::mac, mac},
    {Type::asn, asn},
    {Type::cve, cve},
    {Type::ghsa, ghsa},
    {Type::attack_technique, technique},
    {Type::attack_mitigation, mitigation},
    {Type::attack_group, group},
    {Type::attack_software, software},
    {Type::threat_actor, actor},
    {Type::malware, malware},
    {Type::tool, tool},
};

// STIX 2.1 has no object for them. Of hashes, these are not in its vocabulary; processes, which services and
// tasks are, have random ids only; user agents and command lines are properties of what no text tells.
constexpr Type k_not_in_stix[] = {Type::imphash,
                                  Type::authentihash,
                                  Type::cvss,
                                  Type::attack_tactic,
                                  Type::named_pipe,
                                  Type::service,
                                  Type::scheduled_task,
                                  Type::user_agent,
                                  Type::command_line,
                                  Type::btc,
                                  Type::eth,
                                  Type::xmr,
                                  Type::telegram,
                                  Type::phone,
                                  Type::google_analytics,
                                  Type::google_adsense,
                                  Type::yara_rule,
                                  Type::sigma_rule};
static_assert(std::size(k_stix_rows) + std::size(k_not_in_stix) == k_type_count,
              "a new type stands in one of the two");

bool is_hex(char c) { return is_ascii_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'f'); }

bool may_stand(char c) {
    return is_ascii_alpha(c) || is_ascii_digit(c) ||
           std::string_view("-._~!$&'()*+,;=:@/?").find(c) != std::string_view::npos;
}

// The first "#" begins the fragment, further ones are data.
std::string encode_uri(std::string_view text) {
    std::string out;
    bool in_fragment = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool is_escape = c == '%' && i + 2 < text.size() && is_hex(text[i + 1]) && is_hex(text[i + 2]);
        const bool is_mark = c == '#' && !in_fragment;
        in_fragment |= is_mark;
        if (may_stand(c) || is_escape || is_mark)
            out += c;
        else
            out += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    }
    return out;
}

// "user@host:port" with the user's and the host's other characters encoded; an IPv6 address stands in
// brackets.
std::optional<std::string> find_authority(std::string_view text) {
    const auto host_at = text.find('@') == text.npos ? 0 : text.find('@') + 1;
    auto host = text.substr(host_at);
    if (host.find('@') != host.npos) return std::nullopt;
    std::size_t size = std::min(host.find(':'), host.size());
    if (host.starts_with('[')) {
        const auto end = host.find(']');
        if (end == host.npos || end < 3) return std::nullopt;
        if (!std::ranges::all_of(host.substr(1, end - 1),
                                 [](char c) { return is_hex(c) || c == ':' || c == '.'; }))
            return std::nullopt;
        size = end + 1;
    }
    const auto port = host.substr(size);
    if (!port.empty() && (port[0] != ':' || !std::ranges::all_of(port.substr(1), is_ascii_digit)))
        return std::nullopt;
    const auto name = host.substr(0, size);
    return encode_uri(text.substr(0, host_at)) +
           (name.starts_with('[') ? std::string(name) : encode_uri(name)) + std::string(port);
}

bool is_scheme(std::string_view text) {
    return !text.empty() && is_ascii_alpha(text[0]) && std::ranges::all_of(text, [](char c) {
        return is_ascii_alpha(c) || is_ascii_digit(c) || c == '+' || c == '-' || c == '.';
    });
}
}

std::optional<std::string> find_uri(std::string_view written) {
    const auto in_ascii = ascii_url(written);
    const std::string_view url = in_ascii;
    const auto colon = url.find(':');
    if (colon == url.npos || !is_scheme(url.substr(0, colon))) return std::nullopt;
    auto rest = url.substr(colon + 1);
    std::string uri(url.substr(0, colon + 1));
    if (rest.starts_with("//")) {
        const auto authority = rest.substr(2, std::min(rest.find_first_of("/?#", 2), rest.size()) - 2);
        const auto encoded = find_authority(authority);
        if (!encoded) return std::nullopt;
        uri += "//" + *encoded;
        rest.remove_prefix(2 + authority.size());
    }
    if (rest.empty() && uri.back() == ':') return std::nullopt;
    return uri + encode_uri(rest);
}

std::optional<StixReading> find_stix_reading(const Named<IndicatorType>& type, std::string_view value) {
    const auto* row = std::ranges::find(k_stix_rows, type.value(), &StixRow::type);
    const auto text = repair_utf8(value);
    if (row == std::end(k_stix_rows) || text.empty()) return std::nullopt;
    return row->read(text);
}
}
