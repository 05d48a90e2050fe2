#include "core/collect/check.hpp"
#include "core/store/own/leases.hpp"
#include "core/store/own/source_state.hpp"
#include "core/store/web/sources.hpp"
#include "test_database.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace cti;
using namespace cti::db;
using namespace cti::store;

// A third kind of source: this file and a row of a table are all that it takes. Articles out of a JSON list;
// the cursor is the number of the last one.
namespace {
class JsonListReader : public source::Reader {
public:
    explicit JsonListReader(const source::Input& input)
        : m_url(input.source.url), m_after(std::atoi(std::string(input.cursor).c_str())) {}

    std::vector<source::Ask> begin() override {
        source::Ask ask;
        ask.request.url = m_url + "?after=" + std::to_string(m_after);
        ask.request.headers = {"Authorization: Bearer key"};
        return {ask};
    }
    std::vector<source::Ask> accept_answer(const source::Ask&, const net::Response& response) override {
        const auto list = nlohmann::json::parse(response.body, nullptr, false);
        if (!list.is_array()) {
            m_found.fault = "the answer is no list";
            return {};
        }
        for (const auto& item : list) {
            feed::Entry entry;
            entry.link = item.at("url"), entry.title = item.at("title"), entry.content = item.at("text");
            m_found.feed.entries.push_back(entry);
            m_after = std::max(m_after, item.at("number").get<int>());
        }
        m_found.is_unchanged = m_found.feed.entries.empty() && m_found.fault.empty();
        m_found.cursor = std::to_string(m_after);
        return {};
    }
    source::Found finish() override { return std::move(m_found); }

private:
    std::string m_url;
    int m_after;
    source::Found m_found;
};

const source::Kind k_json_list{
    .name = "json_list",
    .is_implied = [](const Source&) { return false; },
    .first_address = [](const Source& source) { return source.url; },
    .make_reader = [](const source::Input& input) -> std::unique_ptr<source::Reader> {
        return std::make_unique<JsonListReader>(input);
    },
    .method_2025 = CheckMethod::api,
    .method_2026 = CheckMethod::api,
    .extraction_method = "api",
};

collect::Outcome check_once(Ready& ready, const std::string& body, std::string& asked) {
    std::vector<source::Kind> kinds(source::kinds().begin(), source::kinds().end());
    kinds.insert(kinds.begin(), k_json_list);
    ClaimOptions claiming;
    claiming.source_ids = {ready.source_id}, claiming.force = true, claiming.limit = 1,
    claiming.owner = "test";
    create_missing_states(ready.database, claiming);
    std::vector<Claim> claims;
    with_retry(ready.database, [&](Transaction& tx) { claims = claim_sources(tx, ready.schema, claiming); });
    collect::CheckOptions options;
    options.kinds = kinds;
    collect::Check check(ready.schema, claims.at(0), options, make_time("2026-11-20T10:00:00Z"));
    auto step = check.begin();
    asked = step.asks.at(0).document.request.url;
    net::Response response;
    response.status = 200, response.url = asked, response.body = body;
    step = check.accept(step.asks[0], response);
    if (step.next == collect::Next::find) {
        Transaction tx(ready.database);
        step = check.triage(check.find_known(tx));
    }
    CHECK(step.next == collect::Next::record);
    check.finish();
    return check.record(ready.database);
}
}

TEST_CASE("source kinds: a third kind is one file and one row, and keeps its own cursor") {
    for (const auto kind : all_kinds()) {
        Ready ready(kind);
        ready.test.run(
            "UPDATE sources SET config = '{\"kind\": \"json_list\"}', url = 'https://api.example/reports' WHERE id = " +
            std::to_string(ready.source_id));
        std::string asked;
        const std::string body =
            R"([{"number": 7, "url": "https://api.example/r/7", "title": "Seven", "text": "A report of a loader."},
                                     {"number": 5, "url": "https://api.example/r/5", "title": "Five", "text": "A report of a wiper."}])";
        const auto first = check_once(ready, body, asked);
        CHECK(asked == "https://api.example/reports?after=0");
        CHECK(first.result.error == "");
        CHECK(first.result.inserted == 2);
        CHECK(ready.test.value("SELECT string_agg(title, ' ' ORDER BY title) FROM articles") == "Five Seven");
        CHECK(ready.test.value("SELECT method FROM source_checks") == "api");
        CHECK(ready.test.value("SELECT DISTINCT article_metadata->>'extraction_method' FROM articles") ==
              "api");
        CHECK(ready.test.value("SELECT cursor FROM cti.source_state") == "7");

        const auto second = check_once(ready, "[]", asked);
        CHECK(asked == "https://api.example/reports?after=7");
        CHECK(second.result.status == CheckStatus::not_modified);

        const auto third = check_once(ready, "{", asked);
        CHECK(third.result.status == CheckStatus::failed);
        CHECK(ready.test.value("SELECT cursor FROM cti.source_state") == "7");
    }
}

TEST_CASE("source kinds: an unknown kind is a failed check that says which there are") {
    Ready ready;
    ready.test.run("UPDATE sources SET config = '{\"kind\": \"telepathy\"}'");
    ClaimOptions claiming;
    claiming.force = true, claiming.limit = 1, claiming.owner = "test",
    claiming.source_ids = {ready.source_id};
    create_missing_states(ready.database, claiming);
    std::vector<Claim> claims;
    with_retry(ready.database, [&](Transaction& tx) { claims = claim_sources(tx, ready.schema, claiming); });
    collect::Check check(ready.schema, claims.at(0), {}, make_time("2026-11-20T10:00:00Z"));
    CHECK(check.begin().next == collect::Next::record);
    check.finish();
    CHECK(check.record(ready.database).result.error ==
          "its config.kind is 'telepathy', and cti knows feed, web");
}
