#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace cti::page {

// How far what was found may be trusted to be a name and nothing else.
enum class Trust {
    field,  // of the metadata, or a link to the author: all of it is names
    markup, // an element named as byline: roles and dates stand beside the name
};

// Several names in one text: "A, B and C". Each that is new comes after the others.
void add_names(std::string_view text, Trust trust, std::vector<std::string>& names);

// "Example GmbH", "Example Team": a house, whatever the site is called.
bool is_organisation(std::string_view name);

// "ada-meyer", "ameyer2": what somebody logs in as.
bool is_login(std::string_view name);

bool is_capitalised(std::string_view word);

// Two words or more, each with a capital, or such a particle as "van".
bool is_whole_name(std::string_view name);

// "Ada Meyer" of "Ada Meyer is a journalist" for "Ada"; "" where the text does not begin so.
std::string whole_name(std::string_view text, std::string_view first);

// "Posted on September 21, 2020 by Adi Tzlil": what stands after the date and "by"; else all of it.
std::string_view behind_date(std::string_view text);
}
