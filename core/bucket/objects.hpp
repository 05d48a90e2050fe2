#pragma once
#include "core/bucket/answers.hpp"
#include "core/bucket/client.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What is asked of a bucket: a function for each request. All throw Error, see Client::send().
namespace cti::bucket {

std::vector<Object> list_objects(Client& client, const std::string& prefix);
// Nothing: there is none of that name.
std::optional<std::string> find_text(Client& client, const std::string& key);
std::string get_range(Client& client, const Object& object, long from, long size);
// The ETag of what was stored.
std::string put_object(Client& client, const std::string& key, std::string bytes);
void delete_object(Client& client, const std::string& key); // also where it is gone already

std::string begin_parts(Client& client, const std::string& key); // the upload's id
std::string put_part(Client& client, const std::string& key, const std::string& id, int number,
                     std::string bytes);
std::string end_parts(Client& client, const std::string& key, const std::string& id,
                      const std::vector<std::string>& etags);
void abort_parts(Client& client, const std::string& key, const std::string& id);
// Empty where the server does not know of such lists.
std::vector<Upload> list_uploads(Client& client, const std::string& prefix);

// The MD5 of bytes as a header wants it (RFC 1864).
std::string content_md5(std::string_view md5_hex);
}
