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

TEST_CASE("intel::extract: a name that is a domain somewhere is one") {
    CHECK(kind("process.name", "where process.name == \"x\"\n\n" + std::string(200, '-') +
                                   "\nprocess.name\nevil-panel.com\nbad-panel.net\n") == "domain");
}
