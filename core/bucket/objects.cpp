#include "core/bucket/objects.hpp"

#include "core/base/hash.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace cti::bucket {
namespace {
constexpr std::size_t k_max_objects = 1'000'000;
constexpr std::size_t k_max_text = 64u << 20; // of a manifest

std::string query_of_upload(const std::string& id) { return "uploadId=" + encode(id, false); }

[[noreturn]] void refuse_endless(const Client& client) {
    throw Error{ExitCode::failure,
                fmt::format("'s3://{}' lists more than {} objects, or the same ones again", client.bucket(),
                            k_max_objects),
                "Keep backups below a prefix of their own."};
}
}

namespace {
// libcurl 8.14 (Debian 13) signs a "+" in a query as if it were a space. Tokens of S3 have some; keys of
// backups have none, and pages are in the order of the keys.
std::string query_of_page(const std::string& prefix, const std::string& token, const std::string& last_key) {
    const auto of_prefix = "prefix=" + encode(prefix, false);
    if (token.empty()) return "list-type=2&" + of_prefix;
    if (token.find('+') == token.npos || last_key.empty())
        return "continuation-token=" + encode(token, false) + "&list-type=2&" + of_prefix;
    return "list-type=2&" + of_prefix + "&start-after=" + encode(last_key, false);
}
}

std::vector<Object> list_objects(Client& client, const std::string& prefix) {
    std::vector<Object> all;
    std::string token, last_key;
    do {
        Order order;
        order.query = query_of_page(prefix, token, last_key);
        auto listing = parse_listing(client.send(order).body);
        if (all.size() + listing.objects.size() > k_max_objects || (!token.empty() && listing.next == token))
            refuse_endless(client);
        last_key = listing.objects.empty() ? std::string() : listing.objects.back().key;
        for (auto& object : listing.objects)
            if (object.key.starts_with(prefix)) all.push_back(std::move(object));
        token = std::move(listing.next);
    } while (!token.empty());
    return all;
}

std::optional<std::string> find_text(Client& client, const std::string& key) {
    Order order{.key = key, .query = {}, .max_bytes = k_max_text, .expected = {404}};
    auto response = client.send(order);
    if (response.status == 404) return std::nullopt;
    return std::move(response.body);
}

std::string get_range(Client& client, const Object& object, long from, long size) {
    Order order{.key = object.key, .query = {}};
    order.max_bytes = static_cast<std::size_t>(size);
    order.headers = {fmt::format("Range: bytes={}-{}", from, from + size - 1)};
    if (!object.etag.empty()) order.headers.push_back(fmt::format("If-Match: \"{}\"", object.etag));
    auto response = client.send(order);
    if (static_cast<long>(response.body.size()) != size)
        throw Error{ExitCode::failure,
                    fmt::format("cannot read 's3://{}/{}': {} bytes came, not {}", client.bucket(),
                                printable(object.key), response.body.size(), size)};
    return std::move(response.body);
}

std::string put_object(Client& client, const std::string& key, std::string bytes) {
    Order order{.method = "PUT", .key = key, .query = {}};
    order.headers = {"Content-MD5: " + content_md5(md5_hex(bytes))};
    order.body = std::move(bytes);
    return without_quotes(client.send(order).etag);
}

void delete_object(Client& client, const std::string& key) {
    client.send({.method = "DELETE", .key = key, .query = {}, .expected = {404}});
}

std::string begin_parts(Client& client, const std::string& key) {
    const auto response = client.send({.method = "POST", .key = key, .query = "uploads="});
    auto id = text_of(response.body, "UploadId");
    if (id.empty())
        throw Error{ExitCode::output, fmt::format("cannot change 's3://{}/{}': the server named no upload",
                                                  client.bucket(), printable(key))};
    return id;
}

std::string put_part(Client& client, const std::string& key, const std::string& id, int number,
                     std::string bytes) {
    Order order{.method = "PUT", .key = key, .query = {}};
    order.query = fmt::format("partNumber={}&{}", number, query_of_upload(id));
    order.headers = {"Content-MD5: " + content_md5(md5_hex(bytes))};
    order.body = std::move(bytes);
    return without_quotes(client.send(order).etag);
}

std::string end_parts(Client& client, const std::string& key, const std::string& id,
                      const std::vector<std::string>& etags) {
    Order order{.method = "POST", .key = key, .query = query_of_upload(id)};
    order.body = "<CompleteMultipartUpload>";
    for (std::size_t i = 0; i < etags.size(); ++i)
        order.body +=
            fmt::format("<Part><PartNumber>{}</PartNumber><ETag>\"{}\"</ETag></Part>", i + 1, etags[i]);
    order.body += "</CompleteMultipartUpload>";
    // The answer to an attempt that did it may have been lost: then there is no such upload any more, and
    // whoever asks looks at the object.
    order.expected = {404};
    return without_quotes(text_of(client.send(order).body, "ETag"));
}

void abort_parts(Client& client, const std::string& key, const std::string& id) {
    client.send({.method = "DELETE", .key = key, .query = query_of_upload(id), .expected = {404}});
}

std::vector<Upload> list_uploads(Client& client, const std::string& prefix) {
    std::vector<Upload> all;
    UploadListing listing;
    do {
        Order order{.key = {}, .query = {}, .expected = {405, 501}};
        if (!listing.next_key.empty()) order.query = "key-marker=" + encode(listing.next_key, false) + '&';
        order.query += "prefix=" + encode(prefix, false);
        if (!listing.next_key.empty()) order.query += "&upload-id-marker=" + encode(listing.next_id, false);
        order.query += "&uploads=";
        const auto response = client.send(order);
        if (response.status >= 300) return all;
        listing = parse_uploads(response.body);
        if (all.size() + listing.uploads.size() > k_max_objects) refuse_endless(client);
        for (auto& upload : listing.uploads)
            if (upload.key.starts_with(prefix)) all.push_back(std::move(upload));
    } while (!listing.next_key.empty() && !listing.uploads.empty());
    return all;
}

std::string content_md5(std::string_view md5_hex) {
    constexpr std::string_view k_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    // Three bytes, six digits of hex, are four of base64.
    for (std::size_t i = 0; i < md5_hex.size(); i += 6) {
        const auto part = md5_hex.substr(i, 6);
        std::uint32_t bits = 0;
        std::from_chars(part.data(), part.data() + part.size(), bits, 16);
        bits <<= 4 * (6 - part.size());
        const auto digits = (part.size() / 2) + 1;
        for (std::size_t n = 0; n < 4; ++n) out += n < digits ? k_digits[bits >> (18 - 6 * n) & 63] : '=';
    }
    return out;
}
}
