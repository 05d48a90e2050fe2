#include "core/sources/settings.hpp"

#include "core/base/json.hpp"
#include "core/base/text.hpp"

#include <nlohmann/json.hpp>

namespace cti::sources {
namespace {

constexpr double k_max_delay_s = 60, k_max_mib = 256, k_max_timeout_s = 3600, k_max_per_minute = 6000;

const nlohmann::json* find(const nlohmann::json& object, const char* key) {
    if (!object.is_object()) return nullptr;
    const auto found = object.find(key);
    return found == object.end() ? nullptr : &*found;
}

std::optional<double> number(const nlohmann::json* value, double most) {
    if (value == nullptr || !value->is_number()) return std::nullopt;
    const auto read = value->get<double>();
    if (!(read > 0)) return std::nullopt;
    return std::min(read, most);
}

bool flag(const nlohmann::json* value, bool otherwise) {
    return value != nullptr && value->is_boolean() ? value->get<bool>() : otherwise;
}

// What goes into a header or a path holds no control characters.
std::string header_text(const nlohmann::json* value) {
    if (value == nullptr || !value->is_string()) return {};
    const auto& read = value->get_ref<const std::string&>();
    return read.size() <= 1000 && printable(read) == read ? read : std::string();
}
}

FetchSettings read_fetch_settings(std::string_view config_json) {
    constexpr int deepest = 64;
    FetchSettings settings;
    if (is_nested_deeper(config_json, deepest)) return settings;
    const auto config = nlohmann::json::parse(config_json, nullptr, false);
    const nlohmann::json nothing = nlohmann::json::object();
    const auto* const robots = find(config, "robots");
    const auto& polite = robots != nullptr ? *robots : nothing;
    if (const auto delay = number(find(polite, "crawl_delay"), k_max_delay_s);
        delay && flag(find(polite, "respect_delay"), true))
        settings.crawl_delay = std::chrono::milliseconds{static_cast<long>(*delay * 1000)};
    if (const auto most = number(find(polite, "max_requests_per_minute"), k_max_per_minute);
        most && *most >= 1)
        settings.max_requests_per_minute = static_cast<int>(*most);
    settings.obey_robots = flag(find(polite, "enabled"), true);
    const auto* const own = find(config, "fetch");
    const auto& fetch = own != nullptr ? *own : nothing;
    if (const auto mib = number(find(fetch, "max_mib"), k_max_mib))
        settings.max_bytes = static_cast<std::size_t>(*mib * 1024 * 1024);
    if (const auto timeout = number(find(fetch, "timeout"), k_max_timeout_s); timeout && *timeout >= 1)
        settings.timeout = std::chrono::seconds{static_cast<long>(*timeout)};
    settings.allow_private = flag(find(fetch, "allow_private"), false);
    settings.user_agent = header_text(find(fetch, "user_agent"));
    settings.ca_file = header_text(find(fetch, "ca_file"));
    settings.proxy = header_text(find(fetch, "proxy"));
    settings.auth = header_text(find(fetch, "auth"));
    return settings;
}
}
