#include "found.hpp"

#include <doctest/doctest.h>

using namespace found;
using cti::intel::Verdict;

namespace {
// "code", "domain" or "none": what becomes of the name in the text.
std::string kind(std::string_view name, std::string_view text) {
    for (const auto& indicator : extractor().extract(text).indicators)
        if (indicator.type == Type::domain && indicator.value == name)
            return indicator.verdict == Verdict::code_like ? "code" : "domain";
    return "none";
}
}

TEST_CASE("intel::extract: fields in queries and rules are code, whatever the language of the query") {
    CHECK(kind("process.name", "process where process.name == \"cmd.exe\"") == "code");
    CHECK(kind("user.email", "user.email: \"*@vendor.example\" and event.id: 4688") == "code");
    CHECK(kind("event.id", "user.email: \"*@vendor.example\" and event.id: 4688") == "code");
    CHECK(kind("dns.question.name", "dns.question.name in (\"a\", \"b\")") == "code");
    CHECK(kind("host.name", "index=win | stats count by host.name") == "code");
    CHECK(kind("file.name", "FROM logs | WHERE file.name LIKE \"%.dll\" | KEEP file.name") == "code");
    CHECK(kind("user.name", "Hello {{user.name}}") == "code");
    CHECK(kind("event.id", "echo ${event.id}") == "code");
    CHECK(kind("process.name", "The fields process.name and process.parent.executable") == "code");
}

TEST_CASE("intel::extract: members of objects and packages are no domains") {
    CHECK(kind("window.location.host", "window.location.host, then") == "none");
    CHECK(kind("com.android.chrome", "com.android.chrome, com.google.android.gms") == "none");
    CHECK(kind("item.name", "item.name = \"x\"; obj.id = 3;") == "code");
    CHECK(kind("logger.info", "logger.info(\"started\")") == "code");
    CHECK(kind("com.fake.bank", "the package com.fake.bank") == "code");
}

TEST_CASE("intel::extract: the same names are domains among domains") {
    CHECK(kind("process.name", "process.name\nevil-panel.com\nbad-panel.net\n") == "domain");
    CHECK(kind("user.email", "Domains: user.email, evil-panel.com, bad-panel.net") == "domain");
    CHECK(kind("process.name", "process[.]name was seen") == "domain");
    CHECK(kind("evil.name", "evil.name and evil.host") == "domain");
    CHECK(kind("process.name", "https://process.name/x") == "domain");
}

TEST_CASE("intel::extract: what a heading, a cell or a note calls domains are domains") {
    for (const char* text : {"Domains:\nhost.id\nuser.email\nevent.id\n",
                             "IOCs\nprocess.name\nhost.id\nevil-panel.com",
                             "C2 domains:\n- user.email\n- host.id",
                             "Indicator\tType\nhost.id\tdomain",
                             "| host.id | domain |",
                             "| 1 | `host.id` | C2 server |",
                             "type,value\ndomain,host.id\ndomain,user.email",
                             "Domain\tFirst seen\nhost.id\t2024-01-01\nuser.name\t2024-01-02",
                             "host.id - C2 server",
                             "host.id (phishing domain)",
                             "host.id: C2 server",
                             "\"domain\": \"host.id\"",
                             "Domains: process.name, user.email, event.id, host.name and host.id",
                             "The following domains were used by the group:\n\nuser.email\nhost.id",
                             "ドメイン：host.id、user.name",
                             "域名：\nhost.id\nuser.name",
                             "Домены:\n1. host.id\n2. user.name",
                             "Domaines :\n• host.id\n• user.name",
                             "## Domains (3)\n\n- host.id",
                             "host.id # C2",
                             "host.id, domain",
                             "[domain-name:value = 'host.id']",
                             "query == \"host.id\"",
                             "host.id;domain\nuser.name;domain",
                             "The malware beacons to user.name and host.id",
                             "host.id was registered in May",
                             "- host.id (resolved to 192.0.2.1)",
                             "{\"type\":\"domain\",\"value\":\"host.id\"}",
                             "Dominios:\n* host.id\n* user.name"})
        CHECK_MESSAGE(kind("host.id", text) == "domain", text);
}

TEST_CASE("intel::extract: what a heading, a cell or a note calls fields is code") {
    for (const char* text :
         {"Fields:\nhost.id\nuser.email", "Field\tDescription\nhost.id\tThe identifier of the host",
          "| host.id | keyword | Unique host id |", "host.id - the identifier of the host",
          "host.id: hostname", "process.name\nuser.email\nhost.id",
          "The C2 server was busy.\n\nhost.id\nuser.email", "Domains:\nhost.id == \"4\" and user.email",
          "フィールド：host.id、user.name"})
        CHECK_MESSAGE(kind("host.id", text) == "code", text);
}

