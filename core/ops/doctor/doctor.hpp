#pragma once
#include "core/ops/analysis/model_endpoint.hpp"
#include "core/ops/backups/backup_place.hpp"
#include "core/ops/environment.hpp"

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
    std::function<FoundAddress()> find_address; // may throw Error, which is a finding too
    std::string connection_name = "cti doctor";
    std::string folder = "."; // where exports would go
    BackupPlace backups;
    std::function<ModelEndpoint()> find_model =
        {}; // may throw Error; empty, or without an address: not looked at
};

// From the outside in: where one thing fails, what needs it is skipped. Writes nothing.
std::vector<Finding> examine(const DoctorOptions& options);

bool is_well(const std::vector<Finding>& findings); // none has failed
}
