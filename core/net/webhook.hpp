#pragma once
#include "core/net/client.hpp"

#include <string>
#include <string_view>

// How a message is posted to a webhook: once, without redirects, and whatever the address is, no text shows
// it, as it may be a secret.
namespace cti::net {

struct Webhook {
    std::string url, secret;  // url "": nobody is told; secret: of the signature; "" none
    bool allow_plain = false; // http: beyond this machine
    std::string user_agent, proxy;
};

// Throws Error(usage) where the address is refused; the message does not hold it.
void require_fit(const Webhook& webhook);
// Posts once. The id goes into a header, too, so that a receiver knows what it has already. "" when the
// answer was 2xx, else what went wrong.
std::string post_event(const Webhook& webhook, const std::string& id, std::string json);

// Text as chats show it (Slack, Mattermost): < > & begin their markup, so a title cannot make a link or call
// somebody.
std::string chat_text(std::string_view text);

// Why an address is not posted to, or "". allow_plain: http: as well, wherever it leads; else only to this
// machine itself.
std::string webhook_refusal(const std::string& url, bool allow_plain);

// A POST of JSON. A user and a password in the address become credentials. The webhook was named by whoever
// runs the program, so it may be on a private address. proxy: "" is the environment's.
Request make_post(const std::string& url, std::string json, const std::string& proxy);

// "" when the answer was 2xx, else what went wrong.
std::string post_fault(const Response& response);

// "sha256=" and the HMAC of the body, the value of X-Hub-Signature-256 as GitHub and others send it.
std::string signature_of(const std::string& secret, const std::string& body);
}
