#include "core/analysis/candidates.hpp"

#include <algorithm>
#include <doctest/doctest.h>

using namespace cti;
using namespace cti::analysis;

namespace {
std::string values_of(const std::vector<Candidate>& candidates) {
    std::string values;
    for (const auto& candidate : candidates) values += (values.empty() ? "" : ",") + candidate.value;
    return values;
}
Finding make_finding(IndicatorType type, std::string value, std::string original) {
    Finding finding;
    finding.type = type, finding.value = std::move(value), finding.original = std::move(original);
    return finding;
}
}

TEST_CASE("analysis candidates: what the text offers, by kind") {
    const std::string text =
        "APT29 used PowerShell (T1059.001) against German energy companies; US officials turned turkey.";
    const auto all = find_candidates(text,
                                     {make_finding(IndicatorType::attack_technique, "T1059.001", "T1059.001"),
                                      make_finding(IndicatorType::threat_actor, "APT29", "APT29"),
                                      make_finding(IndicatorType::threat_actor, "APT29", "Cozy Bear"),
                                      make_finding(IndicatorType::domain, "evil.example", "evil[.]example"),
                                      make_finding(IndicatorType::cve, "CVE-2024-1", "CVE-2024-1")},
                                     {{"T1059.001", "PowerShell"}, {"T1566", "Phishing"}});
    CHECK(values_of(all.techniques) == "T1059.001");
    CHECK(all.techniques.front().terms == std::vector<std::string>{"T1059.001", "PowerShell"});
    CHECK(values_of(all.names) == "APT29");
    CHECK(all.names.front().terms == std::vector<std::string>{"APT29", "Cozy Bear"});
    CHECK(values_of(all.indicators) == "evil.example");
    CHECK(values_of(all.targets) == "energy,Germany,United States");
    CHECK(values_of(candidates_in("see Evil[.]Example", all.indicators, 9)) == "evil.example");
    CHECK(candidates_in("nothing here", all.indicators, 9).empty());
}

TEST_CASE("analysis candidates: a hostile number of findings is bounded") {
    std::vector<Finding> findings;
    for (int i = 0; i < 30000; ++i) {
        const auto value = "h" + std::to_string(i) + ".example";
        findings.push_back(make_finding(IndicatorType::domain, value, value));
    }
    findings.push_back(make_finding(IndicatorType::malware, std::string(5000, 'x'), std::string(5000, 'x')));
    const auto all = find_candidates("", findings, {});
    CHECK(all.indicators.size() == 2000);
    CHECK(all.names.empty());
}
