#pragma once
#include "core/intel/families/host.hpp"

// Dotted words where source code has them, and names of packages and bundles.
namespace cti::intel {

// "import org.evil.io;", "using System.IO;", "from evil.io import x"
bool is_imported(std::string_view text, const Host& host);

// "x = obj.name;", "for (i in obj.name) {", "if not obj.name:", "obj.info["x"]"
bool is_in_statement(std::string_view text, const Host& host);

// "Package name: com.evil.bank.app", "adb install com.evil.app", "com.evil.app (Android package)": the name
// of a host from its end on, and words that say that it is a package's.
bool is_package(std::string_view text, const Host& host);

// Names of variables that source code is full of.
bool is_object_name(std::string_view label);
}
