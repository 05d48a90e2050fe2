#pragma once
#include "core/export/formats.hpp"

#include <doctest/doctest.h>

namespace cti::exporter {

// The whole document of these articles.
inline std::string render(std::string_view format, const std::vector<StoredArticle>& articles,
                          const Options& options = {}) {
    const auto* found = find_format(format);
    REQUIRE(found != nullptr);
    const auto writer = make_writer(*found, options);
    std::string out;
    writer->begin(out);
    for (const auto& article : articles) writer->article(out, article);
    writer->end(out);
    return out;
}
}
