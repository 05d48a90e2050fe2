#include "cli/options/status_options.hpp"

#include "cli/database.hpp"
#include "core/base/log.hpp"
#include "core/base/text.hpp"
#include "core/collect/start_libraries.hpp"
#include "core/io/read_input.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace cti::cli {
namespace {
constexpr std::size_t k_min_token_bytes = 16, k_max_token_bytes = 1024;

// The token itself stands in no message.
std::string read_token(const std::string& path) {
    constexpr const char* k_hint = "Write one: (umask 077; openssl rand -hex 32 > FILE).";
    if (path.empty())
        throw Error{ExitCode::usage, "--enable-control needs a token, and no file of it is named",
                    std::string(k_hint) + " Name it with --control-token-file or CTI_CONTROL_TOKEN_FILE."};
    const auto bytes = io::read_input(path, io::Readers::owner_and_group);
    const auto token = trim(bytes);
    const auto refuse = [&](const std::string& why) {
        return Error{ExitCode::usage, fmt::format("the token in '{}' {}", printable(path), why), k_hint};
    };
    if (token.empty()) throw refuse("is missing: the file is empty");
    if (token.size() < k_min_token_bytes)
        throw refuse(fmt::format("is too short: it needs {} characters", k_min_token_bytes));
    const bool is_plain = std::ranges::all_of(token, [](char c) { return c > ' ' && c <= '~'; });
    if (!is_plain || token.size() > k_max_token_bytes) throw refuse("is no line of plain characters");
    return std::string(token);
}
}

void add_status_options(Options& app, StatusOptions& options) {
    const auto group = "Status server";
    options.listen_option = app.add_option("--listen", options.listen, "Where it answers; none: nowhere")
                                .type_name("ADDR:PORT")
                                .envname("CTI_LISTEN")
                                .capture_default_str()
                                .group(group);
    app.add_option("--metrics-max-sources", options.max_sources, "Above it no metrics of single sources")
        .between(0, 100000)
        .type_name("N")
        .envname("CTI_METRICS_MAX_SOURCES")
        .capture_default_str()
        .group(group);
    app.add_flag("--enable-control", options.enable_control,
                 "Whoever has the token may ask for jobs and cancel them")
        .envname("CTI_ENABLE_CONTROL")
        .group(group);
    app.add_option("--control-token-file", options.control_token_file, "File with that token")
        .type_name("FILE")
        .envname("CTI_CONTROL_TOKEN_FILE")
        .group(group);
}

std::unique_ptr<monitor::Observer> start_observer(const Context& context, ThreadBoard& threads) {
    collect::start_libraries();
    monitor::ObserverSettings observing;
    observing.connect = [&context] { return open_database(context, "observer"); };
    observing.threads = &threads;
    return std::make_unique<monitor::Observer>(std::move(observing));
}

std::unique_ptr<monitor::HttpServer> start_status_server(const StatusOptions& options,
                                                         const StatusParts& parts) {
    monitor::HttpServerSettings serving;
    serving.address = options.listen;
    serving.state = [parts, max_sources = static_cast<std::size_t>(options.max_sources)] {
        return monitor::State{parts.observer.snapshot(), parts.loop.view(),   {}, max_sources,
                              current_instant(),         parts.threads.list()};
    };
    serving.connect = [&context = parts.context] { return open_database(context, "status"); };
    serving.threads = &parts.threads;
    if (options.enable_control) serving.control_token = read_token(options.control_token_file);
    auto server = std::make_unique<monitor::HttpServer>(std::move(serving));
    if (options.enable_control) log::notice("orders over HTTP are taken from whoever has the token");
    return server;
}
}
