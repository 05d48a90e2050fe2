#include "cli/options/reader_options.hpp"

#include "cli/database.hpp"
#include "cli/options/options.hpp"
#include "core/base/log.hpp"
#include "core/base/text.hpp"
#include "core/ops/list_articles.hpp"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

namespace cti::cli {

void add_reader_option(Options& app, ReaderArguments& arguments) {
    app.add_option("--as", arguments.name, "Whose marks of reading count (the name of the user)")
        .envname("CTI_READER")
        .type_name("NAME")
        .group("Reading");
}

void add_keep_option(Options& app, ReaderArguments& arguments) {
    app.add_flag("--keep-unread", arguments.keep_unread, "Do not note that it was read").group("Reading");
}

std::string reader_name(const ReaderArguments& arguments) {
    constexpr std::size_t longest = 200;
    auto name = arguments.name;
    if (name.empty()) {
        const auto* user = ::getpwuid(::geteuid()); // NOLINT(concurrency-mt-unsafe): no other thread asks
        name = user != nullptr ? user->pw_name : std::to_string(::geteuid());
    }
    if (trim(name).empty() || name.size() > longest || printable(name) != name)
        throw Error{ExitCode::usage, fmt::format("--as: '{}' is no name of a reader", printable(name)),
                    "Any short name will do, such as 'anna'."};
    return name;
}

void note_reading(const Context& context, const ReaderArguments& arguments, int article_id) {
    if (arguments.keep_unread) return;
    const auto reader = reader_name(arguments);
    try {
        ops::mark_articles(make_environment(context), reader, {article_id}, ops::ReadMark::read);
    } catch (const Error& error) {
        log::warning("cannot note that it was read: {}", error.what());
    }
}
}
