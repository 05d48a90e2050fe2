#pragma once
#include "core/base/time.hpp"
#include "core/model/named.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace cti {

enum class CheckStatus : std::uint8_t {
    ok,
    not_modified,
    failed,
    postponed, // its host asked for a rest, nothing was sent
};
constexpr std::string_view name_of(CheckStatus value) {
    switch (value) {
    case CheckStatus::ok: return "ok";
    case CheckStatus::not_modified: return "not_modified";
    case CheckStatus::failed: return "failed";
    case CheckStatus::postponed: return "postponed";
    }
    return {};
}

// source_checks.method, in the words of the web service.
enum class CheckMethod : std::uint8_t {
    rss,
    modern_scraping, // links on the web, for the web service of 2025
    basic_scraping,  // the same, for that of 2026
    api,
    all_failed, // whatever was tried
};
constexpr std::string_view name_of(CheckMethod value) {
    switch (value) {
    case CheckMethod::rss: return "rss";
    case CheckMethod::modern_scraping: return "modern_scraping";
    case CheckMethod::basic_scraping: return "basic_scraping";
    case CheckMethod::api: return "api";
    case CheckMethod::all_failed: return "all_failed";
    }
    return {};
}

// Why an entry is no article, or not one of its own.
enum class DropReason : std::uint8_t {
    none,
    author_filter,
    category_filter,
    deleted, // somebody has deleted its article
    duplicate,
    home_page,      // the address is that of a site and of no post
    include_filter, // nothing of filter.include is found anywhere
    min_word_count,
    no_address,
    no_html, // its page is something else, and the entry has no text
    no_text,
    not_allowed, // a host that the source does not name in `allow`
    page_failed,
    page_missing, // not yet: its page is asked for again
    refused_by_database,
    robots,
    text_filter,
    title_filter,
    url_regex, // an address that fits to nothing of post_url_regex
};
constexpr std::string_view name_of(DropReason value) {
    switch (value) {
    case DropReason::none: return "";
    case DropReason::author_filter: return "author_filter";
    case DropReason::category_filter: return "category_filter";
    case DropReason::deleted: return "deleted";
    case DropReason::duplicate: return "duplicate";
    case DropReason::home_page: return "home_page";
    case DropReason::include_filter: return "include_filter";
    case DropReason::min_word_count: return "min_word_count";
    case DropReason::no_address: return "no_address";
    case DropReason::no_html: return "no_html";
    case DropReason::no_text: return "no_text";
    case DropReason::not_allowed: return "not_allowed";
    case DropReason::page_failed: return "page_failed";
    case DropReason::page_missing: return "page_missing";
    case DropReason::refused_by_database: return "refused_by_database";
    case DropReason::robots: return "robots";
    case DropReason::text_filter: return "text_filter";
    case DropReason::title_filter: return "title_filter";
    case DropReason::url_regex: return "url_regex";
    }
    return {};
}
// How many entries were not stored, by reason: in the order of the names.
using DropCounts = std::map<Named<DropReason>, int>;

// What becomes of one entry in one check.
enum class EntryOutcome : std::uint8_t {
    added,
    updated,
    known,
    dropped,
    later, // once its page has come
};
constexpr std::string_view name_of(EntryOutcome value) {
    switch (value) {
    case EntryOutcome::added: return "new";
    case EntryOutcome::updated: return "update";
    case EntryOutcome::known: return "known";
    case EntryOutcome::dropped: return "dropped";
    case EntryOutcome::later: return "later";
    }
    return {};
}

// What a check came to, as the counters have it.
enum class FetchResult : std::uint8_t {
    fresh,
    not_modified,
    http_error,
    timeout,
    dns,
    tls,
    connection,
    refused, // by cti itself, or by robots.txt
    too_large,
    parse_error,
};
constexpr std::string_view name_of(FetchResult value) {
    switch (value) {
    case FetchResult::fresh: return "new";
    case FetchResult::not_modified: return "not_modified";
    case FetchResult::http_error: return "http_error";
    case FetchResult::timeout: return "timeout";
    case FetchResult::dns: return "dns";
    case FetchResult::tls: return "tls";
    case FetchResult::connection: return "connection";
    case FetchResult::refused: return "refused";
    case FetchResult::too_large: return "too_large";
    case FetchResult::parse_error: return "parse_error";
    }
    return {};
}

// What became of entries, as the counters have it.
enum class ArticleResult : std::uint8_t {
    inserted,
    updated,
    duplicate,
    filtered,
    invalid, // the database refused it
};
constexpr std::string_view name_of(ArticleResult value) {
    switch (value) {
    case ArticleResult::inserted: return "inserted";
    case ArticleResult::updated: return "updated";
    case ArticleResult::duplicate: return "duplicate";
    case ArticleResult::filtered: return "filtered";
    case ArticleResult::invalid: return "invalid";
    }
    return {};
}

// What became of one source in one run.
struct CheckResult {
    std::string identifier;
    CheckMethod method = CheckMethod::rss;
    CheckStatus status = CheckStatus::ok;
    int http_status = 0; // 0: no answer
    int entries = 0, inserted = 0, duplicate = 0, near_duplicate = 0, updated = 0;
    DropCounts filtered;
    std::string error; // empty unless failed or postponed
    std::chrono::microseconds duration{0};
    std::int64_t bytes = 0; // decoded body
    std::optional<Time> next_check;
};
}
