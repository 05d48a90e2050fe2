#pragma once
#include "cli/fetching.hpp"
#include "core/base/json.hpp"

#include <functional>
#include <string>
#include <string_view>

// What the subcommands of `inspect` share: a document from a file, standard input or an address.
namespace cti::cli {

struct Document {
    std::string bytes, url, content_type;
};
// What the options say about an address wins over what its server says. Throws Error where it cannot be read.
Document read_document(const std::string& file, const std::string& url, const std::string& content_type,
                       const FetchOptions& fetch);

// To stdout, and empties it. Throws Error(output).
void flush(std::string& out);

void member_text(JsonWriter& json, std::string_view name, const std::string& text); // null where it is empty

// What the subcommand that was given does; each setup adds its own.
using Inspection = std::function<ExitCode()>;
void setup_inspect_page(CLI::App& app, Inspection& chosen);
}
