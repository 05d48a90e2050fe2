#include "core/backup/dump_rules.hpp"
#include "core/base/error.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>

namespace {
struct Recorder : cti::backup::DumpReceiver {
    std::string seen;
    void on_statement(const cti::backup::Statement& statement) override {
        check_statement(statement);
        cti::backup::has_dynamic_sql(statement);
        seen.append(statement.text) += '\n';
    }
    void on_copy_data(std::string_view bytes) override { seen += bytes; }
    void on_copy_end() override { seen += "end\n"; }
};

// What was handed on, and whether it was refused in the end.
std::string read(std::string_view dump, std::size_t piece) {
    Recorder recorder;
    cti::backup::DumpSplitter splitter(recorder);
    try {
        for (std::size_t i = 0; i < dump.size(); i += piece) splitter.add(dump.substr(i, piece));
        splitter.finish();
    } catch (const cti::Error&) {
        recorder.seen += "refused";
    }
    return recorder.seen;
}
}

// A dump is the same dump, however it comes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view dump(reinterpret_cast<const char*>(data), size);
    const auto whole = read(dump, dump.size() + 1);
    for (const std::size_t piece : {1, 3, 64})
        if (size < 20000 && read(dump, piece) != whole) std::abort();
    return 0;
}
