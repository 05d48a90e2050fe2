#include "cli/environment.hpp"
#include "cli/options/fetch_options.hpp"
#include "cli/options/options.hpp"
#include "cli/term/output.hpp"
#include "core/base/log.hpp"
#include "core/base/text.hpp"
#include "core/base/version.hpp"
#include "core/monitor/routes.hpp"

#include <cstdlib>
#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>

namespace cti::cli {
namespace {

struct HealthcheckCommand {
    std::string url;
    int timeout_s = 5;
};

// Where a monitor with the same environment answers; "any address" is asked at the loopback one.
std::string default_url() {
    auto listen = environment("CTI_LISTEN");
    if (listen.empty()) listen = monitor::k_default_listen;
    const auto port = listen.substr(listen.rfind(':') + 1);
    if (listen.starts_with("0.0.0.0:")) return fmt::format("http://127.0.0.1:{}/health", port);
    if (listen.starts_with("[::]:")) return fmt::format("http://[::1]:{}/health", port);
    return fmt::format("http://{}/health", listen);
}

// What `serve` and `monitor` say where they listen is the address of their page: /health is meant.
std::string health_url(std::string url) {
    const auto host = url.find("://");
    if (host == std::string::npos) url = "http://" + url;
    const auto path = url.find('/', url.find("://") + 3);
    if (path == std::string::npos) return url + "/health";
    return path + 1 == url.size() ? url + "health" : url;
}

// "healthy", or the word and the reason of a document of /health; "" where it is none.
std::string words_of(const net::Response& response) {
    const auto json = nlohmann::json::parse(response.body, nullptr, false);
    const auto text = [&](const char* name) {
        return json.is_object() && json.contains(name) && json[name].is_string()
                   ? json[name].get<std::string>()
                   : std::string();
    };
    if (const auto status = text("status"); !status.empty())
        return text("reason").empty() ? status : fmt::format("{}: {}", status, text("reason"));
    // /livez and /readyz say a word.
    const auto body = trim(response.body);
    const bool is_word = body.size() <= 200 && body.find('\n') == body.npos && body.find('<') == body.npos;
    return is_word && !json.is_object() ? std::string(body) : std::string();
}

ExitCode run_healthcheck(const HealthcheckCommand& command) {
    setenv("no_proxy", "*", 1); // A monitor is asked directly, whatever proxy the collecting goes through.
    net::Request request;
    request.url = command.url.empty() ? default_url() : health_url(command.url);
    request.user_agent = user_agent();
    request.allow_private = true;
    request.limits.total_timeout = request.limits.connect_timeout = request.limits.first_byte_timeout =
        std::chrono::seconds{command.timeout_s};
    const auto response = net::fetch(request);
    if (response.failure != net::Failure::none) {
        print(fmt::format("unhealthy: {}\n", response.error));
        return ExitCode::check;
    }
    const bool is_good = response.status >= 200 && response.status < 300;
    auto words = printable(words_of(response));
    if (words.empty() && is_good) {
        print("unhealthy: what answers there tells no health\n");
        log::hint("Ask /health of a monitor: cti healthcheck http://127.0.0.1:8080/health");
        return ExitCode::check;
    }
    if (words.empty()) words = fmt::format("HTTP {}", response.status);
    print(fmt::format("{}{}\n", is_good || words.starts_with("unhealthy") ? "" : "unhealthy: ", words));
    return is_good ? ExitCode::ok : ExitCode::check;
}
}

Action setup_healthcheck(Options& app) {
    auto command = std::make_shared<HealthcheckCommand>();
    app.footer(R"(Examples:
  cti healthcheck                               the monitor of this machine
  cti healthcheck http://127.0.0.1:8080/readyz

Exit code 0 when it is healthy or degraded, 8 when it is not or does not
answer; one line says why.)");
    app.add_option("URL", command->url, "What to ask (http://127.0.0.1:8080/health)");
    app.add_option("--timeout", command->timeout_s, "Seconds to wait")
        .between(1, 300)
        .seconds()
        .capture_default_str()
        .group("Network");
    return [command](Context&) { return run_healthcheck(*command); };
}
}
