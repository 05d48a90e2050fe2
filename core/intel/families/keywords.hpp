#pragma once
#include "core/intel/scan.hpp"

// Families that a word announces; the table of the words is in keywords.cpp.
namespace cti::intel {
std::size_t scan_mozilla(Scan& scan, const Run& run);    // "Mozilla/5.0 (…) …"
std::size_t scan_agent_word(Scan& scan, const Run& run); // "user agent: …"
std::size_t scan_user_agent(Scan& scan, const Run& run); // "User-Agent: …"
std::size_t scan_command(Scan& scan, const Run& run);    // "powershell -enc …"
std::size_t scan_mutex(Scan& scan, const Run& run);      // "mutexes: …", "the “…” mutex"
std::size_t scan_service(Scan& scan, const Run& run);    // "service name: …"
std::size_t scan_task(Scan& scan, const Run& run);       // "scheduled task “…”"
std::size_t scan_pipe(Scan& scan, const Run& run);       // "named pipe: …"

// "mutex" where it is not written in Latin letters; Russian has it with endings, and Japanese and Chinese
// without a blank before it.
bool is_mutex_elsewhere(std::string_view word);

// The end of the line, at most `most` bytes away.
std::size_t line_end(std::string_view text, std::size_t pos, std::size_t most);
// `end` without the marks after the value.
std::size_t trim_end(std::string_view text, std::size_t start, std::size_t end, std::string_view marks);
}
