#include "core/intel/neighbours.hpp"
#include "found.hpp"

#include <doctest/doctest.h>

using namespace found;
using namespace cti::intel;

namespace {
const std::string k_md5 = "3f9a1c0d5e7b8a6f4c2d1e0f9a8b7c6d";

struct Written {
    Type type;
    std::string text, value; // as it stands there, and what is found
    std::string label = {};
};
// One of each type that has a form of its own, and of those that a word announces.
const std::vector<Written>& all_types() {
    static const std::vector<Written> all{
        {Type::ipv4, "198.41.0.4", "198.41.0.4"},
        {Type::ipv6, "2001:500:2::c", "2001:500:2::c"},
        {Type::cidr, "198.41.0.0/24", "198.41.0.0/24"},
        {Type::ip_port, "198.41.0.4:4443", "198.41.0.4:4443"},
        {Type::domain, "evil-panel.online", "evil-panel.online"},
        {Type::domain, "evil.co.za", "evil.co.za"},
        {Type::onion, "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion",
         "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion"},
        {Type::email, "ann@evil-panel.com", "ann@evil-panel.com"},
        {Type::md5, k_md5, k_md5},
        {Type::sha1, k_md5 + "01234567", k_md5 + "01234567"},
        {Type::sha256, k_md5 + k_md5, k_md5 + k_md5},
        {Type::sha512, k_md5 + k_md5 + k_md5 + k_md5, k_md5 + k_md5 + k_md5 + k_md5},
        {Type::ssdeep, "1536:aBcDeFgHiJ/kLm+n:OpQrStU", "1536:aBcDeFgHiJ/kLm+n:OpQrStU"},
        {Type::imphash, k_md5, k_md5, "imphash: "},
        {Type::cve, "CVE-2024-12345", "CVE-2024-12345"},
        {Type::ghsa, "GHSA-jfh8-c2jp-5v3q", "GHSA-jfh8-c2jp-5v3q"},
        {Type::cvss, "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
         "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"},
        {Type::attack_technique, "T1566", "T1566"},
        {Type::attack_technique, "T1059.001", "T1059.001"},
        {Type::attack_tactic, "TA0001", "TA0001"},
        {Type::filename, "evil.exe", "evil.exe"},
        {Type::file_path, "C:\\Users\\Public\\evil.exe", "C:\\Users\\Public\\evil.exe"},
        {Type::file_path, "C:\\Program Files\\Evil App\\run.dll", "C:\\Program Files\\Evil App\\run.dll"},
        {Type::file_path, "%APPDATA%\\x\\y.dll", "%APPDATA%\\x\\y.dll"},
        {Type::file_path, "\\\\server\\share\\z.bat", "\\\\server\\share\\z.bat"},
        {Type::file_path, "/tmp/.x/evil.bin", "/tmp/.x/evil.bin"},
        {Type::file_path, "~/.ssh/id_rsa", "~/.ssh/id_rsa"},
        {Type::registry_key, "HKCU\\Software\\Evil\\Run", "HKEY_CURRENT_USER\\Software\\Evil\\Run"},
        {Type::named_pipe, "\\\\.\\pipe\\evil_1", "evil_1"},
        {Type::named_pipe, "evil_1", "evil_1", "named pipe called "},
        {Type::mutex, "Global\\EvilMx", "Global\\EvilMx", "mutex named "},
        {Type::service, "EvilSvc", "EvilSvc", "service named "},
        {Type::scheduled_task, "EvilTask", "EvilTask", "scheduled task named "},
        {Type::user_agent, "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101",
         "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101"},
        {Type::user_agent, "curlish/1.0 (x)", "curlish/1.0 (x)", "User-Agent: "},
        {Type::asn, "AS64497", "AS64497"},
        {Type::mac, "aa:bb:cc:00:11:23", "aa:bb:cc:00:11:23"},
        {Type::mac, "aabb.cc00.1124", "aa:bb:cc:00:11:24"},
        {Type::btc, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"},
        {Type::btc, "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
         "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"},
        {Type::eth, "0x71C7656EC7ab88b098defB751B7401B5f6d8976F",
         "0x71c7656ec7ab88b098defb751b7401b5f6d8976f"},
        {Type::telegram, "@evil_channel", "@evil_channel", "Telegram "},
        {Type::phone, "+12025550100", "+12025550100"},
        {Type::google_analytics, "UA-12345678-1", "UA-12345678-1"},
        {Type::google_adsense, "pub-1234567890123456", "pub-1234567890123456"},
        {Type::malware, "Emotet", "Emotet"},
        {Type::threat_actor, "Fancy Bear", "APT28"},
    };
    return all;
}

constexpr std::pair<const char*, const char*> k_pairs[] = {{"“", "”"},
                                                           {"„", "“"},
                                                           {"„", "”"},
                                                           {"”", "”"},
                                                           {"‘", "’"},
                                                           {"‚", "‘"},
                                                           {"‚", "’"},
                                                           {"’", "’"},
                                                           {"«", "»"},
                                                           {"»", "«"},
                                                           {"« ", " »"},
                                                           {"«\u00A0", "\u00A0»"},
                                                           {"‹\u202F", "\u202F›"},
                                                           {"‹", "›"},
                                                           {"›", "‹"},
                                                           {"「", "」"},
                                                           {"『", "』"},
                                                           {"｢", "｣"},
                                                           {"《", "》"},
                                                           {"〈", "〉"},
                                                           {"【", "】"},
                                                           {"〝", "〞"},
                                                           {"〝", "〟"},
                                                           {"❝", "❞"},
                                                           {"＂", "＂"},
                                                           {"＇", "＇"},
                                                           {"\"", "\""},
                                                           {"'", "'"},
                                                           {"`", "`"}};
// With a word right after.
constexpr const char* k_glued[] = {"，", "。",     "；",     "：",     "！",     "？",    "、", "…",
                                   "—",  "–",      "―",      "｡",      "）",     "】",    "」", "”",
                                   "»",  "›",      "·",      "•",      "→",      "؟",     "،",  "۔",
                                   "।",  "\u00A0", "\u3000", "\u2009", "\u202F", "\u2028"};
// With a blank after, or at the end of the text.
constexpr const char* k_apart[] = {".",      ",",      ";",      "!",      "?",     "...",    ".”",
                                   ".»",     ".)",     "）。",   "。」",   "’",     "\u200B", "\u200D",
                                   "\uFEFF", "\u00AD", "\u2060", "\u200E", "\uFE0F"};
constexpr const char* k_before[] = {
    "，", "：", "、", "—", "–", "…", "·",      "•",      "→",      "（",     "【",      "「",      "“", "„",
    "‘",  "«",  "‹",  "¿", "¡", "،", "\u00A0", "\u3000", "\u2009", "\u202F", " \u200B", " \uFEFF", "(", "\t"};

void check(const Written& written, const std::string& text) {
    CHECK_MESSAGE(list(written.type, text) == written.value, text);
}
}

TEST_CASE("intel::extract: quotes of every language hide and lengthen no value of any type") {
    for (const auto& written : all_types())
        for (const auto& [open, close] : k_pairs)
            check(written, "It was " + written.label + open + written.text + close + " there");
}

TEST_CASE("intel::extract: what stands behind a value is none of it, whatever the type") {
    for (const auto& written : all_types()) {
        for (const auto* behind : k_glued)
            check(written, "It was " + written.label + written.text + behind + "there");
        for (const auto* behind : k_glued) check(written, "It was " + written.label + written.text + behind);
        for (const auto* behind : k_apart)
            check(written, "It was " + written.label + written.text + behind + " there");
        for (const auto* behind : k_apart) check(written, "It was " + written.label + written.text + behind);
    }
}

TEST_CASE("intel::extract: what stands before a value is none of it, whatever the type") {
    for (const auto& written : all_types()) {
        if (!written.label.empty()) continue;
        for (const auto* before_it : k_before)
            check(written, std::string("It was") + before_it + written.text + " there");
        for (const auto* before_it : k_before) check(written, before_it + written.text);
    }
}

TEST_CASE("intel::extract: a URL ends at quotes, dashes and full-width punctuation") {
    const Written url{Type::url, "https://a.evil.com/b.php?c=1", "https://a.evil.com/b.php?c=1"};
    for (const auto& [open, close] : k_pairs)
        check(url, "It was " + std::string(open) + url.text + close + " there");
    for (const auto* behind : k_glued)
        if (std::string_view(behind) != "…") check(url, "It was " + url.text + behind + "there");
}

TEST_CASE("intel::extract: every kind of dash is the hyphen of an identifier, and none joins two words") {
    for (const char* dash : {"‐", "‑", "‒", "–", "—", "―", "−", "﹘", "﹣", "－", "⸺"}) {
        CHECK(list(Type::cve, "seen CVE" + std::string(dash) + "2024" + dash + "12345 there") ==
              "CVE-2024-12345");
        CHECK(list(Type::ghsa, "GHSA" + std::string(dash) + "jfh8" + dash + "c2jp" + dash + "5v3q") ==
              "GHSA-jfh8-c2jp-5v3q");
    }
    CHECK(list(Type::ipv4, "198.41.0.4–198.41.0.9") == "198.41.0.4, 198.41.0.9");
    CHECK(list(Type::domain, "evil.com。198.41.0.4。next") == "evil.com");
}

TEST_CASE("intel::find_closing: quotes within quotes and apostrophes close nothing") {
    const auto closing = [](std::string_view text) {
        const auto open = character_at(text, 0);
        std::size_t start = 0;
        cti::next_code_point(text, start);
        return find_closing(text, start, text.size(), quote_kind(open));
    };
    CHECK(closing("\"a \"b c\" d\" e\"") == 10);
    CHECK(closing("'don't' x") == 6);
    CHECK(closing("\"a\nb\"") == std::string_view::npos);
    CHECK(closing("„a“ b”") == 4);
    CHECK(closing("«a“»") == 6);
}

TEST_CASE("intel::roles_of: letters of any script have none") {
    for (const char32_t c : {U'a', U'ä', U'ж', U'中', U'ا', U'７'}) CHECK(roles_of(c) == 0);
    CHECK(roles_of(0x200B) == k_invisible);
    CHECK(roles_of(0x2014) == k_hyphen);
    CHECK(is_end_at("“", 0));
    CHECK_FALSE(is_end_at("“", 3));
}
