#include "core/intel/chars.hpp"
#include "core/intel/refang.hpp"

// Schemes and single values: harmless to harmful and back.
namespace cti::intel {

std::string refang_scheme(std::string_view scheme, bool& is_changed) {
    auto lower = ascii_lower(scheme);
    is_changed = false;
    if (is_any_of(
            lower,
            "http https ftp ftps sftp tcp udp ws wss ssh smb ldap ldaps rdp git irc telnet tftp rtsp rtmp socks4 socks5 socks "
            "svn scp vnc dns tls ssl quic redis mysql postgres postgresql mongodb amqp jdbc stratum rmi iiop nfs webcal "))
        return lower;
    is_changed = true;
    if (is_any_of(lower, "fxp ffp fttp ")) return "ftp";
    if (lower == "fxps") return "ftps";
    if (lower == "sfxp") return "sftp";
    if (lower == "meow" || lower == "xxxx") return "http";
    if (lower == "meows" || lower == "xxxxx") return "https";
    const bool secure = lower.ends_with("ps");
    const auto middle = std::string_view(lower).substr(0, lower.size() - (secure ? 2 : 1));
    if (lower.size() < 3 || lower.size() > 8 || lower[0] != 'h' || (!secure && !lower.ends_with('p')))
        return "";
    if (middle.substr(1).find_first_not_of("txzpy") != middle.npos) return "";
    return secure ? "https" : "http";
}

std::string refang(std::string_view value) {
    Refanged refanged;
    refanged.assign(value, 0);
    std::string out(refanged.text());
    const auto colon = out.find("://");
    if (colon == out.npos || !all_of(std::string_view(out).substr(0, colon), k_alnum)) return out;
    bool is_changed = false;
    const auto scheme = refang_scheme(std::string_view(out).substr(0, colon), is_changed);
    return scheme.empty() ? out : scheme + out.substr(colon);
}

std::string defang(std::string_view value, DefangStyle style) {
    if (style == DefangStyle::scheme) {
        auto out = std::string(value);
        if (istarts_with(value, "http")) out.replace(0, 4, "hxxp");
        return out;
    }
    constexpr std::array<std::array<std::string_view, 3>, 4> marks{{{"[.]", "[@]", "[://]"},
                                                                    {"(.)", "(@)", "(://)"},
                                                                    {"{.}", "{@}", "{://}"},
                                                                    {"[dot]", "[at]", "[:]//"}}};
    const auto& [dot, at_sign, colon] = marks.at(static_cast<std::size_t>(style));
    std::string out;
    for (std::size_t i = 0; i < value.size(); ++i) {
        const bool inside = is(before(value, i), k_alnum | k_high) && is(at(value, i + 1), k_alnum | k_high);
        if (value[i] == '.' && inside) {
            out += dot;
        } else if (value[i] == '@' && inside) {
            out += at_sign;
        } else if (value.substr(i, 3) == "://" && i + 3 < value.size() && value[i + 3] > ' ') {
            out += colon, i += 2;
        } else {
            out += value[i];
        }
    }
    return out;
}
}
