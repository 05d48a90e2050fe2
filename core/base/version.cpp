#include "core/base/version.hpp"

namespace cti {
std::string version() { return CTI_VERSION; }
std::string revision() { return CTI_REVISION; }
std::string user_agent() { return "cti/" CTI_VERSION " (threat report collector)"; }
}
