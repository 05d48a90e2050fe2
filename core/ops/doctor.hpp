#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

// What is wrong with the place that cti runs in, and what to do about it.
namespace cti::ops {

enum class Verdict { ok, warn, fail, skipped };
std::string_view name_of(Verdict verdict);

struct Finding {
    std::string check; // "tcp"
    Verdict verdict = Verdict::ok;
    std::string detail; // what was seen
    std::string remedy; // what to do about it; "" where all is well
};

struct DoctorOptions {
    std::function<std::string()>
        find_database_url;       // as libpq takes it; may throw Error, which is a finding too
    bool is_url_visible = false; // among the arguments of the process, where others read it
    std::string folder = ".";    // where exports would go
};

// From the outside in: where one thing fails, what needs it is skipped. Writes nothing.
std::vector<Finding> examine(const DoctorOptions& options);

bool is_well(const std::vector<Finding>& findings); // none has failed
}
