#include "core/export/digest.hpp"

#include "core/base/text.hpp"
#include "core/export/analyses.hpp"
#include "core/export/attack_names.hpp"
#include "core/export/harmless.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <tuple>

namespace cti::exporter {
namespace {
using Type = IndicatorType;
using std::chrono::days;
using std::chrono::sys_days;

constexpr std::size_t k_top = 20; // rows of each table
constexpr std::size_t k_top_observables = 10;
constexpr std::size_t k_max_values = 50000; // distinct indicators that are counted: some 10 MB
constexpr std::size_t k_max_sources = 10000;
constexpr std::size_t k_max_task_lines = 3; // of what a language model read in an article
constexpr std::size_t k_max_value_bytes = 200;
constexpr std::size_t k_max_bars = 62; // two months of days
// A database takes dates that no calendar of four digits has.
constexpr Time k_first_year = sys_days(std::chrono::year(1) / 1 / 1),
               k_last_year = sys_days(std::chrono::year(9999) / 12 / 31);

enum Group { techniques, vulnerabilities, names, observables };
struct Section {
    Type type;
    std::string_view heading;
    Group group;
};
// In the order of the digest.
constexpr Section k_sections[] = {
    {Type::attack_technique, "Techniques", techniques},
    {Type::attack_tactic, "Tactics", techniques},
    {Type::attack_mitigation, "Mitigations", techniques},
    {Type::cve, "Vulnerabilities", vulnerabilities},
    {Type::ghsa, "GitHub advisories", vulnerabilities},
    {Type::malware, "Malware", names},
    {Type::tool, "Tools", names},
    {Type::threat_actor, "Threat actors", names},
    {Type::attack_software, "ATT&CK software", names},
    {Type::attack_group, "ATT&CK groups", names},
    {Type::ipv4, "IPv4 addresses", observables},
    {Type::ipv6, "IPv6 addresses", observables},
    {Type::ip_port, "Addresses with ports", observables},
    {Type::cidr, "Networks", observables},
    {Type::asn, "Autonomous systems", observables},
    {Type::domain, "Domains", observables},
    {Type::onion, "Onion services", observables},
    {Type::url, "URLs", observables},
    {Type::email, "E-mail addresses", observables},
    {Type::sha256, "SHA-256", observables},
    {Type::sha1, "SHA-1", observables},
    {Type::md5, "MD5", observables},
    {Type::sha512, "SHA-512", observables},
    {Type::ssdeep, "ssdeep", observables},
    {Type::imphash, "Import hashes", observables},
    {Type::authentihash, "Authentihashes", observables},
    {Type::filename, "File names", observables},
    {Type::file_path, "File paths", observables},
    {Type::registry_key, "Registry keys", observables},
    {Type::mutex, "Mutexes", observables},
    {Type::named_pipe, "Named pipes", observables},
    {Type::service, "Services", observables},
    {Type::scheduled_task, "Scheduled tasks", observables},
    {Type::command_line, "Command lines", observables},
    {Type::user_agent, "User agents", observables},
    {Type::mac, "MAC addresses", observables},
    {Type::btc, "Bitcoin addresses", observables},
    {Type::eth, "Ethereum addresses", observables},
    {Type::xmr, "Monero addresses", observables},
    {Type::telegram, "Telegram", observables},
    {Type::phone, "Telephone numbers", observables},
    {Type::google_analytics, "Google Analytics", observables},
    {Type::google_adsense, "Google AdSense", observables},
    {Type::yara_rule, "YARA rules", observables},
    {Type::sigma_rule, "Sigma rules", observables},
};

// What has no section stands among the others.
constexpr Type k_not_in_digest[] = {Type::cvss};
static_assert(std::size(k_sections) + std::size(k_not_in_digest) == k_type_count,
              "a new type stands in one of the two");

std::optional<Type> section_of(const Finding& finding) {
    const auto type = finding.type.value();
    return std::ranges::find(k_sections, type, &Section::type) == std::end(k_sections) ? std::nullopt : type;
}

std::optional<double> usable_score(const StoredArticle& article) {
    const auto score = article.threat_hunting_score;
    return score && std::isfinite(*score) ? score : std::nullopt;
}

// Defanged before it is cut: half an address is an address, too.
std::string line_of(std::string_view text, std::size_t most) {
    return one_line(defang_text(one_line(text, 2 * most)), most);
}

std::string name_of_source(const StoredArticle& article) {
    return line_of(article.source_name.empty() ? article.source : article.source_name, 80);
}

// Best score first, then the newest: a total order, so that the same articles give the same bytes.
auto place_of(const TopArticle& article) {
    return std::tuple(article.score ? -*article.score : 1e308,
                      -article.published_at.time_since_epoch().count(), article.id);
}

TopArticle head_of(const StoredArticle& article) {
    TopArticle head;
    head.published_at = article.published_at, head.score = usable_score(article), head.id = article.id;
    return head;
}

void name_article(TopArticle& head, const StoredArticle& article) {
    head.title = line_of(article.title, 200);
    head.summary = excerpt(article.summary.value_or(""), 300);
    head.source = name_of_source(article);
    head.link = web_link(article.url);
}

void add_lines(ReadArticle& read, const ArticleAnalysis& analysis) {
    const auto task = line_of(analysis.task, 40);
    if (analysis.score) read.lines.push_back({task, fmt::format("{} of 100", *analysis.score), {}});
    const auto shown = std::min(analysis.findings.size(), k_max_task_lines);
    for (const auto& finding : std::span(analysis.findings).first(shown))
        read.lines.push_back(
            {task, line_of(describe_finding(finding), 300),
             finding.quotations.empty() ? "" : excerpt(finding.quotations.front().text, 300)});
    read.others += analysis.findings.size() - shown;
}

// The summary first, then in the order of the tasks' names.
ReadArticle read_in(const StoredArticle& article) {
    ReadArticle read;
    std::set<std::string> models;
    for (const bool is_summary : {true, false})
        for (const auto& analysis : article.analyses)
            if ((analysis.task == "summary") == is_summary && says_anything(analysis)) {
                add_lines(read, analysis);
                models.insert(analysis.model);
            }
    read.models = line_of(join({models.begin(), models.end()}, ", "), 100);
    return read;
}

enum class Unit { day, week, month, year };

sys_days begin_of(sys_days day, Unit unit) {
    const std::chrono::year_month_day date(day);
    switch (unit) {
    case Unit::day: return day;
    case Unit::week: return day - (std::chrono::weekday(day) - std::chrono::Monday);
    case Unit::month: return sys_days(date.year() / date.month() / 1);
    case Unit::year: return sys_days(date.year() / 1 / 1);
    }
    return day;
}

sys_days next(sys_days begin, Unit unit) {
    const std::chrono::year_month_day date(begin);
    switch (unit) {
    case Unit::day: return begin + days(1);
    case Unit::week: return begin + days(7);
    case Unit::month: return sys_days(date + std::chrono::months(1));
    case Unit::year: return sys_days(date + std::chrono::years(1));
    }
    return begin + days(1);
}

// The finest unit by which the picture stays readable.
Unit unit_for(sys_days first, sys_days last) {
    const auto span = static_cast<std::size_t>((last - first).count()) + 1;
    if (span <= k_max_bars) return Unit::day;
    if (span <= 7 * (k_max_bars - 1)) return Unit::week;
    return span <= 30 * (k_max_bars - 2) ? Unit::month : Unit::year;
}

std::string label_of(sys_days begin, Unit unit) {
    const auto day = format_day(begin);
    if (unit == Unit::year) return day.substr(0, day.size() - 6);
    return unit == Unit::month ? day.substr(0, day.size() - 3) : day;
}

std::vector<Bar> draw(const std::map<sys_days, std::size_t>& per_day, sys_days first, sys_days last,
                      Unit unit) {
    // Of more years than there is room for, the latest.
    const auto room = days(366 * static_cast<int>(k_max_bars - 1));
    auto begin = begin_of(std::max(first, last - room), unit);
    auto day = per_day.lower_bound(begin);
    std::vector<Bar> bars;
    for (; begin <= last; begin = next(begin, unit)) {
        Bar bar{label_of(begin, unit), 0};
        for (; day != per_day.end() && day->first < next(begin, unit); ++day) bar.articles += day->second;
        bars.push_back(std::move(bar));
    }
    return bars;
}

constexpr std::string_view name_of(Unit unit) {
    constexpr std::array<std::string_view, 4> unit_names{"day", "week", "month", "year"};
    return unit_names.at(static_cast<std::size_t>(unit));
}

}

std::string format_day(Time time) {
    const auto text = format_rfc3339(time);
    return text.substr(0, text.find('T'));
}

std::string format_score(double score) { return fmt::format("{:.4g}", score); }

std::string format_count(std::size_t count, std::string_view one, std::string_view many) {
    auto digits = std::to_string(count);
    for (auto pos = static_cast<std::ptrdiff_t>(digits.size()) - 3; pos > 0; pos -= 3)
        digits.insert(static_cast<std::size_t>(pos), ",");
    return fmt::format("{} {}", digits, count == 1 ? one : many);
}

void Digest::add(const StoredArticle& article) {
    const auto published = std::clamp(article.published_at, k_first_year, k_last_year);
    ++m_articles;
    ++m_days[std::chrono::floor<days>(published)];
    m_first = std::min(m_first.value_or(published), published);
    m_last = std::max(m_last.value_or(published), published);
    add_to_source(article);
    add_to_top(article);
    add_to_read(article);
    for (const auto& finding : article.findings) count(finding, usable_score(article));
}

void Digest::add_to_source(const StoredArticle& article) {
    // Those beyond the limit are counted with the ones that are gone.
    const bool has_room = m_sources.size() < k_max_sources || m_sources.count(article.source) != 0;
    auto& source = m_sources[has_room ? article.source : ""];
    if (has_room && source.name.empty()) source.name = name_of_source(article);
    ++source.articles;
    source.indicators += article.findings.size();
    if (const auto score = usable_score(article))
        source.best_score = std::max(source.best_score.value_or(*score), *score);
}

void Digest::add_to_top(const StoredArticle& article) {
    auto top = head_of(article);
    const auto place = std::ranges::upper_bound(m_top, place_of(top), {}, place_of);
    if (m_top.size() == k_top && place == m_top.end()) return;
    name_article(top, article);
    m_top.insert(place, std::move(top));
    if (m_top.size() > k_top) m_top.pop_back();
}

void Digest::add_to_read(const StoredArticle& article) {
    if (std::ranges::none_of(article.analyses, says_anything)) return;
    ++m_all_read;
    auto head = head_of(article);
    const auto place = std::ranges::upper_bound(
        m_read, place_of(head), {}, [](const ReadArticle& each) { return place_of(each.article); });
    if (m_read.size() == k_top && place == m_read.end()) return;
    auto read = read_in(article);
    name_article(head, article);
    read.article = std::move(head);
    m_read.insert(place, std::move(read));
    if (m_read.size() > k_top) m_read.pop_back();
}

void Digest::count(const Finding& finding, std::optional<double> score) {
    const auto type = section_of(finding);
    auto value = one_line(finding.value, k_max_value_bytes);
    if (value.empty()) return;
    auto& tallies = m_tallies[type];
    auto found = tallies.find(value);
    if (found == tallies.end()) {
        if (m_values == k_max_values) {
            m_is_over.insert(type);
            return;
        }
        ++m_values;
        found = tallies.try_emplace(std::move(value)).first;
    }
    ++found->second.articles;
    found->second.best_score = std::max(found->second.best_score, score.value_or(-1));
}

// By the number of articles, then by the best of them: of the values that stand in one, those of good
// reports.
Ranking Digest::rank(std::string_view heading, std::optional<IndicatorType> type, const Tallies& tallies,
                     std::size_t most) {
    using Entry = const Tallies::value_type*;
    std::vector<Entry> order;
    for (const auto& entry : tallies) order.push_back(&entry);
    const auto shown = std::min(most, order.size());
    std::ranges::partial_sort(order, order.begin() + static_cast<std::ptrdiff_t>(shown),
                              [](Entry a, Entry b) {
                                  return std::tie(b->second.articles, b->second.best_score, a->first) <
                                         std::tie(a->second.articles, a->second.best_score, b->first);
                              });
    Ranking ranking{heading, {}, tallies.size()};
    for (const auto* entry : std::span(order).first(shown))
        ranking.top.push_back({defang_for_people(type, entry->first), entry->second.articles,
                               type ? std::string(find_attack_name(entry->first)) : std::string(),
                               type ? attack_page(*type, entry->first) : std::string()});
    return ranking;
}

std::vector<Ranking> Digest::rank_group(int group) const {
    std::vector<Ranking> rankings;
    const auto most = group == observables ? k_top_observables : k_top;
    const auto add = [&](std::optional<Type> type, std::string_view heading) {
        const auto found = m_tallies.find(type);
        if (found == m_tallies.end() || found->second.empty()) return;
        rankings.push_back(rank(heading, type, found->second, most));
        rankings.back().at_least = m_is_over.contains(type);
    };
    for (const auto& section : k_sections)
        if (section.group == group) add(section.type, section.heading);
    if (group == observables) add(std::nullopt, "Others");
    return rankings;
}

void Digest::describe_period(DigestView& view) const {
    const auto clamp = [](Time time) { return std::clamp(time, k_first_year, k_last_year); };
    const auto first = m_since ? std::optional(clamp(*m_since)) : m_first;
    // --until is the first moment that does not belong to the period.
    const auto last = m_until ? std::optional(clamp(*m_until - std::chrono::microseconds(1))) : m_last;
    if (first) view.first_day = format_day(*first);
    if (last) view.last_day = format_day(*last);
    if (!m_first) return;
    const auto first_day = std::chrono::floor<days>(*m_first), last_day = std::chrono::floor<days>(*m_last);
    // Days before the first article and after the last one belong to the picture of a short period only.
    const auto from = std::min(std::chrono::floor<days>(*first), first_day);
    const auto to = std::max(std::chrono::floor<days>(*last), last_day);
    const bool is_short = unit_for(from, to) == Unit::day;
    const auto unit = is_short ? Unit::day : unit_for(first_day, last_day);
    view.bar_unit = name_of(unit);
    view.trend = draw(m_days, is_short ? from : first_day, is_short ? to : last_day, unit);
}

DigestView Digest::view() const {
    constexpr std::array<std::string_view, 6> labels{"",          "TLP:CLEAR",        "TLP:GREEN",
                                                     "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"};
    DigestView view;
    view.tlp = labels.at(static_cast<std::size_t>(m_tlp));
    view.articles = m_articles, view.sources = m_sources.size(), view.indicators = m_values;
    view.indicators_at_least = !m_is_over.empty();
    describe_period(view);
    view.top = m_top, view.read = m_read, view.other_read = m_all_read - m_read.size();
    for (const auto& [identifier, source] : m_sources) view.by_source.push_back(source);
    std::ranges::stable_sort(view.by_source, std::ranges::greater{}, &RankedSource::articles);
    view.other_sources = view.by_source.size() - std::min(view.by_source.size(), k_top);
    view.by_source.resize(view.by_source.size() - view.other_sources);
    view.techniques = rank_group(techniques), view.vulnerabilities = rank_group(vulnerabilities);
    view.names = rank_group(names), view.observables = rank_group(observables);
    return view;
}
}
