#include "cli/options/webhook_options.hpp"

#include "cli/environment.hpp"
#include "core/base/version.hpp"

namespace cti::cli {
namespace {

std::string address_of(const std::string& given) {
    if (!given.empty()) return given;
    for (const char* name : {"CTI_WEBHOOK", "NOTIFICATION_WEBHOOK"})
        if (auto url = secret(name); !url.empty()) return url;
    return {};
}
}

Option add_webhook_option(Options& app, std::string& url, const std::string& description) {
    return app.add_option("--webhook", url, description).type_name("URL").envname("CTI_WEBHOOK");
}

void add_webhook_options(Options& app, WebhookOptions& options) {
    const auto group = "Notifications";
    add_webhook_option(app, options.url, "Post as JSON there how it went (or CTI_WEBHOOK_FILE)").group(group);
    app.add_flag("--allow-private", options.allow_plain, "Let the webhook be http: in a private network")
        .envname("CTI_ALLOW_PRIVATE")
        .group(group);
}

net::Webhook find_webhook(const std::string& given, bool allow_plain, const std::string& proxy) {
    net::Webhook webhook;
    webhook.url = address_of(given);
    if (webhook.url.empty()) return webhook;
    webhook.secret = secret("CTI_WEBHOOK_SECRET");
    webhook.allow_plain = allow_plain;
    webhook.user_agent = user_agent();
    webhook.proxy = proxy;
    net::require_fit(webhook);
    return webhook;
}

net::Webhook find_webhook(const WebhookOptions& options) {
    return find_webhook(options.url, options.allow_plain, environment("CTI_PROXY"));
}
}
