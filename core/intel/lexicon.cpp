#include "core/intel/lexicon.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"

#include <array>
#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

namespace cti::intel {
namespace {
constexpr std::size_t k_max_word_bytes = 200;
// The matcher takes 4 bytes for each of them and each letter of the alphabet.
constexpr std::size_t k_max_total_bytes = 64 * 1024;

class Reader {
public:
    explicit Reader(const std::string& name) : m_name(name) {}

    Lexicon read(const YAML::Node& lists) {
        if (!lists.IsMap()) fail(lists, "a map of lists is expected");
        Lexicon lexicon;
        for (const auto& entry : lists) {
            const auto key = scalar(entry.first);
            auto* words = find_list(lexicon, key);
            if (words == nullptr) fail(entry.first, fmt::format("unknown list '{}'", printable(key)));
            read_list(entry.second, *words);
        }
        return lexicon;
    }

    [[noreturn]] void fail(const YAML::Node& node, const std::string& why) const { fail(node.Mark(), why); }
    [[noreturn]] void fail(const YAML::Mark& mark, const std::string& why) const {
        const auto place = mark.is_null() ? std::string() : fmt::format("line {}: ", mark.line + 1);
        throw Error(ExitCode::usage, fmt::format("cannot read '{}': {}{}", m_name, place, why));
    }

private:
    static std::vector<std::string>* find_list(Lexicon& lexicon, std::string_view key) {
        if (key == "perfect_discriminators") return &lexicon.perfect;
        if (key == "good_discriminators") return &lexicon.good;
        if (key == "lolbas_executables") return &lexicon.lolbas;
        if (key == "threat_hunting_terms") return &lexicon.hunting_terms;
        if (key == "intelligence_indicators") return &lexicon.intelligence;
        if (key == "negative_indicators") return &lexicon.negative;
        return nullptr;
    }

    std::string scalar(const YAML::Node& node) const {
        if (!node.IsScalar()) fail(node, "a word is expected");
        return node.Scalar();
    }

    void read_list(const YAML::Node& list, std::vector<std::string>& words) {
        if (list.IsNull()) return;
        if (!list.IsSequence()) fail(list, "a list of words is expected");
        for (const auto& item : list) {
            auto word = scalar(item);
            if (trim(word).empty()) fail(item, "a word is empty");
            if (!is_valid_utf8(word)) fail(item, "a word is not UTF-8");
            if (word.size() > k_max_word_bytes)
                fail(item, fmt::format("a word is longer than {} bytes", k_max_word_bytes));
            m_total += word.size();
            if (m_total > k_max_total_bytes)
                fail(item, fmt::format("more than {} bytes of words", k_max_total_bytes));
            words.push_back(std::move(word));
        }
    }

    const std::string& m_name;
    std::size_t m_total = 0;
};
}

Lexicon parse_lexicon(std::string_view text, Generation generation, const std::string& name) {
    Reader reader(name);
    try {
        const auto root = YAML::Load(std::string(text));
        if (!root.IsMap()) reader.fail(root, "a map of lists is expected");
        if (!root["v2025"] && !root["v2026"]) return reader.read(root);
        const auto lists = root[generation == Generation::web_2025 ? "v2025" : "v2026"];
        return lists ? reader.read(lists) : Lexicon{};
    } catch (const YAML::Exception& e) {
        reader.fail(e.mark, e.msg);
    }
}
}
