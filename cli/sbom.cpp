#include "cli/sbom.hpp"

#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/base/version.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <map>
#include <tuple>
#include <vector>

namespace cti::cli {
namespace {
namespace fs = std::filesystem;

struct Package {
    std::string name, version, architecture, maintainer, source;
    auto key() const { return std::tie(name, version, architecture); }
};

std::string read_file(const fs::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// One paragraph of deb-control(5); lines that begin with a space go on with the field before, none of which
// is needed here.
std::map<std::string, std::string, std::less<>> read_fields(std::string_view paragraph) {
    std::map<std::string, std::string, std::less<>> fields;
    for (const auto line : split(paragraph, '\n')) {
        const auto colon = line.find(':');
        if (line.empty() || line.front() == ' ' || colon == std::string_view::npos) continue;
        fields.emplace(line.substr(0, colon), trim(line.substr(colon + 1)));
    }
    return fields;
}

// always: a file of status.d has no Status, and is there only for what is installed.
void add_packages(std::vector<Package>& packages, std::string_view text, bool always) {
    for (std::size_t begin = 0; begin < text.size();) {
        const auto end = std::min(text.find("\n\n", begin), text.size());
        auto fields = read_fields(text.substr(begin, end - begin));
        begin = end + 2;
        if (fields["Package"].empty() || (!always && !fields["Status"].ends_with(" installed"))) continue;
        packages.push_back({fields["Package"], fields["Version"], fields["Architecture"],
                            fields["Maintainer"], fields["Source"]});
    }
}

std::vector<Package> installed_packages(const std::string& root) {
    std::vector<Package> packages;
    const fs::path dpkg = root + "/var/lib/dpkg";
    add_packages(packages, read_file(dpkg / "status"), false);
    std::error_code failed; // Most systems have no such folder.
    for (auto it = fs::directory_iterator(dpkg / "status.d", failed);
         !failed && it != fs::directory_iterator(); it.increment(failed))
        add_packages(packages, read_file(it->path()), true);
    std::ranges::sort(packages, std::less<>(), &Package::key);
    return packages;
}

// "Debian 13": the purl says which release a version belongs to.
std::string release(const std::string& root) {
    const auto text = read_file(root + "/etc/os-release");
    for (const auto line : split(text, '\n'))
        if (line.starts_with("VERSION_CODENAME=")) return std::string(line.substr(17));
    return {};
}

// Package URLs escape what has a meaning in them.
std::string purl_part(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (is_ascii_alpha(c) || is_ascii_digit(c) || c == '.' || c == '-' || c == '_' || c == '~')
            out += c;
        else
            out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

std::string purl_of(const Package& package, const std::string& distribution) {
    auto purl = fmt::format("pkg:deb/debian/{}@{}?arch={}", purl_part(package.name),
                            purl_part(package.version), purl_part(package.architecture));
    if (!distribution.empty()) purl += "&distro=" + purl_part(distribution);
    return purl;
}

void write_package(JsonWriter& json, const Package& package, const std::string& distribution) {
    const auto purl = purl_of(package, distribution);
    json.begin_object().member("type", "library").member("bom-ref", purl);
    json.member("name", package.name).member("version", package.version);
    if (!package.maintainer.empty())
        json.key("supplier").begin_object().member("name", package.maintainer).end_object();
    json.member("purl", purl);
    if (!package.source.empty()) {
        json.key("properties").begin_array().begin_object();
        json.member("name", "debian:source").member("value", package.source).end_object().end_array();
    }
    json.end_object();
}

void write_program(JsonWriter& json) {
    json.begin_object()
        .member("type", "application")
        .member("bom-ref", "cti")
        .member("name", "cti")
        .member("version", version());
    json.key("licenses")
        .begin_array()
        .begin_object()
        .key("license")
        .begin_object()
        .member("id", "MIT")
        .end_object()
        .end_object()
        .end_array();
    json.key("properties").begin_array();
    json.begin_object().member("name", "cti:revision").member("value", revision()).end_object();
    json.begin_object().member("name", "cti:built-with").member("value", library_versions()).end_object();
    json.end_array().end_object();
}
}

std::string sbom_json(const std::string& root) {
    std::string out;
    JsonWriter json(out, 2);
    json.begin_object().member("bomFormat", "CycloneDX").member("specVersion", "1.5").member("version", 1);
    json.key("metadata").begin_object().key("component");
    write_program(json);
    json.end_object().key("components").begin_array();
    const auto distribution = release(root);
    for (const auto& package : installed_packages(root)) write_package(json, package, distribution);
    json.end_array().end_object();
    return out + '\n';
}
}
