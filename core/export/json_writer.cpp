#include "core/export/article_json.hpp"
#include "core/export/writers.hpp"

namespace cti::exporter {
namespace {
// One object a line, so that line tools can read it as well.
class JsonArrayWriter : public Writer {
public:
    void begin(std::string& out) override { out += '['; }

    void article(std::string& out, const StoredArticle& article) override {
        out += m_empty ? "\n" : ",\n";
        m_empty = false;
        append_article_json(out, article);
    }

    void end(std::string& out) override { out += m_empty ? "]\n" : "\n]\n"; }

private:
    bool m_empty = true;
};
}

std::unique_ptr<Writer> make_json(const Options&) { return std::make_unique<JsonArrayWriter>(); }
}
