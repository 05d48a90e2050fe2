#pragma once
#include "core/export/formats.hpp"

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

// A period in numbers, for people: what the digests of markdown and html say. Its memory is bounded, and no
// text of an article stays in it.
namespace cti::exporter {

struct Ranked {
    std::string name; // for people: one line, defanged
    std::size_t articles = 0;
    std::string title = {}, link = {}; // what MITRE ATT&CK calls an id, and its page there; or empty
};

// The most frequent, and how many others there were; `at_least`: more than could be counted.
struct Ranking {
    std::string_view heading; // "IPv4 addresses"
    std::vector<Ranked> top;
    std::size_t distinct = 0;
    bool at_least = false;
    std::size_t others() const { return distinct - top.size(); }
};

struct RankedSource {
    std::string name;
    std::size_t articles = 0, indicators = 0;
    std::optional<double> best_score;
};

struct TopArticle {
    std::string title, summary, source; // one line each, defanged
    std::string link;                   // percent-encoded http(s), or empty
    Time published_at;
    std::optional<double> score;
    int id = 0;
};

// What a language model read in an article, in short.
struct ReadLine {
    std::string task, finding, quotation; // one line each, defanged; quotation "": of a score
};
struct ReadArticle {
    TopArticle article;
    std::string models; // one line
    std::vector<ReadLine> lines;
    std::size_t others = 0; // findings that there is no line for
};

struct Bar {
    std::string label; // 2026-11-03, 2026-11 or 2026: the day that it begins with, the month, the year
    std::size_t articles = 0;
};

struct DigestView {
    std::string first_day, last_day; // 2026-11-01; empty without articles and without a period asked for
    std::string_view tlp;            // "TLP:AMBER", or empty
    std::size_t articles = 0, sources = 0, indicators = 0;
    bool indicators_at_least = false;
    std::string_view bar_unit; // "day", "week", "month" or "year"
    std::vector<Bar> trend;    // without gaps
    std::vector<TopArticle> top;
    std::vector<ReadArticle> read;
    std::size_t other_read = 0; // articles that a model found something in, beside these
    std::vector<RankedSource> by_source;
    std::size_t other_sources = 0;
    std::vector<Ranking> techniques, vulnerabilities, names, observables; // without empty ones
};

class Digest {
public:
    explicit Digest(const Options& options)
        : m_since(options.since), m_until(options.until), m_tlp(options.tlp) {}

    void add(const StoredArticle& article);
    DigestView view() const;

private:
    struct Tally {
        std::size_t articles = 0;
        double best_score = -1; // of an article that it stands in
    };
    using Tallies = std::map<std::string, Tally>; // by value

    void add_to_source(const StoredArticle& article);
    void add_to_top(const StoredArticle& article);
    void add_to_read(const StoredArticle& article);
    void count(const Finding& finding, std::optional<double> score);
    static Ranking rank(std::string_view heading, std::optional<IndicatorType> type, const Tallies& tallies,
                        std::size_t most);
    std::vector<Ranking> rank_group(int group) const;
    void describe_period(DigestView& view) const;

    std::optional<Time> m_since, m_until, m_first, m_last;
    Tlp m_tlp;
    std::size_t m_articles = 0, m_values = 0;
    std::map<std::chrono::sys_days, std::size_t> m_days;
    std::map<std::string, RankedSource> m_sources;             // by identifier
    std::map<std::optional<IndicatorType>, Tallies> m_tallies; // by type; nothing: the others
    std::set<std::optional<IndicatorType>> m_is_over;          // of which not all values could be counted
    std::vector<TopArticle> m_top;                             // best first
    std::vector<ReadArticle> m_read;                           // best first
    std::size_t m_all_read = 0;
};

// What stands above all that a language model read.
constexpr std::string_view k_read_warning =
    "A language model wrote this, not the authors of the reports, and nobody has checked it. Below each finding "
    "stands the sentence of the report that it rests on: read the sentence, not the finding.";

std::string format_day(Time time);      // 2026-11-03
std::string format_score(double score); // 88.1
std::string format_count(std::size_t count, std::string_view one,
                         std::string_view many); // "1 article", "1,234 articles"
}
