#include "core/intel/system_files.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace cti::intel {
namespace {
using Folders = std::vector<std::string>; // in small letters; one that ends in a separator: all below it too

constexpr std::string_view k_separators = "\\/";

bool is_windows(std::string_view path) { return path.find('\\') != path.npos; }

// In small letters, without the drive, and with the folders that variables of Windows stand for.
std::string normalize(std::string_view path) {
    constexpr std::pair<std::string_view, std::string_view> variables[] = {
        {"%systemroot%", "\\windows"},
        {"%windir%", "\\windows"},
        {"%programfiles%", "\\program files"},
        {"\\program files (x86)\\", "\\program files\\"},
        {"%programdata%", "\\programdata"}};
    auto lower = ascii_lower(path);
    if (lower.starts_with("\\\\?\\")) lower.erase(0, 4);
    if (is_windows(lower) && lower.size() > 2 && lower[1] == ':') lower.erase(0, 2);
    for (const auto& [written, meant] : variables)
        if (lower.starts_with(written)) lower.replace(0, written.size(), meant);
    return lower;
}

bool is_in(std::string_view folder, std::string_view known) {
    if (known.find_last_of(k_separators) + 1 != known.size()) return folder == known;
    known.remove_suffix(1);
    return folder.starts_with(known) &&
           (folder.size() == known.size() || k_separators.find(folder[known.size()]) != k_separators.npos);
}

std::string_view without_quotes(std::string_view text) {
    text = trim(text);
    const bool has = text.size() > 1 && (text[0] == '\'' || text[0] == '"') && text.back() == text[0];
    return has ? text.substr(1, text.size() - 2) : text;
}

class SystemFiles {
public:
    // A line "'FOLDER | FOLDER':" is the head of lines "  - NAME"; whatever else there is, are comments.
    explicit SystemFiles(std::string_view yaml) {
        Folders folders;
        for (const auto line : split(yaml, '\n')) {
            const auto item = trim(line);
            if (item.starts_with("- "))
                add(without_quotes(item.substr(2)), folders);
            else if (!item.starts_with('#') && item.ends_with(':'))
                folders = read_folders(without_quotes(item.substr(0, item.size() - 1)));
        }
    }

    // Names of files for Unix have no extension, and stand in no text without a path.
    bool has_name(std::string_view name) const { return m_folders.contains(ascii_lower(name)); }

    bool has_path(std::string_view path) const {
        const auto whole = normalize(path);
        const auto end = whole.find_last_of(is_windows(whole) ? "\\" : "/");
        if (end == whole.npos) return false;
        const auto found = m_folders.find(whole.substr(end + 1));
        return found != m_folders.end() && std::ranges::any_of(found->second, [&](const auto& folder) {
                   return is_in(std::string_view(whole).substr(0, end), folder);
               });
    }

private:
    static Folders read_folders(std::string_view head) {
        Folders folders;
        for (const auto folder : split(head, '|')) folders.push_back(normalize(trim(folder)));
        return folders;
    }
    void add(std::string_view name, const Folders& folders) {
        auto& known = m_folders[ascii_lower(name)];
        known.insert(known.end(), folders.begin(), folders.end());
    }

    std::unordered_map<std::string, Folders> m_folders; // by the name
};
}

bool is_system_file(const Indicator& indicator) {
    if (indicator.type != Type::filename && indicator.type != Type::file_path) return false;
    static const SystemFiles files(default_system_files());
    if (indicator.type == Type::filename) return files.has_name(indicator.value);
    return files.has_path(indicator.value);
}
}
