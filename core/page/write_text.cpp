#include "core/base/text.hpp"
#include "core/page/html/text_flow.hpp"
#include "core/page/main_text.hpp"

namespace cti::page {

namespace {
// Soft hyphens and zero-width spaces are for line breaking only: with them no word and no indicator is found
// again.
std::string without_break_hints(std::string text) {
    std::size_t to = 0;
    const auto size_at = [&](std::size_t at) -> std::size_t { // nearly all bytes are told by the first look
        switch (text[at]) {
        case '\xC2': return text.compare(at, 2, "\xC2\xAD") == 0 ? 2 : 0;
        case '\xE2': return text.compare(at, 3, "\xE2\x80\x8B") == 0 ? 3 : 0;
        case '\xEF': return text.compare(at, 3, "\xEF\xBB\xBF") == 0 ? 3 : 0;
        default: return 0;
        }
    };
    for (std::size_t at = 0; at < text.size();) {
        if (const auto hint = size_at(at); hint > 0) {
            at += hint;
        } else {
            text[to++] = text[at++];
        }
    }
    text.resize(to);
    return text;
}
}

std::string write_text(const Measured& page, NodeId root) {
    const auto& document = page.document();
    TextFlow flow(page[root].chars * 2, TextFlow::Input::text);
    struct Open {
        NodeId end;
        Kind kind;
    };
    std::vector<Open> open;
    const auto close_until = [&](NodeId id) {
        while (!open.empty() && open.back().end <= id) {
            flow.close(open.back().kind);
            open.pop_back();
        }
    };
    for (NodeId id = root; id < document.end(root);) {
        close_until(id);
        if (page.is_removed(id)) {
            const auto kind = kind_of(document.element(id));
            if (kind != Kind::inlined && kind != Kind::image) flow.open(Kind::line);
            id = document.end(id);
            continue;
        }
        if (document.is_text(id)) {
            flow.append(document.text(id));
        } else if (const auto kind = kind_of(document.element(id));
                   kind != Kind::inlined && kind != Kind::image && kind != Kind::empty) {
            flow.open(kind);
            if (kind != Kind::line_break) open.push_back({document.end(id), kind});
        }
        ++id;
    }
    close_until(document.end(root));
    return without_break_hints(repair_utf8(flow.finish()));
}
}
