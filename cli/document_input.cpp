#include "cli/document_input.hpp"

#include "cli/signals.hpp"
#include "core/io/read_input.hpp"
#include "core/net/fault.hpp"

#include <utility>

namespace cti::cli {

Document read_document(const std::string& file, const std::string& url, const std::string& content_type,
                       const ops::FetchOptions& fetch) {
    if (!ops::is_address(file)) return {io::read_input(file, is_stop_asked_for), url, content_type};
    auto answer = ops::fetch_content(ops::to_request(fetch, file), &stop_signal());
    auto base = url.empty() ? net::document_url(answer) : url;
    return {std::move(answer.body), std::move(base),
            content_type.empty() ? answer.content_type : content_type};
}
}
