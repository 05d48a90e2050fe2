#pragma once
#include "core/base/dotted_words.hpp"
#include "core/intel/scan.hpp"

// Host names and IP addresses where a text has them.
namespace cti::intel {

struct Host {
    enum class Kind { none, name, ipv4, ipv6 };
    Kind kind = Kind::none;
    std::size_t start = 0, end = 0;
    std::string value;             // normalised: lower case, Punycode, canonical address
    bool has_known_suffix = false; // names are registered under it
    explicit operator bool() const { return kind != Kind::none; }
};

// The name or address that fills [start, end), apart from dots and hyphens at its ends and what no host name
// may begin with.
Host read_host(std::string_view text, std::size_t start, std::size_t end);
Host read_ipv4(std::string_view text, std::size_t start, std::size_t end);
Host read_name(std::string_view text, std::size_t start, std::size_t end);

// Adds the host: a domain, an onion service or an address.
void add_host(Scan& scan, const Host& host, Reading reading = Reading::plain,
              Verdict verdict = Verdict::none);

// The host in lower case, as a URL or an e-mail address keeps it.
std::string lower_host(std::string_view host);

// Behind a host: the path, query and fragment of a URL. is_cut: the author left out the rest ("…").
struct UrlTail {
    std::size_t end = 0;
    bool is_cut = false;
};
UrlTail read_url_tail(std::string_view text, std::size_t host_end, std::size_t url_start, bool is_defanged);

// "host/path" without a scheme: adds the URL where there is one. Returns the end of it, or of the host and
// port.
std::size_t scan_bare_url(Scan& scan, const Host& host);

}
