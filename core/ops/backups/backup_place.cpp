#include "core/ops/backups/backup_place.hpp"

#include "core/base/text.hpp"
#include "core/base/url.hpp"
#include "core/bucket/place.hpp"

#include <fmt/format.h>

namespace cti::ops {
namespace {

// What is sent to this machine is seen by nobody.
bool is_in_the_clear(const std::string& endpoint) {
    const auto host = split_url(endpoint).host;
    return istarts_with(endpoint, "http://") && host != "localhost" && !host.starts_with("127.") &&
           host != "[::1]";
}
}

std::unique_ptr<backup::Place> open_place(const Environment& environment, const BackupPlace& place,
                                          const OnProgress& on_progress) {
    if (!bucket::is_bucket_address(place.where)) return backup::make_folder_place(place.where);
    if (is_in_the_clear(place.bucket.endpoint))
        environment.warn(
            fmt::format("what goes to '{}' can be read on the way", printable(place.bucket.endpoint)),
            "Use https, or encrypt the backups.");
    return bucket::make_place(place.where, {place.bucket, [&environment] { return environment.is_stopped(); },
                                            [&environment] { return environment.now(); }, on_progress});
}

BackupPlace place_of(const BackupPlace& place, std::string& which) {
    if (!bucket::is_bucket_address(which)) return place;
    auto found = place;
    while (which.ends_with('/')) which.pop_back();
    const auto slash = which.rfind('/');
    found.where = which.substr(0, slash);
    which.erase(0, slash + 1);
    return found;
}
}
