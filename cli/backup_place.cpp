#include "cli/backup_place.hpp"

#include "cli/environment.hpp"
#include "core/base/version.hpp"

#include <algorithm>

namespace cti::cli {
namespace {

std::string first_of(std::initializer_list<const char*> names) {
    for (const auto* const name : names)
        if (auto value = environment(name); !value.empty()) return value;
    return {};
}
}

void add_bucket_options(Options& app, PlaceOptions& options, const std::string& group) {
    app.add_option("--s3-endpoint", options.endpoint,
                   "Server of an s3:// bucket; Amazon's where none is named")
        .envname("CTI_S3_ENDPOINT")
        .type_name("URL")
        .group(group);
    app.add_option("--s3-style", options.style,
                   "Bucket in the path or the host of addresses; auto: path where an endpoint is named")
        .one_of({"auto", "path", "host"})
        .envname("CTI_S3_STYLE")
        .type_name("STYLE")
        .capture_default_str()
        .group(group);
}

void add_place_options(Options& app, PlaceOptions& options, const std::string& names,
                       const std::string& description) {
    app.add_option(names, options.where, description)
        .envname("CTI_BACKUP_DIR")
        .type_name("PLACE")
        .capture_default_str();
    add_bucket_options(app, options, "Bucket");
}

ops::BackupPlace find_place(const PlaceOptions& options, const std::string& which) {
    ops::BackupPlace place;
    place.where = options.where;
    if (!bucket::is_bucket_address(place.where) && !bucket::is_bucket_address(which)) return place;
    auto& settings = place.bucket;
    settings.endpoint = options.endpoint;
    settings.style = find_value<bucket::Style>(options.style).value_or(bucket::Style::automatic);
    settings.region = first_of({"AWS_REGION", "AWS_DEFAULT_REGION"});
    settings.access_key = secret("AWS_ACCESS_KEY_ID");
    settings.secret_key = secret("AWS_SECRET_ACCESS_KEY");
    settings.session_token = secret("AWS_SESSION_TOKEN");
    settings.ca_file = environment("AWS_CA_BUNDLE");
    settings.user_agent = user_agent();
    return place;
}
}
