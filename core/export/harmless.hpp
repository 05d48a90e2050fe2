#pragma once
#include "core/model/indicator.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

// What makes text from outside harmless where people, or other programs' readers, meet it.
namespace cti::exporter {

// An indicator's value made unclickable: hxxp, [.], [@]. Values of types that no program takes for an address
// (hashes, ids, names of files and others) come back as they are.
std::string defang(std::optional<IndicatorType> type, std::string_view value);

// The same for people, who may paste it anywhere: other values too have nothing left that becomes a link.
// Names of files stay.
std::string defang_for_people(std::optional<IndicatorType> type, std::string_view value);

// Whether what carries the verdict may reach a block list, a rule or a sensor: hosts that everybody uses and
// words of source code never do, whatever was asked for.
bool may_be_blocked(const Named<IndicatorVerdict>& verdict);

// Free text in which nothing is left that mail programs and web sites make a link of by themselves: "://",
// host names, IPv4 addresses, e-mail addresses, "@someone". Version numbers, abbreviations, names of files
// and members in source code stay, unless these could be hosts.
std::string defang_text(std::string_view text);

// The address of an article, fit for a link: percent-encoded where it must be. "" for what is not http or
// https with a host, holds credentials or control characters, or is longer than browsers take.
std::string web_link(std::string_view url);

// An indicator that is a URL may stand without its scheme: "evil.example:8080/x" becomes one of http.
std::string with_scheme(std::string_view url);
// The same for readers that take what is whole only: "host.example/x" and "host.example:80" get the scheme,
// all else comes back as it is.
std::string complete_url(std::string_view url);

// One line for people, `most` code points long, with "…" where something was cut: no line ends, no control
// characters, no bidirectional overrides, valid UTF-8.
std::string one_line(std::string_view text, std::size_t most);

// The same of a text of sentences, defanged before it is cut: where a sentence ends, or a word.
std::string excerpt(std::string_view text, std::size_t most);

// An IPv4 or IPv6 address without brackets, port or zone; with a prefix length.
bool is_ip_address(std::string_view text);
bool is_subnet(std::string_view text);
}
