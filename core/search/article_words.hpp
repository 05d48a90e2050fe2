#pragma once
#include "core/model.hpp"

#include <optional>
#include <string_view>

// The words of an article, as the server's function cti.search_words() finds them.
namespace cti::search {

// Nothing where only the server can tell: letters beyond ASCII depend on the locale of the database, and a
// text of more than 500 kB may have more words than a tsvector takes.
std::optional<ArticleWords> find_article_words(std::string_view title, std::string_view content);
}
