#include "core/collect/imported_article.hpp"

#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/base/version.hpp"
#include "core/collect/build_article.hpp"
#include "core/collect/identity.hpp"
#include "core/intel/fingerprint.hpp"

#include <algorithm>

namespace cti::collect {
namespace {

std::string describe(const Article& article, const std::optional<Time>& discovered_at) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().member("extraction_method", "import").member("content_source", "import");
    json.member("date_source", "import").member("word_count", article.word_count);
    json.member("content_length", count_code_points(article.content));
    json.member("reading_time_minutes", std::max(1, article.word_count / 200));
    json.key("import").begin_object();
    json.member("discovered_at", format_rfc3339(discovered_at)).end_object();
    json.member("collector", "cti/" + version()).end_object();
    return out;
}
}

void complete_import(Article& article, const std::optional<Time>& discovered_at) {
    article.word_count = intel::count_words(article.content);
    article.metadata_json = describe(article, discovered_at);
    add_hashes(article);
}

store::SeenEntry make_import_entry(const Article& article, std::size_t candidate) {
    store::SeenEntry seen;
    const auto keys = keys_of_article(article.url);
    seen.entry_key = keys.entry, seen.link_key = keys.link, seen.content_key = keys.content;
    seen.text_key = store::make_text_key(article.hashes[0]);
    seen.label = article.title;
    seen.candidate = candidate;
    return seen;
}
}
