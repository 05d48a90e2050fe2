#include "core/page/html/dom.hpp"

#include <libxml/HTMLparser.h>
#include <libxml/parserInternals.h>
#include <limits>
#include <memory>

// libxml2's recovering HTML parser tells what starts and ends; no tree of its own is built.
namespace cti::page {
namespace {
// prepare() bounds depth and number of tags; this stops what slips through by elements that close each other.
constexpr int k_max_open = 4'000;

struct Building {
    Document* document;
    htmlParserCtxtPtr parser;
    bool stopped = false;
};

std::string_view view(const xmlChar* text) {
    return text == nullptr ? std::string_view{} : std::string_view(reinterpret_cast<const char*>(text));
}

void on_start(void* data, const xmlChar* name, const xmlChar** attributes) {
    auto& building = *static_cast<Building*>(data);
    if (building.parser->nameNr > k_max_open) {
        building.stopped = true;
        xmlStopParser(building.parser);
        return;
    }
    building.document->open(view(name));
    for (; attributes != nullptr && *attributes != nullptr; attributes += 2)
        building.document->add_attribute(view(attributes[0]), view(attributes[1]));
}

void on_end(void* data, const xmlChar* /*name*/) { static_cast<Building*>(data)->document->close(); }

void on_text(void* data, const xmlChar* text, int size) {
    static_cast<Building*>(data)->document->add_text(
        {reinterpret_cast<const char*>(text), static_cast<std::size_t>(size)});
}

struct FreeParser {
    void operator()(htmlParserCtxtPtr parser) const { htmlFreeParserCtxt(parser); }
};
}

ParsedHtml parse_html(const Prepared& prepared) {
    ParsedHtml out{Document(prepared.html.size()), prepared.warning};
    static_assert(Limits{}.bytes < std::numeric_limits<int>::max() / 6); // An escaped quote takes six bytes.
    const std::unique_ptr<htmlParserCtxt, FreeParser> parser(htmlNewParserCtxt());
    if (!parser) throw std::bad_alloc();
    Building building{&out.document, parser.get()};
    htmlSAXHandler handler{};
    handler.startElement = on_start;
    handler.endElement = on_end;
    handler.characters = handler.ignorableWhitespace = handler.cdataBlock = on_text;
    *parser->sax = handler;
    parser->userData = &building;
    htmlCtxtReadMemory(parser.get(), prepared.html.data(), static_cast<int>(prepared.html.size()), nullptr,
                       "UTF-8",
                       HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET |
                           HTML_PARSE_IGNORE_ENC);
    out.document.finish();
    if (building.stopped) out.warning = "elements are nested too deep: the rest of the page is left out";
    return out;
}

void start_parser() { xmlInitParser(); }
}
