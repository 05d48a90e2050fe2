#include "cli/version.hpp"

#include "cli/command.hpp"
#include "cli/options/options.hpp"
#include "cli/sbom.hpp"
#include "cli/term/output.hpp"
#include "core/base/version.hpp"

#include <fmt/core.h>
#include <memory>

namespace cti::cli {

std::string version_text() {
    return fmt::format("cti {} (revision {})\n{}", version(), revision(), library_versions());
}

Action setup_version(Options& app) {
    auto sbom = std::make_shared<bool>(false);
    app.footer("Examples:\n  cti version\n  cti version --sbom | jq -r '.components[].purl'");
    app.add_flag("--sbom", *sbom,
                 "The bill of materials (CycloneDX): cti, and the packages of the system it runs on")
        .group("Output");
    return [sbom](Context&) {
        print(*sbom ? sbom_json() : version_text() + "\n");
        return ExitCode::ok;
    };
}
}