TEST_CASE("intel::extract: packages and bundles are named by hosts from their end on") {
    for (const char* text :
         {"Package name: com.evil.bank.app", "com.evil.bank.app is an Android trojan",
          "com.evil.bank.app is an Android trojan that connects to a server",
          "com.evil.bank.app (Android package)", "adb install com.evil.bank.app",
          "adb shell am start -n com.evil.bank.app/.MainActivity", "Bundle identifier: com.evil.bank.app",
          "its package name is com.evil.bank.app", "applicationId \"com.evil.bank.app\"",
          "<manifest package=\"com.evil.bank.app\">", "| com.evil.bank.app | Android package |",
          "Package names:\nru.evil.pro\ncom.evil.bank.app", "Packages: com.other.pro, com.evil.bank.app",
          "The Android malware com.evil.bank.app steals SMS",
          "The app (com.evil.bank.app) was removed from Google Play", "\"com.evil.bank.app\" APK",
          "パッケージ名：com.evil.bank.app", "import com.evil.bank.app;"})
        CHECK_MESSAGE(kind("com.evil.bank.app", text) == "code", text);
    CHECK(kind("ru.evil.pro", "its package name is ru.evil.pro") == "code");
    CHECK(list(Type::url, "am start -n com.evil.bank.app/.MainActivity").empty());
    for (const char* text :
         {"C2: com.evil.bank.app", "Domains:\ncom.evil.bank.app", "The C2 server is com.evil.bank.app",
          "The Android malware contacts com.evil.bank.app",
          "The Android malware sends them to com.evil.bank.app",
          "com[.]evil[.]bank[.]app is an Android trojan", "http://com.evil.bank.app/x.apk",
          "It was seen at com.evil.bank.app last May"})
        CHECK_MESSAGE(kind("com.evil.bank.app", text) == "domain", text);
    CHECK(kind("ru.evil.pro", "The Android package was downloaded from ru.evil.pro") == "domain");
}

TEST_CASE("intel::extract: imports, right-hand sides, loops, conditions and arguments are code") {
    for (const char* text : {"x = obj.name",
                             "let x = obj.name;",
                             "self.id += obj.name;",
                             "{ response.host = obj.name }",
                             "for (i in obj.name) {",
                             "for i in obj.name:",
                             "if not obj.name: pass",
                             "while (!obj.name) {",
                             "if (a && obj.name) {",
                             "obj.name[\"x\"]",
                             "obj.name[i]",
                             "f\"{obj.name}\"",
                             "const {a, b} = obj.name;",
                             "import a.io, obj.name",
                             "print(a.id, obj.name)",
                             "import obj.name;",
                             "z = x.name + obj.name",
                             "if x.id == obj.name:",
                             "} else if (obj.name) {",
                             "obj.name = y.name;",
                             "from obj.name import x"})
        CHECK_MESSAGE(kind("obj.name", text) == "code", text);
    CHECK(kind("a.id", "x = a.id") == "code");
    CHECK(kind("foo.name", "if not foo.name: pass") == "code");
    CHECK(kind("self.name", "self.host, self.name") == "code");
    CHECK(kind("org.apache.commons.io", "import org.apache.commons.io;") == "code");
    CHECK(kind("java.net", "import java.net.*;") == "code");
    for (const char* text : {"using System.IO;", "It reads with System.IO and Json.NET"})
        CHECK_MESSAGE(list(Type::domain, text).empty(), text);
}

TEST_CASE("intel::extract: configurations and sentences name domains where code would have members") {
    for (const char* text :
         {"c2 = evil.id", "domain = evil.id", "server=evil.id", "if evil.id: resolves to nothing, then",
          "Attackers are using evil.id; then they left", "for users in evil.id:", "import goods from evil.id",
          "evil.id is an Android trojan's site", "The servers (evil.id, evil.name) are down"})
        CHECK_MESSAGE(kind("evil.id", text) == "domain", text);
    CHECK(kind("data.info", "c2 = data.info") == "domain");
    CHECK(kind("evil.name", "<li>evil.name</li>") == "domain");
    CHECK(kind("evil.name", ">evil.name") == "domain");
    CHECK(kind("evil.name", "$x->evil.name") == "none");
    for (const char* text :
         {"gate = app.evil.name", "name = app.evil.name", "connect(app.evil.name, 443)", "for app.evil.name",
          "while app.evil.name and evil.com are up", "query=app.evil.name"})
        CHECK_MESSAGE(kind("app.evil.name", text) == "domain", text);
    CHECK(kind("app.evil.com", "x = app.evil.com;") == "domain");
    CHECK(kind("net.evil.com", "The Android app uses net.evil.com") == "domain");
}

TEST_CASE("intel::extract: a name that is a domain somewhere is one") {
    CHECK(kind("process.name", "where process.name == \"x\"\n\n" + std::string(200, '-') +
                                   "\nprocess.name\nevil-panel.com\nbad-panel.net\n") == "domain");
}
