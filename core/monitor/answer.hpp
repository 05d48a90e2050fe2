#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cti::monitor {

// What the status server says to a request.
struct Answer {
    int code = 200;
    std::string content_type = "text/plain; charset=utf-8";
    std::string body = {};
    std::vector<std::pair<std::string, std::string>> headers = {}; // beside those that every answer has
};

inline constexpr const char* k_json_type = "application/json";

Answer plain_answer(int code, std::string text);         // a line for people
Answer error_answer(int code, std::string_view message); // {"error": "…"}
}
