#include "core/sources/settings_file.hpp"

#include "core/base/text.hpp"
#include "core/sources/yaml_json.hpp"
#include "core/sources/yaml_tree.hpp"

#include <fmt/format.h>
#include <map>
#include <utility>

namespace cti::sources {
namespace {

class SettingsReader {
public:
    explicit SettingsReader(std::string file) : m_file(std::move(file)) {}

    void read(const YamlNode& mapping, std::vector<std::string>& path) {
        std::map<std::string, int, std::less<>> lines;
        for (const auto& [key, value] : mapping.members) {
            if (key.kind != YamlNode::Kind::scalar || key.text.empty()) {
                refuse(key.line, "a key must be the name of an option or of a command");
                continue;
            }
            const auto [first, is_new] = lines.emplace(key.text, key.line);
            if (!is_new) {
                refuse(key.line, fmt::format("'{}' stands twice, first in line {}", printable(key.text),
                                             first->second));
                continue;
            }
            path.push_back(key.text);
            read_member(key.line, value, path);
            path.pop_back();
        }
    }
    void refuse(int line, std::string message) {
        if (m_read.errors.size() < k_max_settings_errors)
            m_read.errors.push_back({m_file, line, std::move(message)});
    }
    SettingsFile take() { return std::move(m_read); }

private:
    void read_member(int line, const YamlNode& value, std::vector<std::string>& path) {
        const auto name = printable(dotted(path));
        if (value.is_mapping() && path.size() >= k_max_settings_depth)
            return refuse(line, fmt::format("'{}' is more than {} levels deep", name, k_max_settings_depth));
        if (value.is_mapping()) return read(value, path);
        FileSetting setting{path, {}, value.is_sequence(), m_file, line};
        if (!setting.is_list && value.is_null()) return refuse(line, fmt::format("'{}' has no value", name));
        if (!setting.is_list) setting.values.push_back(value.text);
        for (const auto& item : value.items) {
            if (item.kind != YamlNode::Kind::scalar || item.is_null())
                return refuse(item.line, fmt::format("'{}' must be a list of plain values, not of {}", name,
                                                     describe(item)));
            setting.values.push_back(item.text);
        }
        m_read.settings.push_back(std::move(setting));
    }

    std::string m_file;
    SettingsFile m_read;
};
}

std::string dotted(const std::vector<std::string>& path) { return join(path, "."); }

SettingsFile read_settings(std::string_view text, const std::string& file_name) {
    SettingsReader reader(file_name);
    if (text.size() > k_max_settings_bytes) {
        reader.refuse(0, fmt::format("more than {} KiB", k_max_settings_bytes / 1024));
        return reader.take();
    }
    const auto document = parse_yaml(text);
    std::vector<std::string> path;
    if (!document.error.empty())
        reader.refuse(document.error_line, document.error);
    else if (document.root.is_mapping())
        reader.read(document.root, path);
    else if (!document.root.is_null()) // Nothing but comments is fine.
        reader.refuse(document.root.line,
                      fmt::format("must be a mapping of options, not {}", describe(document.root)));
    return reader.take();
}
}
