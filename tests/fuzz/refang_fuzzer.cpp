#include "core/intel/refang.hpp"

#include <cstdint>
#include <cstdlib>

// Every place of the refanged text comes from a place of the text, and later ones come from later ones.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    cti::intel::Refanged refanged;
    refanged.assign(text, 0);
    if (refanged.text().size() > size) std::abort();
    std::size_t last = 0;
    for (std::size_t pos = 0; pos < refanged.text().size(); ++pos) {
        const auto original = refanged.original_start(pos);
        if (original >= size || original < last) std::abort();
        if (refanged.original_end(pos + 1) > size) std::abort();
        last = original;
    }
    for (const auto style : {cti::intel::DefangStyle::square, cti::intel::DefangStyle::words})
        if (cti::intel::refang(cti::intel::defang(text, style)).size() > 6 * size) std::abort();
    return 0;
}
