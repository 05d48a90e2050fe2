#include "cli/settings_files.hpp"

#include "cli/environment.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace cti::cli {
namespace {

constexpr const char* k_settings_name = "cti.yaml";

void add_error(LoadedSettings& loaded, const std::string& path, std::string why) {
    loaded.errors.push_back({path, 0, std::move(why)});
}

// At most one byte more than is allowed: the reader then refuses it by its size.
void add_file(LoadedSettings& loaded, const std::string& path) {
    struct stat about {};
    if (::stat(path.c_str(), &about) == 0 && S_ISDIR(about.st_mode))
        return add_error(loaded, path, "cannot be read: it is a folder");
    errno = 0;
    std::ifstream file(path);
    if (!file) return add_error(loaded, path, fmt::format("cannot be read: {}", std::strerror(errno)));
    std::string text(sources::k_max_settings_bytes + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    auto read = sources::read_settings(text, path);
    loaded.files.push_back(path);
    std::ranges::move(read.settings, std::back_inserter(loaded.settings));
    std::ranges::move(read.errors, std::back_inserter(loaded.errors));
}

// A file that was found by its place and not by its name could be planted, as in /tmp: it could send the
// collector anywhere. So it must belong to whoever runs cti (also by sudo) or to root.
std::string why_untrusted(const struct stat& about) {
    if (!S_ISREG(about.st_mode)) return "is no regular file";
    const auto by_sudo = environment("SUDO_UID");
    const bool is_own = about.st_uid == 0 || about.st_uid == ::geteuid() ||
                        (::geteuid() == 0 && !by_sudo.empty() && by_sudo == std::to_string(about.st_uid));
    if (!is_own) return "belongs to another user: name it by --settings to use it";
    if ((about.st_mode & S_IWOTH) != 0) return "can be changed by everybody: close it with chmod o-w";
    return "";
}

void add_if_there(LoadedSettings& loaded, const std::string& path) {
    struct stat about {};
    if (::stat(path.c_str(), &about) != 0) return; // None, or in a folder that is closed to us.
    if (const auto why = why_untrusted(about); !why.empty()) return add_error(loaded, path, why);
    add_file(loaded, path);
}

// A relative XDG_CONFIG_HOME is to be ignored, says its specification.
std::string user_folder() {
    auto folder = environment("XDG_CONFIG_HOME"), home = environment("HOME");
    if (folder.starts_with('/')) return folder;
    return home.starts_with('/') ? home + "/.config" : "";
}
}

std::string named_settings_file(const std::vector<std::string>& words) {
    constexpr std::string_view name = "--settings";
    for (auto word = words.begin(); word != words.end() && *word != "--"; ++word) {
        if (*word == name && word + 1 != words.end()) return *(word + 1);
        if (word->starts_with(name) && word->size() > name.size() && (*word)[name.size()] == '=')
            return word->substr(name.size() + 1);
    }
    return environment("CTI_SETTINGS");
}

LoadedSettings load_settings_file(const std::string& path) {
    LoadedSettings loaded;
    add_file(loaded, path);
    return loaded;
}

LoadedSettings load_settings(const std::vector<std::string>& words) {
    const auto named = named_settings_file(words);
    if (named == "none") return {};
    if (!named.empty()) return load_settings_file(named);
    LoadedSettings loaded;
    add_if_there(loaded, std::string("/etc/cti/") + k_settings_name);
    if (const auto folder = user_folder(); !folder.empty())
        add_if_there(loaded, folder + "/cti/" + k_settings_name);
    add_if_there(loaded, k_settings_name);
    return loaded;
}

std::string origin_of(const sources::FileSetting& setting) {
    return fmt::format("{}:{}", setting.file, setting.line);
}
}
