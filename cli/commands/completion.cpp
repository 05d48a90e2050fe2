#include "cli/command.hpp"
#include "cli/options/options.hpp"
#include "cli/shell/command_tree.hpp"
#include "cli/term/output.hpp"
#include "core/io/out.hpp"

#include <filesystem>
#include <memory>

namespace cti::cli {
namespace {
constexpr struct {
    const char* shell;
    std::string (*write)(const CommandInfo&);
} k_shells[] = {{"bash", bash_completion}, {"zsh", zsh_completion}, {"fish", fish_completion}};
}

Action setup_completion(Options& app) {
    auto shell = std::make_shared<std::string>();
    app.footer(R"(Examples:
  source <(cti completion bash)     for this shell
  cti completion zsh > _cti         for a folder of $fpath
  cti completion fish > cti.fish    for ~/.config/fish/completions

Source identifiers, formats and types are completed too.)");
    app.add_option("SHELL", *shell, "bash, zsh or fish").required().one_of({"bash", "zsh", "fish"});
    return [app, shell](Context&) {
        const auto tree = app.read_all_commands();
        for (const auto& [name, write] : k_shells)
            if (*shell == name) print(write(tree));
        return ExitCode::ok;
    };
}

// Hidden: the build calls it for what `cmake --install` puts into share/man.
Action setup_man_pages(Options& app) {
    auto folder = std::make_shared<std::string>();
    app.add_option("DIR", *folder, "Where the pages are written").required();
    return [app, folder](Context&) {
        std::filesystem::create_directories(*folder);
        for (const auto& page : man_pages(app.read_all_commands())) {
            io::Out out(*folder + "/" + page.name);
            if (out.write(page.text)) out.close();
        }
        return ExitCode::ok;
    };
}
}
