#include "core/export/harmless.hpp"
#include "core/export/writers.hpp"

#include <algorithm>

// What firewalls and Pi-hole load: one value a line, sorted by bytes, each once, and nothing else.
namespace cti::exporter {
namespace {
constexpr std::size_t k_min_values = 65536; // values that are kept before repetitions are looked for

class ListWriter : public Writer {
public:
    explicit ListWriter(const Options& options) : m_defang(options.defang) {}

    void article(std::string&, const StoredArticle& article) override {
        for (const auto& finding : article.findings) {
            if (!is_one_line(finding.value) || !may_be_blocked(finding.verdict)) continue;
            m_values.push_back(m_defang ? defang(finding.type.value(), finding.value) : finding.value);
        }
        if (m_values.size() > m_limit) drop_repetitions();
    }

    void end(std::string& out) override {
        drop_repetitions();
        for (const auto& value : m_values) out.append(value).append("\n");
    }

private:
    // A line end within a value would be a second value, and a reader could take it for an address of ours.
    static bool is_one_line(std::string_view value) {
        return !value.empty() &&
               std::ranges::none_of(value, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
    }

    // Amortised: the list has doubled each time.
    void drop_repetitions() {
        std::ranges::sort(m_values); // std::string compares bytes, in any locale.
        m_values.erase(std::unique(m_values.begin(), m_values.end()), m_values.end());
        m_limit = std::max(k_min_values, 2 * m_values.size());
    }

    bool m_defang;
    std::vector<std::string> m_values;
    std::size_t m_limit = k_min_values;
};
}

Needs needs_list(const Options&) { return {.content = false, .findings = true}; }
std::unique_ptr<Writer> make_list(const Options& options) { return std::make_unique<ListWriter>(options); }
}
