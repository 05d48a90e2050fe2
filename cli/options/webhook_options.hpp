#pragma once
#include "cli/options/options.hpp"
#include "core/net/webhook.hpp"

#include <string>

// Where what happens is posted to: an option, and variables that may be files.
namespace cti::cli {

Option add_webhook_option(Options& app, std::string& url, const std::string& description);

struct WebhookOptions {
    std::string url;
    bool allow_plain = false;
};
// --webhook, and what lets it be http: beyond this machine.
void add_webhook_options(Options& app, WebhookOptions& options);

// given, else CTI_WEBHOOK or the file that CTI_WEBHOOK_FILE names; its secret by CTI_WEBHOOK_SECRET. Throws
// Error(usage) where a file cannot be read or the address is refused.
net::Webhook find_webhook(const std::string& given, bool allow_plain, const std::string& proxy);
net::Webhook find_webhook(const WebhookOptions& options); // the proxy: of CTI_PROXY
}
