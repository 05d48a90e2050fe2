#include "core/base/error.hpp"
#include "core/intel/known_hosts.hpp"
#include "core/intel/names.hpp"
#include "found.hpp"

#include <doctest/doctest.h>

using namespace found;
using namespace cti::intel;

namespace {
std::string names_in(const NameMatcher& matcher, std::string_view text) {
    Findings findings(100);
    Refanged refanged;
    refanged.assign(text, 0);
    matcher.find(refanged, {}, findings);
    std::string out;
    for (const auto& indicator : findings.release())
        out += (out.empty() ? "" : ", ") +
               std::string(text.substr(indicator.start, indicator.end - indicator.start)) + "=" +
               indicator.value;
    return out;
}
}

TEST_CASE("intel::NameMatcher: the canonical name is reported for every alias, the longest one wins") {
    const NameMatcher matcher({{Type::malware, "Emotet", {"GeodoBot"}},
                               {Type::tool, "Cobalt Strike", {}},
                               {Type::threat_actor, "Cobalt Group", {"Cobalt Spider"}}});
    CHECK(names_in(matcher, "GEODOBOT and emotet") == "GEODOBOT=Emotet");
    CHECK(names_in(matcher, "a Cobalt Strike beacon") == "Cobalt Strike=Cobalt Strike");
    CHECK(names_in(matcher, "Emotets emotet.com xEmotet Emotet_1").empty());
}

TEST_CASE("intel::NameMatcher: names that are words count before a word that says what they are") {
    const NameMatcher matcher(
        {{Type::malware, "Play", {}}, {Type::malware, "Hive", {}}, {Type::malware, "WIRTE", {}}});
    CHECK(names_in(matcher, "They Play a role; the hive. WIRTE too") == "WIRTE=WIRTE");
    CHECK(names_in(matcher, "the Play ransomware, a Hive affiliate, play ransomware") ==
          "Play=Play, Hive=Hive");
}

TEST_CASE("intel::extract: names that are words count where case and company say so") {
    const auto names = [](const char* text) {
        std::string out;
        for (const auto& indicator : extractor().extract(text).indicators)
            if (indicator.type >= Type::malware) out += (out.empty() ? "" : ", ") + indicator.value;
        return out;
    };
    for (const char* text :
         {"An incident responder said", "the dharma of it", "Responder called back within an hour.",
          "Pegasus is a horse with wings", "medusa ransomware", "a patchwork of laws", "Medusa and Perseus",
          "Emotet-free: the Royal Mail", "the UK's Royal navy", "She took the rattlesnake by its tail.",
          "THE HIVE AND THE CACTUS", "An elastic NSO's pegasus", "Tick boxes", "Hive Mind and Play Store"})
        CHECK_MESSAGE(names(text) == (std::string_view(text).starts_with("Emotet") ? "Emotet" : ""), text);
    CHECK(names("Dharma ransomware") == "Dharma");
    CHECK(names("NSO's Pegasus") == "Pegasus");
    CHECK(names("NSO Group’s Pegasus infects") == "Pegasus");
    CHECK(names("Responder and Impacket") == "Responder, Impacket");
    CHECK(names("They ran Responder, Sliver, Havoc and Cobalt Strike.") ==
          "Responder, Sliver, Havoc, Cobalt Strike");
    CHECK(names("Impacket/Responder, or Chisel") == "Impacket, Responder, Chisel");
    CHECK(names("the spyware Pegasus; tools such as Responder were used") == "Pegasus, Responder");
    CHECK(names("malware known as “Medusa” spreads") == "Medusa");
    CHECK(names("die Medusa-Ransomware, la banda; le ransomware Royal a") == "Medusa, Royal");
    CHECK(names("MEDUSA ransomware") == "Medusa");
    CHECK(names("BARIUM moved on, ZeuS and Bloodhound") == "APT41, ZeuS, BloodHound");
}

