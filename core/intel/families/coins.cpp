#include "core/intel/checksums.hpp"
#include "core/intel/scan.hpp"

namespace cti::intel {

// Addresses of Bitcoin, Ethereum and Monero; only with a right checksum.
std::size_t scan_coin(Scan& scan, const Run& run) {
    if ((run.seen & k_high) != 0 || run.dots > 0) return 0;
    auto start = run.start;
    while (start < run.end && scan.text[start] == '_') ++start; // markup
    const auto text = scan.text.substr(start, run.end - start);
    // Most runs of this length are hashes.
    const bool has_size = text.size() <= 35 || text.size() == 42 || text.size() == 95;
    if ((!has_size && !istarts_with(text, "bc1")) || !all_of(text, k_alnum)) return 0;
    const auto accept = [&](Type type, std::string value) {
        scan.add(type, start, run.end, std::move(value));
        return run.end;
    };
    if (text.size() == 42 && istarts_with(text, "0x") && all_of(text.substr(2), k_hex)) {
        if (is_ethereum(text.substr(2))) return accept(Type::eth, "0x" + ascii_lower(text.substr(2)));
        scan.reject(start, run.end, "no Ethereum address: its checksum is wrong");
    }
    if (text.size() <= 35 && is_bitcoin_base58(text)) return accept(Type::btc, std::string(text));
    if (istarts_with(text, "bc1") && is_bech32(text)) return accept(Type::btc, ascii_lower(text));
    if (text.size() == 95 && is_monero(text)) return accept(Type::xmr, std::string(text));
    return 0;
}
}
