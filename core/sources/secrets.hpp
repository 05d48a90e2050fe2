#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

// The file of secrets: who sources with a login say they are. It is read by whoever runs the program and by
// nobody else, so what it holds is written nowhere.
namespace cti::sources {

struct Secret {
    std::vector<std::string> urls; // of these, scheme, host and port: nobody else is told
    std::string user, password;
    std::string token;                // instead of them, as "Authorization: Bearer"
    std::vector<std::string> headers; // "Name: value"
};
struct Secrets {
    std::string file;                      // for messages
    std::map<std::string, Secret> entries; // by the names that fetch.auth gives
};

// YAML: a mapping of names to `url` (one or a list), and `user` and `password`, or `token`, and `headers`.
// Throws Error(usage) with the line; it quotes nothing that may be a secret.
Secrets parse_secrets(std::string_view text, const std::string& file);
}
