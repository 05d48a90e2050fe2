#pragma once
#include <string>
#include <string_view>

// What sites say around their articles, in the languages met: told by words, for want of names.
namespace cti::page {

// Letters and digits only, ASCII in lower case: for comparing titles and names.
std::string letters_of(std::string_view text);

// A whole line that is no part of an article: "Share this", "Advertisement", "Read more: …", "Image 3 of 5".
bool is_boilerplate_line(std::string_view line);

// A short line that asks something of the reader, names another page or the day, or thanks for a picture; see
// prompts.cpp.
bool is_prompt(std::string_view text);

// "About the author", in the languages met: what stands below tells of a person.
bool is_author_heading(std::string_view line);

// At the end of an article: where to follow whom, what to subscribe to, whose rights these are.
bool is_closing_line(std::string_view line);

// A heading over links and offers: all to the next heading of its level goes with it.
bool is_boilerplate_heading(std::string_view heading);

// A heading that is one when links stand below it: "More from …", "Related …", "Latest …".
bool announces_links(std::string_view heading);
}
