#include "core/export/article_json.hpp"
#include "core/export/writers.hpp"

namespace cti::exporter {
namespace {
class NdjsonWriter : public Writer {
public:
    void article(std::string& out, const StoredArticle& article) override {
        append_article_json(out, article);
        out += '\n';
    }
};
}

std::unique_ptr<Writer> make_ndjson(const Options&) { return std::make_unique<NdjsonWriter>(); }
}
