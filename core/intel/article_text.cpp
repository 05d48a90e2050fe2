#include "core/intel/article_text.hpp"

#include "core/intel/python_text.hpp"
#include "core/intel/web_text.hpp"

namespace cti::intel {

const std::string& ArticleText::lower_title() {
    if (!m_lower_title) m_lower_title = python_lower(m_title);
    return *m_lower_title;
}

const std::string& ArticleText::lower_web_text() {
    if (!m_lower_web_text) {
        m_lower_web_text = web_text_2026(m_content);
        for (char& c : *m_lower_web_text) c = ascii_lower(c);
    }
    return *m_lower_web_text;
}
}
