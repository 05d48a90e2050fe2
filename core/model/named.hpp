#pragma once
#include <array>
#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

// Enums whose values have names: in the database, in exports and for people.
namespace cti {

// An enum has names where a constexpr name_of() has them all in one switch without a default, so that the
// compiler asks for the name of a new value. The values count from 0; what is none of them has a null view.
template <class Enum>
concept HasNames = requires(Enum value) {
    { name_of(value) } -> std::same_as<std::string_view>;
};

template <HasNames Enum>
constexpr std::size_t count_values() {
    std::size_t count = 0;
    while (name_of(static_cast<Enum>(count)).data() != nullptr) ++count;
    return count;
}

// In the order of the enum.
template <HasNames Enum>
inline constexpr auto k_names = [] {
    std::array<std::string_view, count_values<Enum>()> names{};
    for (std::size_t i = 0; i < names.size(); ++i) names[i] = name_of(static_cast<Enum>(i));
    return names;
}();

template <HasNames Enum>
constexpr std::optional<Enum> find_value(std::string_view name) {
    for (std::size_t i = 0; i < k_names<Enum>.size(); ++i)
        if (k_names<Enum>[i] == name) return static_cast<Enum>(i);
    return std::nullopt;
}

// What is read back: a value, or a name that only a newer version of cti or a kind of source of its own
// knows. Such a name is kept, and goes through as it is.
template <HasNames Enum>
class Named {
public:
    Named() = default;
    Named(Enum value) : m_value(value) {}
    explicit Named(std::string_view name) : m_value(find_value<Enum>(name)) {
        if (!m_value) m_unknown = name;
    }

    std::optional<Enum> value() const { return m_value; } // nothing for an unknown name
    std::string_view name() const { return m_value ? name_of(*m_value) : std::string_view(m_unknown); }

    bool operator==(const Named&) const = default;
    bool operator==(Enum value) const { return m_value == value; }
    auto operator<=>(const Named& other) const { return name() <=> other.name(); } // by name

private:
    std::optional<Enum> m_value = Enum{};
    std::string m_unknown;
};
}
