#pragma once
#include <string>

namespace cti::cli {

// A CycloneDX 1.5 document: this program, and every Debian package of the system that it runs on; in the
// image these are the packages of the image. root: "" but in tests. Without dpkg's records only the program
// and its libraries are named.
std::string sbom_json(const std::string& root = "");
}
