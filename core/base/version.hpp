#pragma once
#include <string>

namespace cti {
std::string version();      // "0.1.0"
std::string revision();     // the commit that was built, or "unknown"
std::string user_agent();   // what servers see unless a source or --user-agent says otherwise
}
