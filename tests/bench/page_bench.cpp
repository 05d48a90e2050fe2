#include "core/base/json.hpp"
#include "core/page/page.hpp"

#include <algorithm>
#include <ctime>
#include <fmt/core.h>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace {
std::string read_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

double cpu_seconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

void write_page(cti::JsonWriter& json, const std::string& id, const cti::page::Page& page) {
    const auto text_or_null = [](const std::string& text) {
        return text.empty() ? std::nullopt : std::optional(text);
    };
    json.begin_object().member("id", id).member("title", text_or_null(page.title.value));
    json.member("author", page.authors);
    json.member("published", page.published ? std::optional(page.published->written) : std::nullopt);
    json.member("canonical_url", text_or_null(page.canonical_url.value))
        .member("text", page.text)
        .member("method", page.method);
    json.member("title_source", page.title.source).member("author_source", page.authors_source);
    json.member("date_source", page.published ? page.published->source : "").end_object();
}

// One JSON object a line in ({"id", "url", "file", "charset"}) and out, so that one process measures many
// pages.
int serve() {
    std::string line;
    while (std::getline(std::cin, line)) {
        const auto request = nlohmann::json::parse(line);
        cti::page::PageOptions options;
        options.url = request.value("url", "");
        if (const auto charset = request.find("charset");
            charset != request.end() && charset->is_string() && *charset != "auto")
            options.content_type = "text/html; charset=" + charset->get<std::string>();
        std::string out;
        cti::JsonWriter json(out);
        write_page(json, request.value("id", ""),
                   cti::page::extract(read_file(request.at("file").get<std::string>()), options));
        std::cout << out << std::endl;
    }
    return 0;
}
}

// page_bench FILE…: pages a CPU second, the best of five runs over all, and the ten slowest. page_bench
// serve: see serve().
int main(int argc, char** argv) {
    if (argc == 2 && std::string(argv[1]) == "serve") return serve();
    if (argc == 3 && std::string(argv[1]) == "explain") {
        cti::page::PageOptions options;
        options.explain = true;
        const auto page = cti::page::extract(read_file(argv[2]), options);
        for (const auto& reason : page.reasons) fmt::print("{}\n", reason);
        fmt::print("{}\n", page.text);
        return 0;
    }
    std::vector<std::pair<double, std::string>> slowest;
    double best = 1e9, bytes = 0;
    std::vector<std::string> pages;
    for (int i = 1; i < argc; ++i) pages.push_back(read_file(argv[i]));
    for (int run = 0; run < 5; ++run) {
        const double start = cpu_seconds();
        slowest.clear();
        bytes = 0;
        for (std::size_t i = 0; i < pages.size(); ++i) {
            const double page_start = cpu_seconds();
            cti::page::extract(pages[i], {});
            slowest.emplace_back(cpu_seconds() - page_start, argv[i + 1]);
            bytes += static_cast<double>(pages[i].size());
        }
        best = std::min(best, cpu_seconds() - start);
    }
    fmt::print("{} pages\t{:.0f} pages per CPU second\t{:.0f} MB/s\n", pages.size(),
               static_cast<double>(pages.size()) / best, bytes / best / 1e6);
    std::ranges::sort(slowest, std::greater<>());
    for (std::size_t i = 0; i < std::min<std::size_t>(10, slowest.size()); ++i)
        fmt::print("{:8.1f} ms\t{}\n", slowest[i].first * 1000, slowest[i].second);
    return 0;
}
