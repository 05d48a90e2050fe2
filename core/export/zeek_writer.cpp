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

// Programs and libraries that every Windows has, and what opens documents: reports name them as what was
// abused, and a sensor that looks for files of these names would report the whole office. In lower case,
// sorted.
constexpr std::array<std::string_view, 106> k_stock_programs{
    "advapi32.dll",    "at.exe",         "attrib.exe",         "bash.exe",
    "bcdedit.exe",     "bitsadmin.exe",  "certreq.exe",        "certutil.exe",
    "cipher.exe",      "cmd.exe",        "cmdkey.exe",         "cmstp.exe",
    "comsvcs.dll",     "conhost.exe",    "control.exe",        "cscript.exe",
    "csrss.exe",       "curl.exe",       "dllhost.exe",        "dnscmd.exe",
    "dsquery.exe",     "dwm.exe",        "esentutl.exe",       "eventvwr.exe",
    "excel.exe",       "expand.exe",     "explorer.exe",       "extrac32.exe",
    "findstr.exe",     "fodhelper.exe",  "forfiles.exe",       "fsutil.exe",
    "ftp.exe",         "hh.exe",         "icacls.exe",         "iexplore.exe",
    "installutil.exe", "ipconfig.exe",   "kernel32.dll",       "lsass.exe",
    "makecab.exe",     "mmc.exe",        "msbuild.exe",        "msedge.exe",
    "mshta.exe",       "msiexec.exe",    "mstsc.exe",          "net.exe",
    "net1.exe",        "netsh.exe",      "netstat.exe",        "nltest.exe",
    "notepad.exe",     "nslookup.exe",   "ntdll.dll",          "ntdsutil.exe",
    "odbcconf.exe",    "outlook.exe",    "pcalua.exe",         "ping.exe",
    "powerpnt.exe",    "powershell.exe", "powershell_ise.exe", "pwsh.exe",
    "quser.exe",       "reg.exe",        "regasm.exe",         "regedit.exe",
    "regsvcs.exe",     "regsvr32.exe",   "robocopy.exe",       "route.exe",
    "rundll32.exe",    "sc.exe",         "schtasks.exe",       "services.exe",
    "sethc.exe",       "shell32.dll",    "smss.exe",           "spoolsv.exe",
    "svchost.exe",     "systeminfo.exe", "takeown.exe",        "taskhost.exe",
    "taskhostw.exe",   "taskkill.exe",   "tasklist.exe",       "user32.dll",
    "utilman.exe",     "vssadmin.exe",   "w3wp.exe",           "wbadmin.exe",
    "werfault.exe",    "wermgr.exe",     "wevtutil.exe",       "whoami.exe",
    "wininit.exe",     "winlogon.exe",   "winrm.cmd",          "winword.exe",
    "wmic.exe",        "wmiprvse.exe",   "wscript.exe",        "wsl.exe",
    "wuauclt.exe",     "xcopy.exe"};
static_assert(std::ranges::is_sorted(k_stock_programs));

bool is_stock_program(const Finding& finding) {
    return finding.type == Type::filename &&
           std::ranges::binary_search(k_stock_programs, ascii_lower(finding.value));
}

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
    explicit ZeekWriter(const Options& options) : m_stock_programs(options.stock_programs) {}

    void begin(std::string& out) override {
        out += "#fields\tindicator\tindicator_type\tmeta.source\tmeta.desc\tmeta.url\n";
    }

    void article(std::string& out, const StoredArticle& article) override {
        for (const auto& finding : article.findings) {
            const auto type = find_zeek_type(finding);
            if (type.empty() || !is_usable(finding) || !may_be_blocked(finding.verdict)) continue;
            if (!m_stock_programs && is_stock_program(finding)) continue;
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

    bool m_stock_programs;
    std::unordered_set<std::string> m_written; // "indicator TAB type": the newest article tells of it
};
}

Needs needs_zeek(const Options&) { return {.content = false, .findings = true}; }
std::unique_ptr<Writer> make_zeek(const Options& options) { return std::make_unique<ZeekWriter>(options); }
}
