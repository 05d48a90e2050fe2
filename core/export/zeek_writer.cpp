#include "core/base/text.hpp"
#include "core/base/url.hpp"
#include "core/export/ascii_names.hpp"
#include "core/export/harmless.hpp"
#include "core/export/writers.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <unordered_set>

// A file for Intel::read_files of Zeek's intelligence framework.
namespace cti::exporter {
namespace {
using Type = IndicatorType;

struct ZeekType {
    Type type;
    std::string_view name;
};
// Zeek computes MD5, SHA-1 and SHA-256 of files, and sees no port with an address; the rest it cannot match.
constexpr std::array<ZeekType, 12> k_types{{{Type::ipv4, "Intel::ADDR"},
                                            {Type::ipv6, "Intel::ADDR"},
                                            {Type::cidr, "Intel::SUBNET"},
                                            {Type::domain, "Intel::DOMAIN"},
                                            {Type::onion, "Intel::DOMAIN"},
                                            {Type::url, "Intel::URL"},
                                            {Type::email, "Intel::EMAIL"},
                                            {Type::md5, "Intel::FILE_HASH"},
                                            {Type::sha1, "Intel::FILE_HASH"},
                                            {Type::sha256, "Intel::FILE_HASH"},
                                            {Type::filename, "Intel::FILE_NAME"},
                                            {Type::user_agent, "Intel::SOFTWARE"}}};
static_assert(k_type_count == 46, "can Zeek match the new type?");

std::string_view find_zeek_type(const Finding& finding) {
    const auto* found = std::ranges::find(k_types, finding.type.value(), &ZeekType::type);
    return found == k_types.end() ? std::string_view{} : found->name;
}

// Zeek's reader turns \xNN back into the byte. "-" and "(empty)" mean no value to it, and a line that begins
// with "#" is a header.
void append_column(std::string& out, std::string_view text) {
    if (text.empty()) {
        out += '-';
        return;
    }
    const auto clean = repair_utf8(text); // without NUL, at which Zeek ends a string
    if (clean.empty()) out += '-';
    for (std::size_t i = 0; i < clean.size(); ++i) {
        const auto byte = static_cast<unsigned char>(clean[i]);
        const bool means_nothing = i == 0 && (clean == "-" || clean == "(empty)" || byte == '#');
        if (byte < 0x20 || byte == 0x7F || byte == '\\' || means_nothing)
            out += fmt::format("\\x{:02x}", byte);
        else
            out += clean[i];
    }
}

// The URL without its scheme and without what never stands in a request: credentials.
std::string without_scheme(std::string_view url) {
    const auto whole = with_scheme(url);
    const auto parts = split_url(whole);
    const auto begin = parts.scheme.size() + std::string_view("://").size();
    return whole.substr(parts.userinfo.empty() ? begin : begin + parts.userinfo.size() + 1);
}

// The URL as a request has it, which is what Zeek looks up for HTTP: with a path, without a fragment and
// without port 80.
std::string as_requested(std::string_view url) {
    const auto whole = with_scheme(url);
    const auto parts = split_url(whole);
    if (parts.host.empty()) return {};
    std::string out(parts.host);
    if (!parts.port.empty() && parts.port != "80") out.append(":").append(parts.port);
    out += parts.path.empty() ? "/" : parts.path;
    if (parts.has_query) out.append("?").append(parts.query);
    return out;
}

class ZeekWriter : public Writer {
public:
    void begin(std::string& out) override {
        out += "#fields\tindicator\tindicator_type\tmeta.source\tmeta.desc\tmeta.url\n";
    }

    void article(std::string& out, const StoredArticle& article) override {
        for (const auto& finding : article.findings) {
            const auto type = find_zeek_type(finding);
            if (type.empty() || !is_usable(finding) || !may_be_blocked(finding.verdict)) continue;
            if (finding.type != Type::url) {
                write(out, article, type, finding.value);
                continue;
            }
            // Mail is searched for the URL as it stands there, HTTP for the one that was requested.
            write(out, article, type, without_scheme(finding.value));
            write(out, article, type, as_requested(finding.value));
        }
    }

private:
    // One address that Zeek cannot read stops it from reading the file.
    static bool is_usable(const Finding& finding) {
        if (finding.type == Type::ipv4 || finding.type == Type::ipv6) return is_ip_address(finding.value);
        return finding.type != Type::cidr || is_subnet(finding.value);
    }

    void write(std::string& out, const StoredArticle& article, std::string_view type,
               std::string_view value) {
        std::string line;
        append_column(line, value);
        if (line == "-") return;
        line.append("\t").append(type);
        if (!m_written.insert(line).second) return;
        out.append(line).append("\t");
        append_column(out,
                      article.source.empty() ? "cti" : std::string_view(article.source)); // Zeek wants one.
        append_column(out.append("\t"), one_line(article.title, 300));
        append_column(out.append("\t"), ascii_url(article.url));
        out += '\n';
    }

    std::unordered_set<std::string> m_written; // "indicator TAB type": the newest article tells of it
};
}

Needs needs_zeek(const Options&) { return {.content = false, .findings = true}; }
std::unique_ptr<Writer> make_zeek(const Options&) { return std::make_unique<ZeekWriter>(); }
}
