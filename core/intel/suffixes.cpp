#include "core/intel/suffixes.hpp"

#include "core/intel/chars.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <libpsl.h>
#include <string>

namespace cti::intel {
namespace {
constexpr std::size_t k_max_host_bytes = 253; // bytes of a host name, RFC 1035

// libpsl wants a NUL at the end; names are short, so they are copied to the stack.
struct CString {
    char bytes[k_max_host_bytes + 1];
    explicit CString(std::string_view text) { bytes[text.copy(bytes, k_max_host_bytes)] = '\0'; }
};

// The last answers: a report names the same hosts again and again, and a look into the list costs half a
// microsecond a label.
template <class Answer>
class Memory {
public:
    template <class Ask>
    Answer find(std::string_view name, const Ask& ask) {
        if (name.size() > k_max_kept_bytes) return ask(name);
        auto& kept = m_kept[std::hash<std::string_view>{}(name) % m_kept.size()];
        if (std::string_view(kept.name.data(), kept.size) != name) {
            kept.answer = ask(name);
            kept.size = name.copy(kept.name.data(), k_max_kept_bytes);
        }
        return kept.answer;
    }

private:
    static constexpr std::size_t k_max_kept_bytes = 47;
    struct Kept {
        std::array<char, k_max_kept_bytes> name;
        std::size_t size = 0;
        Answer answer{};
    };
    std::array<Kept, 512> m_kept{};
};
}

bool is_public_suffix(std::string_view name) {
    thread_local Memory<bool> memory;
    if (name.empty() || name.size() > k_max_host_bytes) return false;
    return memory.find(name, [](std::string_view asked) {
        return psl_is_public_suffix2(psl_builtin(), CString(asked).bytes,
                                     PSL_TYPE_ANY | PSL_TYPE_NO_STAR_RULE) != 0;
    });
}

namespace {
// Only countries have rules for second levels alone, and these second levels among them.
bool has_second_levels(std::string_view label) {
    for (const std::string_view second :
         {"any-name.", "co.", "com.", "org.", "net.", "gov.", "edu.", "ac.", "mil."})
        if (is_public_suffix(std::string(second).append(label))) return true;
    return false;
}

// All labels of two letters, as they are asked for: as ends of files ("js", "gz") too.
bool is_country(std::string_view label) {
    enum class Answer : std::uint8_t { unknown, no, yes };
    thread_local std::array<Answer, 26UL * 26> answers{};
    auto& answer = answers[static_cast<std::size_t>((label[0] - 'a') * 26 + label[1] - 'a')];
    if (answer == Answer::unknown)
        answer = is_public_suffix(label) || has_second_levels(label) ? Answer::yes : Answer::no;
    return answer == Answer::yes;
}
}

bool is_top_level(std::string_view label) {
    const auto is_small = [](char c) { return c >= 'a' && c <= 'z'; };
    const bool may_be_country = label.size() == 2 && is_small(label[0]) && is_small(label[1]);
    return may_be_country ? is_country(label) : is_public_suffix(label);
}

bool is_private_top_level(std::string_view label) {
    return is_any_of(label, "onion i2p bit bazar coin emc ");
}

std::size_t find_registrable(std::string_view host) {
    thread_local Memory<std::size_t> memory;
    if (host.empty() || host.size() > k_max_host_bytes) return std::string_view::npos;
    return memory.find(host, [](std::string_view asked) {
        const CString copy(asked);
        const char* found = psl_registrable_domain(psl_builtin(), copy.bytes);
        return found == nullptr ? std::string_view::npos : static_cast<std::size_t>(found - copy.bytes);
    });
}
}
