#include "core/net/fault.hpp"
#include "core/source/discovery.hpp"
#include "core/source/kind.hpp"

// Web sites without a feed: lists of links, as Discovery knows them. They have no cursor: which posts are
// known says the database.
namespace cti::source {
namespace {

class WebReader : public Reader {
public:
    explicit WebReader(const Input& input)
        : m_discovery(input.source, input.settings, input.now,
                      input.is_fallback ? Discovery::Guess::sitemap_too : Discovery::Guess::front_page) {}

    std::vector<Ask> begin() override {
        auto asks = next();
        m_is_asked = !asks.empty();
        return asks;
    }

    std::vector<Ask> accept_answer(const Ask& ask, const net::Response& response) override {
        m_discovery.accept_answer(ask.request.url, {response.body, response.content_type,
                                                    net::document_url(response), net::find_fault(response)});
        return next();
    }

    Found finish() override {
        Found found;
        if (!m_is_asked) {
            found.fault = "its address is no http or https address";
            return found;
        }
        found.feed.entries = m_discovery.entries();
        found.feed.warnings = m_discovery.warnings();
        found.filtered = m_discovery.filtered();
        found.fault = m_discovery.fault();
        return found;
    }

private:
    std::vector<Ask> next() {
        std::vector<Ask> asks;
        for (auto& url : m_discovery.next()) {
            Ask ask{{}, true};
            ask.request.url = std::move(url);
            asks.push_back(std::move(ask));
        }
        return asks;
    }

    Discovery m_discovery;
    bool m_is_asked = false;
};
}

constinit const Kind k_web_kind{
    .name = "web",
    .is_implied = [](const Source&) { return true; },
    .first_address = [](const Source& source) { return source.url; },
    .make_reader = [](const Input& input) -> std::unique_ptr<Reader> {
        return std::make_unique<WebReader>(input);
    },
    .method_2025 = CheckMethod::modern_scraping,
    .method_2026 = CheckMethod::basic_scraping,
    .extraction_method = "modern_scraping",
    .has_only_links = true,
};
}
