#include "core/base/version.hpp"

namespace cti {
std::string version() { return CTI_VERSION; }
std::string revision() { return CTI_REVISION; }
std::string library_versions() { return CTI_LIBRARIES; }
std::string user_agent() { return "cti/" CTI_VERSION " (threat report collector)"; }
}
