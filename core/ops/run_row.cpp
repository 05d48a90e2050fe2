#include "core/ops/run_row.hpp"

#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "core/base/text.hpp"

#include <array>
#include <fmt/format.h>
#include <random>
#include <unistd.h>

namespace cti::ops {

std::string new_run_id() {
    std::random_device random;
    return fmt::format("{:08x}{:08x}", random(), random());
}

std::string this_process() {
    std::array<char, 256> host{};
    if (gethostname(host.data(), host.size() - 1) != 0) host.fill('\0');
    return fmt::format("{}:{}", printable(repair_utf8(host.data())), getpid());
}

void record_finished_run(db::Database& database, store::RunRow row) {
    row.id = new_run_id();
    row.owner = this_process();
    try {
        db::Transaction transaction(database);
        if (!store::may_record_runs(transaction)) return;
        store::record_run(transaction, row);
        transaction.commit();
    } catch (const Error& error) {
        log::debug("the run was not written down: {}", error.what());
    }
}
}
