#include "core/monitor/answer.hpp"

#include "core/base/json.hpp"

namespace cti::monitor {

Answer plain_answer(int code, std::string text) {
    return {code, "text/plain; charset=utf-8", std::move(text) + '\n'};
}

Answer error_answer(int code, std::string_view message) {
    Answer out{code, k_json_type};
    JsonWriter(out.body).begin_object().member("error", message).end_object();
    out.body += '\n';
    return out;
}
}
