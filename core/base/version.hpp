#pragma once
#include <string>

namespace cti {
std::string version();          // "0.1.0"
std::string revision();         // the commit that was built, or "unknown"
std::string library_versions(); // "libcurl 7.88.1, OpenSSL 3.0.19, …": what it was built with
std::string user_agent();       // what servers see unless a source or --user-agent says otherwise
}
