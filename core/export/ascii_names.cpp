#include "core/export/ascii_names.hpp"

#include "core/base/punycode.hpp"
#include "core/base/text.hpp"
#include "core/base/url.hpp"

#include <algorithm>
#include <utility>

namespace cti::exporter {
namespace {
using Type = IndicatorType;

constexpr std::size_t k_max_host_bytes = 4 * 253; // No name is longer, with four bytes a character.

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// Of at least two labels, as what has no dot is no name of the internet's.
bool is_international_name(std::string_view host) {
    const auto may_stand = [](char c) {
        return static_cast<unsigned char>(c) >= 0x80 || is_ascii_alpha(c) || is_ascii_digit(c) || c == '.' ||
               c == '-' || c == '_';
    };
    return !is_ascii(host) && host.size() <= k_max_host_bytes && host.find('.') != host.npos &&
           is_valid_utf8(host) && std::ranges::all_of(host, may_stand);
}

std::string ascii_mailbox(std::string_view mailbox) {
    const auto host = mailbox.rfind('@') + 1; // without "@": the whole
    return std::string(mailbox.substr(0, host)) + ascii_host(mailbox.substr(host));
}

std::string ascii_value(const Finding& finding) {
    const auto value = repair_utf8(finding.value);
    switch (finding.type.value().value_or(Type::md5)) {
    case Type::domain:
    case Type::onion: return ascii_host(value);
    case Type::url: return ascii_url(value);
    case Type::email: return ascii_mailbox(value);
    default: return finding.value;
    }
}

// Calls `write` with the article, or with a copy where a name changes: few have one, and texts are long.
template <class Write>
auto write_with_ascii_names(const StoredArticle& article, const Write& write) {
    if (std::ranges::all_of(article.findings, [](const Finding& f) { return is_ascii(f.value); }))
        return write(article);
    auto copy = article;
    for (auto& finding : copy.findings)
        if (!is_ascii(finding.value)) finding.value = ascii_value(finding);
    return write(std::as_const(copy));
}

class AsciiNames : public Writer {
public:
    explicit AsciiNames(std::unique_ptr<Writer> writer) : m_writer(std::move(writer)) {}
    void begin(std::string& out) override { m_writer->begin(out); }
    void article(std::string& out, const StoredArticle& article) override {
        write_with_ascii_names(article, [&](const StoredArticle& it) { m_writer->article(out, it); });
    }
    void end(std::string& out) override { m_writer->end(out); }

private:
    std::unique_ptr<Writer> m_writer;
};

class AsciiNamesFolder : public FolderWriter {
public:
    explicit AsciiNamesFolder(std::unique_ptr<FolderWriter> writer) : m_writer(std::move(writer)) {}
    File article(const StoredArticle& article) override {
        return write_with_ascii_names(article,
                                      [&](const StoredArticle& it) { return m_writer->article(it); });
    }
    std::vector<File> end() override { return m_writer->end(); }

private:
    std::unique_ptr<FolderWriter> m_writer;
};
}

std::string ascii_host(std::string_view host) {
    return is_international_name(host) ? to_punycode(ascii_lower(host)) : std::string(host);
}

std::string ascii_url(std::string_view written) {
    const auto clean = is_valid_utf8(written) ? std::string(written) : repair_utf8(written);
    const std::string_view url = clean;
    const auto colon = url.find("://");
    const auto scheme = colon < url.find_first_of("/?#") ? colon + 3 : 0;
    const auto end = std::min(url.find_first_of("/?#", scheme), url.size());
    const auto user = url.substr(0, end).rfind('@');
    const auto begin = user != url.npos && user >= scheme ? user + 1 : scheme;
    const auto host = url.substr(begin, std::min(url.find(':', begin), end) - begin);
    return encode_high_bytes(url.substr(0, begin)) + encode_high_bytes(ascii_host(host)) +
           encode_high_bytes(url.substr(begin + host.size()));
}

std::unique_ptr<Writer> with_ascii_names(std::unique_ptr<Writer> writer) {
    return std::make_unique<AsciiNames>(std::move(writer));
}
std::unique_ptr<FolderWriter> with_ascii_names(std::unique_ptr<FolderWriter> writer) {
    return std::make_unique<AsciiNamesFolder>(std::move(writer));
}
}
