#include "core/base/text.hpp"
#include "core/base/url.hpp"
#include "core/export/ascii_names.hpp"
#include "core/export/harmless.hpp"
#include "core/export/platform_ids.hpp"
#include "core/export/writers.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <map>

// Rules for Suricata 6 and later: a domain and what is below it in DNS, TLS and HTTP, a URL in HTTP, an
// address or a network by IP. File hashes would need list files beside the rules, so they are left out, as is
// all else.
//
// A rule's number follows from what it looks for alone. There are 1,147 million of them, above those
// that are handed out to others and within 31 bits, as databases of alerts want it. Where two rules of one
// export meet (one chance in two among 40,000 rules), the later line of the file takes the next number of a
// series of its own, so the earlier one and all others keep theirs.
namespace cti::exporter {
namespace {
using Type = IndicatorType;

constexpr std::uint64_t k_first_sid = 1'000'000'000, k_last_sid = 2'147'483'647;
constexpr std::size_t k_max_content_bytes = 200; // Suricata takes 255 bytes.
constexpr std::size_t k_max_name_bytes = 150;    // of a value in a message

// For `content:`: letters, digits and three harmless marks stand for themselves, all else by its number.
std::string content(std::string_view text) {
    std::string out = "\"", hex;
    const auto flush = [&] {
        if (!hex.empty()) out += '|' + hex + '|';
        hex.clear();
    };
    for (const char c : text) {
        if (is_ascii_alpha(c) || is_ascii_digit(c) || c == '.' || c == '-' || c == '/') {
            flush();
            out += c;
        } else {
            hex += fmt::format("{}{:02X}", hex.empty() ? "" : " ", static_cast<unsigned char>(c));
        }
    }
    flush();
    return out + '"';
}

// For messages and metadata, where quotes, semicolons, commas, blanks and line ends would mean something.
// What is cut still differs from what begins alike.
std::string harmless(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool is_safe = is_ascii_alpha(c) || is_ascii_digit(c) ||
                             std::string_view("._-/:=?&@~+").find(c) != std::string_view::npos;
        out += is_safe ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
        if (out.size() >= k_max_name_bytes)
            return out + "..." + to_string(own_uuid("name", text)).substr(0, 8);
    }
    return out;
}

// A reference ends at the first character that Suricata's grammar has not got: then rather the folder.
std::string reference(std::string_view url) {
    if (!is_http_url(url)) return "";
    auto text = url.substr(url.find("//") + 2);
    const auto is_allowed = [](char c) {
        return is_ascii_alpha(c) || is_ascii_digit(c) ||
               std::string_view("-_./?=").find(c) != std::string_view::npos;
    };
    const auto bad = std::ranges::find_if_not(text, is_allowed) - text.begin();
    if (static_cast<std::size_t>(bad) < text.size())
        text = text.substr(0, text.substr(0, static_cast<std::size_t>(bad)).rfind('/') + 1);
    return text.empty() || text.size() > 1000 ? "" : fmt::format(" reference:url,{};", text);
}

struct Rule {
    std::string head;  // "dns $HOME_NET any -> any any"
    std::string match; // options that look for it, each with its semicolon
};

constexpr std::string_view k_out = "$HOME_NET any -> $EXTERNAL_NET any";
constexpr std::string_view k_once =
    "threshold:type limit,track by_src,seconds 3600,count 1;"; // per packet else

std::vector<Rule> domain_rules(const std::string& value) {
    if (value.empty() || value.size() > 253) return {};
    const auto below = content('.' + ascii_lower(value));
    const auto is_onion = ascii_lower(value).ends_with(".onion");
    std::vector<Rule> rules{{"dns $HOME_NET any -> any any",
                             fmt::format("dns.query; dotprefix; content:{}; nocase; endswith;", below)}};
    if (is_onion) return rules; // Tor hides all but a mistaken question.
    rules.push_back(
        {fmt::format("tls {}", k_out),
         fmt::format("flow:established,to_server; tls.sni; dotprefix; content:{}; nocase; endswith;",
                     below)});
    rules.push_back(
        {fmt::format("http {}", k_out),
         fmt::format("flow:established,to_server; http.host; dotprefix; content:{}; endswith;", below)});
    return rules;
}

// The host and the request line as they are sent. A long address is known by its head and its length.
std::vector<Rule> url_rules(const std::string& value) {
    const auto url = complete_url(value);
    if (!is_http_url(url)) return {};
    const auto parts = split_url(url);
    const auto host = ascii_lower(parts.host);
    auto request = std::string(parts.path.empty() ? "/" : parts.path);
    if (parts.has_query) request += '?' + std::string(parts.query);
    if (host.empty() || host.size() > 253 || request.size() > 60'000) return {};
    return {
        {fmt::format("http {}", k_out),
         fmt::format(
             "flow:established,to_server; http.host; content:{}; bsize:{}; http.uri.raw; content:{}; startswith; bsize:{};",
             content(host), host.size(), content(request.substr(0, k_max_content_bytes)), request.size())}};
}

bool is_number(std::string_view text, int most) {
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() && number >= 0 && number <= most;
}

// Of either version, with a length of prefix after it or without.
bool is_address(const std::string& text) {
    const auto slash = text.find('/');
    const auto address = text.substr(0, slash);
    std::array<unsigned char, 16> bytes{};
    const bool is_v4 = inet_pton(AF_INET, address.c_str(), bytes.data()) == 1;
    if (!is_v4 && inet_pton(AF_INET6, address.c_str(), bytes.data()) != 1) return false;
    return slash == text.npos || is_number(text.substr(slash + 1), is_v4 ? 32 : 128);
}

std::vector<Rule> address_rules(const std::string& value) {
    if (!is_address(value)) return {};
    return {{fmt::format("ip $HOME_NET any -> [{}] any", value), std::string(k_once)}};
}

std::vector<Rule> port_rules(const std::string& value) {
    const auto colon = value.rfind(':');
    if (colon == value.npos) return {};
    const auto address = value.substr(0, colon), port = value.substr(colon + 1);
    if (!is_address(address) || !is_number(port, 65535)) return {};
    return {{fmt::format("tcp $HOME_NET any -> [{}] {}", address, port), std::string(k_once)}};
}

struct SuricataRow {
    Type type;
    std::string_view word; // for the message
    std::vector<Rule> (*rules)(const std::string& value);
};
constexpr SuricataRow k_suricata_rows[] = {
    {Type::ipv4, "address", address_rules}, {Type::ipv6, "address", address_rules},
    {Type::cidr, "network", address_rules}, {Type::ip_port, "address", port_rules},
    {Type::domain, "domain", domain_rules}, {Type::onion, "domain", domain_rules},
    {Type::url, "url", url_rules},
};
static_assert(k_type_count == 46, "can Suricata match the new type?");

class SuricataWriter : public Writer {
public:
    explicit SuricataWriter(const Options& options) : m_tlp(options.tlp) {}

    // The rules of all articles are sorted, so nothing is written before the last one.
    void article(std::string&, const StoredArticle& article) override {
        const auto origin = std::make_shared<const std::string>(origin_of(article));
        for (const auto& finding : article.findings) {
            if (!may_be_blocked(finding.verdict)) continue;
            const auto* row = std::ranges::find(k_suricata_rows, finding.type.value(), &SuricataRow::type);
            if (row == std::end(k_suricata_rows)) continue;
            const auto value = repair_utf8(finding.value);
            for (auto& rule : row->rules(value)) {
                // The blank after the value ends it, as none stands in one: lines are sorted as these are.
                const auto key =
                    fmt::format("alert {} (msg:\"cti {} {} ", rule.head, row->word, harmless(value));
                auto& entry = m_rules[key];
                if (entry.match.empty()) entry.match = std::move(rule.match);
                entry.origin =
                    origin; // The oldest article comes last: who told it first, today and tomorrow.
            }
        }
    }

    void end(std::string& out) override {
        while (!m_rules.empty()) { // What is written is forgotten: both at once would take twice the memory.
            const auto rule = m_rules.extract(m_rules.begin());
            const auto& [match, origin] = rule.mapped();
            const auto head = rule.key().substr(0, rule.key().find(" (msg:"));
            out += fmt::format("{}{} {} sid:{}; rev:1;)\n", rule.key(), *origin, match,
                               assign_sid(head + match));
        }
    }

private:
    struct Entry {
        std::string match;
        std::shared_ptr<const std::string> origin; // the rest of the message, reference and metadata
    };

    std::string origin_of(const StoredArticle& article) const {
        const auto source = harmless(article.source.empty() ? source_label(article) : article.source);
        auto date = format_rfc3339(article.published_at).substr(0, 10);
        std::ranges::replace(date, '-', '_');
        return fmt::format("reported by {}\";{} metadata:created_at {}, source {}{};", source,
                           reference(ascii_url(article.url)), date, source,
                           m_tlp == Tlp::none ? "" : fmt::format(", tlp {}", name_of(m_tlp)));
    }

    std::uint64_t assign_sid(const std::string& what) {
        for (int turn = 0;; ++turn) {
            const auto uuid = own_uuid("sid", turn == 0 ? what : fmt::format("{}\n{}", what, turn));
            std::uint64_t number = 0;
            for (std::size_t i = 8; i < 16; ++i) number = number << 8U | uuid[i];
            const auto sid = k_first_sid + number % (k_last_sid - k_first_sid + 1);
            if (m_sids.insert(sid).second) return sid;
        }
    }

    Tlp m_tlp;
    std::map<std::string, Entry> m_rules;
    std::unordered_set<std::uint64_t> m_sids;
};
}

Needs needs_suricata(const Options&) { return {.content = false, .findings = true}; }
std::unique_ptr<Writer> make_suricata(const Options& options) {
    return std::make_unique<SuricataWriter>(options);
}
}
