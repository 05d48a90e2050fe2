#include "core/analysis/sigma_draft.hpp"
#include "core/analysis/task.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <string>
#include <yaml-cpp/yaml.h>

using namespace cti::analysis;

namespace {
Item look_for(const char* role, const char* value) {
    Item item;
    item.role = role, item.value = value;
    return item;
}
const DraftOrigin k_origin{"It's \"a\" report: #1", "https://a.example/1"};
}

TEST_CASE("sigma_drafts: one rule a log source, each a valid rule that says that it is a draft") {
    const auto drafts = sigma_drafts(k_origin, {look_for("file_event", "C:\\Users\\Public\\evil.exe"),
                                                look_for("process_creation", "rundll32 evil.dll,#1"),
                                                look_for("process_creation", "cmd /c 'del *.log'"),
                                                look_for("process_creation", "cmd /c 'del *.log'")});
    REQUIRE(drafts.size() == 2);
    const auto rule = YAML::Load(drafts[0]);
    CHECK(rule["title"].as<std::string>() == "Draft: It's \"a\" report: #1");
    CHECK(rule["id"].as<std::string>().size() == 36);
    CHECK(rule["status"].as<std::string>() == "experimental");
    CHECK(rule["references"][0].as<std::string>() == "https://a.example/1");
    CHECK(rule["logsource"]["category"].as<std::string>() == "process_creation");
    const auto values = rule["detection"]["selection"]["CommandLine|contains"].as<std::vector<std::string>>();
    CHECK(values == std::vector<std::string>{"rundll32 evil.dll,#1", "cmd /c 'del \\*.log'"});
    CHECK(rule["detection"]["condition"].as<std::string>() == "selection");
    const auto second = YAML::Load(drafts[1]);
    CHECK(second["detection"]["selection"]["TargetFilename|contains"][0].as<std::string>() ==
          "C:\\Users\\Public\\evil.exe");
    CHECK(second["id"].as<std::string>() != rule["id"].as<std::string>());
}

TEST_CASE("sigma_drafts: what is no wildcard is not read as one, and nothing breaks out of its line") {
    const auto value_of = [](const char* value) {
        const auto rule = YAML::Load(sigma_drafts(k_origin, {look_for("dns", value)}).at(0));
        return rule["detection"]["selection"]["QueryName|contains"][0].as<std::string>();
    };
    CHECK(value_of("a*b?c") == "a\\*b\\?c");
    CHECK(value_of("dir\\*.exe") == "dir\\\\\\*.exe");
    CHECK(value_of("C:\\a\\b") == "C:\\a\\b");
    CHECK(value_of("x'\ncondition: all") == "x' condition: all");
    CHECK(value_of("a: b # c") == "a: b # c");
}

TEST_CASE("sigma_drafts: every log source of the task has a rule, and the same items give the same bytes") {
    std::vector<Item> items;
    for (const auto role : find_task("detections")->roles) {
        Item item;
        item.role = role, item.value = "value.exe";
        items.push_back(item);
    }
    const auto drafts = sigma_drafts(k_origin, items);
    CHECK(drafts.size() == items.size());
    CHECK(drafts == sigma_drafts(k_origin, items));
    CHECK(sigma_drafts(k_origin, {}).empty());
    for (const auto& draft : drafts) CHECK(YAML::Load(draft)["logsource"].IsMap());
}
