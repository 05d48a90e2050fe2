#pragma once
#include "core/base/json.hpp"
#include "core/ops/list_articles.hpp"

#include <cstddef>
#include <string>
#include <vector>

// Lists of articles. Text from outside is made harmless here.
namespace cti::cli {

struct ListStyle {
    std::size_t width = 80; // cells of the terminal
    bool color = false;
    Time now;
};

// For a terminal: a line each where it is wide enough, else two, so that titles stay readable.
std::string article_list(const std::vector<ops::ListedArticle>& articles, const ListStyle& style);

// For a pipe: nothing is cut, one tab between cells.
std::string article_row_titles();
std::string article_row(const ops::ListedArticle& listed);

// The members that every list in JSON has of an article, into the open object.
void write_members(JsonWriter& json, const StoredArticle& article);

std::string score_text(const StoredArticle& article); // "88.1", or "-"
}
