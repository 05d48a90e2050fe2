#pragma once
#include "core/model.hpp"

namespace cti::exporter {
// One JSON object on one line, no line end. Every key is always there; what is not known is null.
void append_article_json(std::string& out, const StoredArticle& article);
}
