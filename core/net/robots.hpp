#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// robots.txt, RFC 9309: which paths of a host a program asks for.
namespace cti::net {

class Robots {
public:
    // Takes anything; only the first 500 KiB are read.
    static Robots parse(std::string_view text);
    static Robots allow_all();    // there is no robots.txt
    static Robots disallow_all(); // nobody knows what it says: the server failed

    // product: "cti", without a version; its case does not matter. path_and_query: from the slash after the
    // host on. The longest rule that matches decides, allow goes before disallow of the same length.
    bool allows(std::string_view product, std::string_view path_and_query) const;
    // At most 60 s.
    std::optional<std::chrono::milliseconds> crawl_delay(std::string_view product) const;

private:
    struct Rule {
        std::string pattern; // percent-encoding normalised
        bool allow = false;
    };
    struct Group {
        std::vector<std::string> products; // lower case
        std::vector<Rule> rules;
        std::optional<std::chrono::milliseconds> crawl_delay;
    };
    // The groups that name the product, or those of "*" when none does.
    std::vector<const Group*> groups_of(std::string_view product) const;
    friend class RobotsParser;

    std::vector<Group> m_groups;
};
}