TEST_CASE("intel::extract: nobody is named by a path, an address or a file") {
    for (const char* text :
         {"C:\\ProgramData\\Evil Corp\\run.bat", "/opt/Lazarus/x", "HKCU\\Software\\Lazarus\\Run",
          "https://blog.vendor.com/lazarus-group-news/", "https://vendor.com/Lazarus/cut…", "lazarus.exe",
          "\\\\.\\pipe\\Lazarus", "blog.vendor.com/emotet/back"}) {
        CHECK_MESSAGE(list(Type::threat_actor, text).empty(), text);
        CHECK_MESSAGE(list(Type::malware, text).empty(), text);
    }
    CHECK(list(Type::threat_actor, "Lazarus wrote C:\\Lazarus\\a.exe") == "Lazarus Group");
    CHECK(list(Type::threat_actor, "“Fancy Bear” and Evil\u00A0Corp") == "APT28, Evil Corp");
}

TEST_CASE("intel::KnownHosts: of hosts that everybody uses the address is an indicator, the host is none") {
    const auto verdict = [](Type type, std::string_view text) {
        for (const auto& indicator : extractor().extract(text).indicators)
            if (indicator.type == type) return indicator.verdict;
        return Verdict::reserved;
    };
    for (const char* url :
         {"https://t.co/keNYZ2kyzs?amp=1", "https://drive.google.com/uc?id=1",
          "https://raw.githubusercontent.com/x/y/main/a.ps1", "http://ocsp.digicert.com/",
          "http://schemas.openxmlformats.org/package/2006", "https://go.microsoft.com/fwlink/?linkid=2",
          "https://uc1234.dl.dropboxusercontent.com/x", "https://www.mediafire.com/file/x",
          "https://github.com/a/b/releases/download/1/x.exe"}) {
        CHECK_MESSAGE(verdict(Type::url, url) == Verdict::none, url);
        CHECK_MESSAGE(verdict(Type::domain, url) == Verdict::shared_host, url);
    }
    for (const char* host : {"login.live.com",
                             "accounts.google.com",
                             "docs.microsoft.com",
                             "webhook.site",
                             "msftconnecttest.com",
                             "msftncsi.com",
                             "technet.microsoft.com",
                             "smartscreen.microsoft.com",
                             "management.azure.com",
                             "dev.azure.com",
                             "visualstudio.com",
                             "config.edge.skype.com",
                             "forms.office.com",
                             "forms.microsoft.com",
                             "docusign.net",
                             "na4.docusign.net",
                             "docusign.com",
                             "acrobat.adobe.com",
                             "indd.adobe.com",
                             "jotform.com",
                             "typeform.com",
                             "surveymonkey.com",
                             "git.io",
                             "docker.io",
                             "groups.google.com",
                             "photos.google.com",
                             "static.cloudflareinsights.com",
                             "challenges.cloudflare.com",
                             "ocsp.swisssign.net",
                             "zerossl.ocsp.sectigo.com",
                             "www.openxmlformats.org",
                             "surl.li",
                             "n9.cl",
                             "x.gd",
                             "zpr.io",
                             "0x0.st",
                             "put.io",
                             "send.exploit.in",
                             "send.vis.ee",
                             "icedrive.net",
                             "terabox.com",
                             "drive.proton.me",
                             "api.myip.com",
                             "time.nist.gov",
                             "api.openai.com",
                             "chatgpt.com",
                             "claude.ai",
                             "ddns.net",
                             "ngrok.io",
                             "workers.dev"})
        CHECK_MESSAGE(verdict(Type::domain, std::string("seen: ") + host) == Verdict::shared_host, host);
    for (const char* host : {"evil.ngrok.io", "evil.trycloudflare.com", "evil.workers.dev", "evil.pages.dev",
                             "evil.ddns.net", "evil.duckdns.org", "evil.typeform.com", "evil.webhook.site"})
        CHECK_MESSAGE(verdict(Type::domain, std::string("seen: ") + host) == Verdict::none, host);
    CHECK(verdict(Type::domain, "ann@gmail.com") == Verdict::shared_host);
    CHECK(verdict(Type::domain, "evil.blogspot.com evil.pages.dev") == Verdict::none);
    CHECK(verdict(Type::url, "https://github.com/a/b") == Verdict::benign);
}

