#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace re2 {
class RE2;
}

namespace cti::page {

// Which addresses of a source are posts: `allow` (one of them stands in the host, as the web service has it)
// and `post_url_regex` (one of them matches from the address's beginning, as Python's re.match does; RE2's
// syntax, which knows neither look-around nor back-references and takes linear time).
class LinkFilter {
public:
    LinkFilter() = default;
    // What is invalid is left out and named in warnings().
    LinkFilter(std::vector<std::string> allow, const std::vector<std::string>& patterns);

    // "" lets the address pass; else why not: "not_allowed", "url_regex".
    std::string_view refusal(std::string_view url) const;
    const std::vector<std::string>& warnings() const { return m_warnings; }

private:
    std::vector<std::string> m_allow, m_warnings;
    std::vector<std::shared_ptr<const re2::RE2>> m_patterns;
};
}
