#include "core/base/error.hpp"
#include "core/base/hash.hpp"
#include "core/bucket/address.hpp"
#include "core/bucket/answers.hpp"
#include "core/bucket/backups.hpp"

#include <doctest/doctest.h>

using namespace cti;
using namespace cti::bucket;

TEST_CASE("bucket addresses: a bucket and a prefix, and nothing that leads elsewhere") {
    const auto address = parse_address("s3://backups/all/cti/");
    CHECK(address.bucket == "backups");
    CHECK(address.prefix == "all/cti/");
    CHECK(to_text(address) == "s3://backups/all/cti");
    CHECK(parse_address("s3://backups").prefix == "");
    CHECK(to_text(parse_address("s3://backups/")) == "s3://backups");
    for (const char* text :
         {"s3://", "s3://ab", "s3:///x", "s3://a..b", "s3://host.example:80/x", "s3://user@host", "s3://-abc",
          "backups", "s3://backups/a+b", "s3://backups/../x", "s3://backups/./x", "s3://backups//x",
          "s3://backups/a b", "s3://backups/a\nb"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(parse_address(text), Error);
    }
}

TEST_CASE("bucket addresses: the bucket stands in the path or in the host") {
    Settings settings;
    settings.region = "eu-central-1";
    CHECK(url_of(settings, "backups", "a/b c+d") ==
          "https://backups.s3.eu-central-1.amazonaws.com/a/b%20c%2Bd");
    CHECK(url_of(settings, "with.dots", "") == "https://s3.eu-central-1.amazonaws.com/with.dots/");
    settings.endpoint = "http://127.0.0.1:9000/";
    CHECK(url_of(settings, "backups", "a") == "http://127.0.0.1:9000/backups/a");
    settings.style = Style::host;
    CHECK(url_of(settings, "backups", "a") == "http://backups.127.0.0.1:9000/a");
}

TEST_CASE("bucket answers: lists, uploads and faults are read") {
    const auto listing = parse_listing(
        "<?xml version=\"1.0\"?><ListBucketResult xmlns=\"x\"><Prefix>a</Prefix><IsTruncated>true</IsTruncated>"
        "<NextContinuationToken>t&amp;1</NextContinuationToken><Contents><Key>a/b&amp;c</Key>"
        "<LastModified>2026-11-27T02:00:00.000Z</LastModified><ETag>&quot;0a&quot;</ETag><Size>12</Size></Contents>"
        "<ContentsOther/><Contents><Key>z</Key><LastModified>2026-11-27T02:00:00Z</LastModified><Size>0</Size></Contents>"
        "</ListBucketResult>");
    REQUIRE(listing.objects.size() == 2);
    CHECK(listing.objects[0].key == "a/b&c");
    CHECK(listing.objects[0].etag == "0a");
    CHECK(listing.objects[0].size == 12);
    CHECK(listing.next == "t&1");
    const auto uploads = parse_uploads(
        "<ListMultipartUploadsResult><IsTruncated>false</IsTruncated><Upload><Key>k</Key><UploadId>u</UploadId>"
        "<Initiated>2026-11-27T02:00:00.000Z</Initiated></Upload></ListMultipartUploadsResult>");
    REQUIRE(uploads.uploads.size() == 1);
    CHECK(uploads.uploads[0].id == "u");
    CHECK(uploads.next_key == "");
    const auto fault = parse_fault("<Error><Code>SlowDown</Code><Message>a &lt; b</Message></Error>");
    CHECK(fault.code == "SlowDown");
    CHECK(fault.message == "a < b");
    CHECK(parse_fault("<html>busy</html>").code == "");
}

TEST_CASE("bucket answers: what is none is refused") {
    for (
        const char* text :
        {"", "<html/>", "<ListBucketResult>",
         "<ListBucketResult><Contents><Key>a</Key><Size>1</Size></Contents></ListBucketResult>",
         "<ListBucketResult><Contents><Key>a</Key><LastModified>2026-11-27T02:00:00Z</LastModified><Size>-1</Size></Contents>"
         "</ListBucketResult>"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(parse_listing(text), Error);
    }
}

TEST_CASE("bucket answers: a sum is written as its header wants it") {
    CHECK(content_md5(md5_hex("")) == "1B2M2Y8AsgTpgAmY7PhCfg==");
    CHECK(content_md5(md5_hex("hello")) == "XUFAKrxLKna5cZ2REBfFkg==");
}

TEST_CASE("bucket backups: a name within leads nowhere else, and strays are seen") {
    CHECK(is_inner_name("dump/toc.dat"));
    for (const char* name : {"", "../x", "a/../b", "/etc/passwd", "a//b", "a/", ".", "a\nb"}) {
        CAPTURE(name);
        CHECK_FALSE(is_inner_name(name));
    }
    const std::vector<Object> objects{{"p/cti-x-20261127T020000Z/manifest.json", 1, {}, ""},
                                      {"p/cti-x-20261127T020000Z/dump.custom", 2, {}, ""},
                                      {"p/cti-x-20261127T020000Z/.claim-1", 4, {}, ""},
                                      {"p/cti-x-20261127T020000Z/more", 4, {}, ""},
                                      {"p/mine/x", 4, {}, ""},
                                      {"p/cti-x-20261127T020000Z", 4, {}, ""}};
    const auto backups = group_by_backup(objects, "p/");
    REQUIRE(backups.size() == 1);
    const auto& found = backups.begin()->second;
    CHECK(found.has_manifest());
    CHECK(found.claims.size() == 1);
    backup::Manifest manifest;
    manifest.files = {{"dump.custom", 2, ""}};
    CHECK(find_fault(found, manifest) == "");
    CHECK(find_strays(found, manifest) == std::vector<std::string>{"more"});
    manifest.files = {{"dump.custom", 3, ""}};
    CHECK(find_fault(found, manifest) == "'dump.custom' has another size");
    manifest.files = {{"../dump.custom", 2, ""}};
    CHECK(find_fault(found, manifest) == "'../dump.custom' is missing");
}
