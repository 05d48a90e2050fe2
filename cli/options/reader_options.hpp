#pragma once
#include "cli/command.hpp"

#include <string>
#include <vector>

// Marks of reading, for the commands that show articles.
namespace cti::cli {

struct ReaderArguments {
    std::string name;
    bool keep_unread = false;
};
void add_reader_option(Options& app, ReaderArguments& arguments);
void add_keep_option(Options& app, ReaderArguments& arguments);

// --as, else CTI_READER, else the name of the user who runs this. Throws Error(usage) for a name that is
// none.
std::string reader_name(const ReaderArguments& arguments);

// Notes that a person has seen the article. Where that cannot be noted the article was seen all the same: it
// is a warning.
void note_reading(const Context& context, const ReaderArguments& arguments, int article_id);
}
