#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace cti::intel {

// A title and a text, and what several steps make of them: each form is made when it is first asked for, and
// once. Both must outlive it, unchanged.
class ArticleText {
public:
    ArticleText(std::string_view title, std::string_view content) : m_title(title), m_content(content) {}

    std::string_view title() const { return m_title; }
    std::string_view content() const { return m_content; }
    const std::string& lower_title();    // as Python lowers it
    const std::string& lower_web_text(); // web_text_2026() of the content in lower case; ASCII

private:
    std::string_view m_title, m_content;
    std::optional<std::string> m_lower_title, m_lower_web_text;
};
}
