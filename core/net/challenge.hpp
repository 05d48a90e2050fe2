#pragma once
#include <string_view>

// Bot walls: pages that ask for JavaScript, patience or a puzzle instead of giving what was asked for.
namespace cti::net {

struct Answer {
    int status = 0;
    bool is_html = false;
    bool feed_asked = false;
    std::string_view
        marks; // the headers of which is_challenge_mark() is true, as lines "name: value\n" in lower case
    std::string_view body;
};

bool is_challenge_mark(std::string_view header_name);

// The name of the wall ("Cloudflare", "a captcha"), or "". Only an answer of 403, 429 or 503 is looked at,
// and one of 200 that is HTML where a feed was asked, for which only unmistakable marks count.
std::string_view find_challenge(const Answer& answer);
}
