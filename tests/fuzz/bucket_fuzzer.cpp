#include "core/base/error.hpp"
#include "core/bucket/answers.hpp"
#include "core/bucket/backups.hpp"

#include <cstdint>
#include <cstdlib>

// What an S3 server answers: it is read or refused, and a name that is taken for an inner one leads nowhere
// else.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    cti::bucket::parse_fault(text);
    try {
        const auto listing = cti::bucket::parse_listing(text);
        for (const auto& [name, found] : cti::bucket::group_by_backup(listing.objects, "p/"))
            for (const auto& [inner, object] : found.files)
                if (cti::bucket::is_inner_name(inner) &&
                    ("/" + inner + "/").find("/../") != std::string::npos)
                    std::abort();
    } catch (const cti::Error&) { // NOLINT: it is refused
    }
    try {
        cti::bucket::parse_uploads(text);
    } catch (const cti::Error&) { // NOLINT: it is refused
    }
    return 0;
}
