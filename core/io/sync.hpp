#pragma once
#include <string>

namespace cti::io {

// What the file holds is on the disk. Throws Error(output).
void sync_file(const std::string& path);
// The names in the folder are on the disk: of a file that was renamed, its name is only there once its folder
// is. A folder that may be written but not read is passed over.
void sync_folder(const std::string& path);
}
