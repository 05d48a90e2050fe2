#pragma once
#include "tests/unit/export/render.hpp"

// Articles for the tests of formats of lines and for people.
namespace cti::exporter {

inline Time at(std::int64_t seconds) { return Time(std::chrono::seconds(seconds)); }

inline Finding finding(std::string_view type, std::string value) {
    Finding f;
    f.original = value, f.type = Named<IndicatorType>(type), f.value = std::move(value);
    f.sentence = "It stood here.", f.reading = IndicatorReading::plain;
    return f;
}

inline StoredArticle article_with(std::vector<Finding> findings, int id = 7) {
    StoredArticle a;
    a.id = id, a.source_id = 3;
    a.source = "heron", a.source_name = "Quiet Heron Blog", a.source_url = "https://heron.example/";
    a.title = "Quiet Heron", a.url = "https://heron.example/" + std::to_string(id);
    a.published_at = at(1'763'553'600 - 86'400LL * (id - 7)),
    a.discovered_at = at(1'763'557'201); // 2025-11-19T12:00:00Z
    a.authors = {"Ann Lee"}, a.tags = {"apt"}, a.summary = "Short.", a.content = "Long.";
    a.threat_hunting_score = 88.1;
    a.findings = std::move(findings);
    return a;
}

// The texts that break writers.
inline std::vector<std::string> nasty_texts() {
    return {"say \"yes\" & 'no'",
            "two\nlines\r\nand\rmore",
            std::string("nul\0in", 6),
            "\x01\x1B[31m\x7F",
            "]]>",
            "</script><img src=x onerror=alert(1)>",
            "<!--",
            "javascript:alert(1)",
            "\xE2\x80\xAE"
            "desrever",
            "\xF0\x9F\xA6\x8A",
            "\xE2\x80\xA8\xE2\x80\xA9",
            "\xEF\xBF\xBE\xEF\xBF\xBF",
            "\xFF\xC3(\xED\xA0\x80",
            "=1+1",
            "[/usr/bin]",
            "[x](http://evil.example)",
            "```\n# x\n- y",
            "a\tb",
            "\\x41\\",
            "-",
            "(empty)",
            "#x",
            "",
            std::string(10'000, '"')};
}
}
