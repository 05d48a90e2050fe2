#include "core/analysis/proof.hpp"
#include "core/analysis/wire.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

// The first line is the report, the rest what a model said of it. Whatever is kept stands in the report.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cti::analysis;
    const std::string_view all(reinterpret_cast<const char*>(data), size);
    const auto end = std::min(all.find('\n'), all.size());
    const auto report = all.substr(0, end), said = all.substr(std::min(end + 1, all.size()));
    const Piece piece{
        report, 0, {{"T1059", "technique", {"PowerShell"}}, {"evil.example", "domain", {"evil.example"}}}};
    for (const auto& task : tasks())
        for (const auto& item : prove(task, piece, parse_answer(task, said)).items) {
            if (item.evidence.empty()) std::abort();
            for (const auto& span : item.evidence)
                if (span.start >= span.end || span.end > report.size()) std::abort();
        }
    for (const auto api : {Api::ollama, Api::openai}) {
        read_chat(api, said);
        read_models(api, said);
    }
    return 0;
}
