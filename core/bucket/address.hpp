#pragma once
#include <string>
#include <string_view>

// Where a bucket is, and who asks.
namespace cti::bucket {

// How a bucket stands in the addresses of its objects.
enum class Style {
    automatic, // as a part of the path where an endpoint was named, else of the host
    path,      // https://endpoint/bucket/key
    host       // https://bucket.endpoint/key
};
constexpr std::string_view name_of(Style value) {
    switch (value) {
    case Style::automatic: return "auto";
    case Style::path: return "path";
    case Style::host: return "host";
    }
    return {};
}

struct Settings {
    std::string endpoint; // "https://storage.example:9000"; "": Amazon's of the region
    Style style = Style::automatic;
    std::string region;                                // "": us-east-1
    std::string access_key, secret_key, session_token; // no message shows them
    std::string ca_file;                               // PEM; "" is the system's
    std::string user_agent;
};

// "s3://bucket/prefix"
struct Address {
    std::string bucket;
    std::string prefix; // "" or what ends with '/'
};
bool is_bucket_address(std::string_view text);
// Throws Error(usage).
Address parse_address(std::string_view text);
std::string to_text(const Address& address); // without a '/' at its end

// Throws Error(usage) where they name no server, or no key to sign with.
void require_usable(const Settings& settings);
std::string region_of(const Settings& settings);

// Of an object, or with "" of the bucket itself. Everything but letters, digits and "-._~/" is
// percent-encoded, as the signature wants it.
std::string url_of(const Settings& settings, const std::string& bucket, std::string_view key);
std::string encode(std::string_view text, bool keeps_slash);
}
