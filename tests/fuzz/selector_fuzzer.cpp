#include "core/page/html/selector.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

// A selector, and after the first line end the page that it is asked of (without one: a small page of our
// own).
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const auto line = input.substr(0, input.find('\n'));
    const std::string_view html = line.size() < input.size()
                                      ? input.substr(line.size())
                                      : "<div id=a class='b c'><p>x<p lang=en-GB>y<a href=/z>z</a></div>";
    std::string error;
    const auto selector = cti::page::Selector::parse(line, error);
    if (selector.has_value() != error.empty()) std::abort();
    if (!selector) return 0;
    const auto parsed = cti::page::parse_html(cti::page::prepare(html));
    cti::page::NodeId last = 0;
    for (const auto id : selector->select(parsed.document)) {
        if (id < last || id >= parsed.document.size() || parsed.document.is_text(id)) std::abort();
        last = id;
        (void)selector->value_of(parsed.document, id);
    }
    return 0;
}
