#pragma once
#include "core/intel/chars.hpp"
#include "core/intel/findings.hpp"
#include "core/intel/refang.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

// What the scanners share. Each family of types has a file; the table of them is in scan.cpp. A scanner looks
// at one run of word characters and a bounded piece around it, so that the whole is linear whatever the text
// holds.
namespace cti::intel {

// Why something that looks like an indicator is none, for people who ask.
struct Rejected {
    std::size_t start, end;
    std::string_view reason;
};

// Where rules may begin in the whole text.
struct RuleHeads {
    static constexpr std::size_t k_max_heads = 10000;
    std::vector<std::size_t> yara, sigma;
};

// A piece of text on its way through the scanners.
struct Scan {
    const Refanged& refanged;
    std::string_view text; // refanged
    Findings& out;
    RuleHeads& heads;
    std::vector<Rejected>* rejected = nullptr;
    std::size_t floor = 0;       // what stands before was taken by a scanner
    std::size_t path_end = 0;    // inside a path no hosts are looked for
    std::size_t command_end = 0; // inside a command no further one begins
    std::size_t version_end = 0; // the last thing that was a version number
    // Addresses, paths and names of files: whom such a thing is called after is not spoken of.
    std::vector<std::pair<std::size_t, std::size_t>> places;

    bool is_edited(std::size_t start, std::size_t end) const { return refanged.is_edited(start, end); }
    void add(Type type, std::size_t start, std::size_t end, std::string value,
             Verdict verdict = Verdict::none, Reading reading = Reading::plain) {
        Indicator found;
        found.type = type, found.verdict = verdict;
        found.reading = reading == Reading::plain && is_edited(start, end) ? Reading::defanged : reading;
        found.start = refanged.original_start(start), found.end = refanged.original_end(end);
        found.value = std::move(value);
        out.add(std::move(found));
        if (is_place(type)) places.emplace_back(start, end);
        floor = std::max(floor, end);
    }
    static bool is_place(Type type) {
        return type == Type::url || type == Type::domain || type == Type::email || type == Type::filename ||
               type == Type::file_path || type == Type::registry_key || type == Type::named_pipe;
    }
    void reject(std::size_t start, std::size_t end, std::string_view reason) {
        constexpr std::size_t most = 10000;
        if (rejected != nullptr && rejected->size() < most)
            rejected->push_back({refanged.original_start(start), refanged.original_end(end), reason});
    }
};

// Letters, digits, ".", "-" and "_", of any script.
struct Run {
    std::size_t start = 0, end = 0;
    std::uint16_t seen = 0; // classes of its bytes
    int dots = 0;
    std::size_t size() const { return end - start; }
    std::string_view of(std::string_view text) const { return text.substr(start, end - start); }
};
Run read_run(std::string_view text, std::size_t start);

// Finds what there is in the piece.
void scan_piece(Scan& scan);

// The families. Each returns where to go on: after what it took, or 0 where the run is none of its.
std::size_t scan_url(Scan& scan, const Run& run);
std::size_t scan_email(Scan& scan, const Run& run);
std::size_t scan_host(Scan& scan, const Run& run);
std::size_t scan_ipv6(Scan& scan, const Run& run);
std::size_t scan_mac(Scan& scan, const Run& run);
std::size_t scan_hash(Scan& scan, const Run& run);
std::size_t scan_ssdeep(Scan& scan, const Run& run);
std::size_t scan_id(Scan& scan, const Run& run);
std::size_t scan_attack(Scan& scan, const Run& run);
std::size_t scan_coin(Scan& scan, const Run& run);
std::size_t scan_registry(Scan& scan, const Run& run);
std::size_t scan_windows_path(Scan& scan, const Run& run);
std::size_t scan_keyword(Scan& scan, const Run& run);
bool may_be_keyword(std::string_view word); // a cheap no for most words

// Those that begin with a mark, at `pos`.
std::size_t scan_slash(Scan& scan, std::size_t pos);
std::size_t scan_dollar(Scan& scan, std::size_t pos); // "$env:TEMP\x"
std::size_t scan_backslash(Scan& scan, std::size_t pos);
std::size_t scan_percent(Scan& scan, std::size_t pos);
std::size_t scan_colon(Scan& scan, std::size_t pos);
std::size_t scan_plus(Scan& scan, std::size_t pos);
std::size_t scan_at(Scan& scan, std::size_t pos);
}
