#include "core/base/hash.hpp"
#include "core/base/uuid.hpp"

#include <doctest/doctest.h>

using namespace cti;

namespace {
constexpr auto k_dns = uuid_literal("6ba7b810-9dad-11d1-80b4-00c04fd430c8");
constexpr auto k_url = uuid_literal("6ba7b811-9dad-11d1-80b4-00c04fd430c8");
}

TEST_CASE("uuid_v5: the example of RFC 9562, appendix A.4") {
    CHECK(to_string(uuid_v5(k_dns, "www.example.com")) == "2ed6657d-e927-568b-95e1-2665a8aea6a2");
}

TEST_CASE("uuid_v5: an empty and a long name give what Python's uuid gives") {
    CHECK(to_string(uuid_v5(k_url, "")) == "1b4db7eb-4057-5ddf-91e0-36dec72071f5");
    CHECK(to_string(uuid_v5(k_url, "https://example.com/\xC3\xBC\n" + std::string(1000, 'x'))) ==
          "55337f98-03c4-508d-a548-9702a6d96976");
}

TEST_CASE("uuid: a literal prints as it was written") {
    CHECK(to_string(k_dns) == "6ba7b810-9dad-11d1-80b4-00c04fd430c8");
    CHECK(k_dns != k_url);
}

TEST_CASE("hash: SHA-1 and MD5 of FIPS 180 and RFC 1321") {
    CHECK(sha1("abc")[0] == 0xA9);
    CHECK(sha1("abc")[19] == 0x9D);
    CHECK(md5_hex("") == "d41d8cd98f00b204e9800998ecf8427e");
    CHECK(md5_hex("message digest") == "f96b697d7cb7938d525a2f31aaf161d0");
}
