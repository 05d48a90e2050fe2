#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>

// A database's URL as people, SQLAlchemy and asyncpg write it, made into one that libpq's parser takes.
namespace cti::db {

// Views into the URL; nothing is decoded.
struct UrlSpelling {
    std::string_view scheme; // "postgresql+asyncpg"
    std::optional<std::string_view> user, password;
    std::string_view place; // hosts, ports and database
    std::optional<std::string_view> query;
};

// "scheme://…"; a key=value string may hold "://" in one of its values.
bool is_url(std::string_view address);

// The user name and the password end at the last @ before the host, as a password that was not
// percent-encoded may hold one, and / and ? as well. Throws Error(usage) where that leaves two readings.
UrlSpelling split_spelling(std::string_view url);

// Whether the place of an address with a password is a bare word, which may belong to the password:
// "u:pass@word" without any host is read as that.
bool may_end_password(const UrlSpelling& spelling);

// "postgresql://…" with the same meaning. What only a driver of Python needs is left out. Throws Error(usage)
// where it is the address of something else.
std::string libpq_spelling(std::string_view url);

// As it is written, but with *** for the password and for the parameters that `is_secret` names.
std::string masked_spelling(std::string_view url, const std::function<bool(std::string_view)>& is_secret);
}