TEST_CASE("intel::KnownHosts: warninglists about hosts alone, and those of shorteners, add shared hosts") {
    KnownHosts known;
    CHECK(
        known.add_warninglist(
            R"({"name":"List of known URL Shorteners","type":"hostname","list":["sho.example"],"matching_attributes":["url","domain"]})",
            "a") == 1);
    CHECK(
        known.add_warninglist(
            R"({"name":"b","type":"string","list":["files.example"],"matching_attributes":["domain","hostname"]})",
            "b") == 1);
    const auto verdict = [&](Type type, const char* value) {
        Indicator indicator;
        indicator.type = type, indicator.value = value;
        return known.verdict_of(indicator);
    };
    for (const char* host : {"sho.example", "www.sho.example", "files.example"})
        CHECK_MESSAGE(verdict(Type::domain, host) == Verdict::shared_host, host);
    CHECK(verdict(Type::url, "https://sho.example/a") == Verdict::none);
    CHECK(verdict(Type::url, "https://files.example/a") == Verdict::none);
    CHECK(verdict(Type::domain, "x.files.example") == Verdict::none);
}

TEST_CASE("intel::parse_galaxy: malware, tools and actors with their synonyms, other clusters give nothing") {
    const auto names = parse_galaxy(
        R"({"type":"threat-actor","values":[{"value":"APT0 - G0001","meta":{"synonyms":["Odd Bear",3]}},{"value":7}]})",
        "a.json");
    REQUIRE(names.size() == 1);
    CHECK(names[0].canonical == "APT0");
    CHECK(names[0].aliases == std::vector<std::string>{"Odd Bear"});
    CHECK(names[0].type == Type::threat_actor);
    CHECK(parse_galaxy(R"({"type":"sector","values":[{"value":"Bank"}]})", "b.json").empty());
    CHECK_THROWS_AS(parse_galaxy("[1]", "c.json"), cti::Error);
    CHECK_THROWS_AS(parse_galaxy(std::string(100000, '['), "d.json"), cti::Error);
}

TEST_CASE("intel::default_names: what ships with the tool is well-formed and finds its names") {
    CHECK(parse_names(default_names(), "names.yaml").size() > 100);
    CHECK(list(Type::threat_actor, "attributed to Fancy Bear") == "APT28");
    CHECK_THROWS_AS(parse_names("animals:\n  - Bear\n", "x.yaml"), cti::Error);
}

TEST_CASE("intel::KnownHosts: warninglists of hosts, values, parts and networks") {
    KnownHosts known;
    CHECK(known.add_warninglist(R"({"name":"a","type":"hostname","list":["safe.example",".cdn.example"]})",
                                "a") == 2);
    CHECK(known.add_warninglist(
              R"({"name":"b","type":"cidr","list":["198.41.0.0/24","2001:500::/30","bad"]})", "b") == 2);
    CHECK(known.add_warninglist(R"({"name":"c","type":"string","list":["0123456789abcdef0123456789abcdee"]})",
                                "c") == 1);
    CHECK(known.add_warninglist(R"({"name":"d","type":"substring","list":["telemetry"]})", "d") == 1);
    CHECK(known.add_warninglist(R"({"name":"e","type":"regex","list":["/a/"]})", "e") == 0);
    const auto is_known = [&](Type type, const char* value) {
        Indicator indicator;
        indicator.type = type, indicator.value = value;
        return known.is_known(indicator);
    };
    CHECK(is_known(Type::domain, "safe.example"));
    CHECK(is_known(Type::url, "https://x.cdn.example/a"));
    CHECK_FALSE(is_known(Type::domain, "unsafe.example"));
    CHECK(is_known(Type::ipv4, "198.41.0.4"));
    CHECK_FALSE(is_known(Type::ipv4, "198.41.1.4"));
    CHECK(is_known(Type::ipv6, "2001:500:2::c"));
    CHECK(is_known(Type::md5, "0123456789abcdef0123456789abcdee"));
    CHECK(is_known(Type::domain, "telemetry.vendor.example"));
    CHECK_THROWS_AS(known.add_warninglist("{}", "f"), cti::Error);
}
