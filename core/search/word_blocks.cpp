#include "core/search/word_blocks.hpp"

#include "core/base/error.hpp"
#include "core/search/words.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <unordered_map>

namespace cti::search {
namespace {
void append_number(std::string& out, std::uint32_t number) {
    for (; number >= 0x80; number >>= 7) out += static_cast<char>((number & 0x7F) | 0x80);
    out += static_cast<char>(number);
}

[[noreturn]] void fail_damaged() {
    throw Error{ExitCode::check, "the search index is damaged (cti.word_blocks)",
                "Run 'cti intel backfill --step words --again' to make it anew."};
}

std::uint32_t take_number(std::string_view& bytes) {
    std::uint32_t number = 0;
    for (int shift = 0; shift < 35; shift += 7) {
        if (bytes.empty()) break;
        const auto byte = static_cast<unsigned char>(bytes.front());
        bytes.remove_prefix(1);
        if (shift == 28 && byte > 0x0F) break;
        number |= static_cast<std::uint32_t>(byte & 0x7F) << shift;
        if (byte < 0x80) return number;
    }
    fail_damaged();
}

std::string_view take_bytes(std::string_view& bytes, std::size_t size) {
    if (size > bytes.size()) fail_damaged();
    const auto taken = bytes.substr(0, size);
    bytes.remove_prefix(size);
    return taken;
}
}

void BlockWriter::add(std::string_view term, std::span<const int> ids) {
    m_ids.clear();
    for (int before = m_first_id; const int id : ids) {
        append_number(m_ids, static_cast<std::uint32_t>(id - before));
        before = id;
    }
    if (m_block.bytes.size() + m_ids.size() > k_full_block && !m_block.bytes.empty()) finish();
    const auto shared = static_cast<std::size_t>(std::ranges::mismatch(term, m_last_term).in1 - term.begin());
    if (m_block.bytes.empty()) m_block.first_term = term;
    append_number(m_block.bytes, static_cast<std::uint32_t>(shared));
    append_number(m_block.bytes, static_cast<std::uint32_t>(term.size() - shared));
    m_block.bytes += term.substr(shared);
    append_number(m_block.bytes, static_cast<std::uint32_t>(m_ids.size()));
    m_block.bytes += m_ids;
    m_last_term = term;
}

void BlockWriter::finish() {
    if (!m_block.bytes.empty()) m_sink(std::move(m_block));
    m_block = {};
    m_last_term.clear();
}

bool BlockReader::next() {
    if (m_bytes.empty()) return false;
    const auto shared = take_number(m_bytes), rest = take_number(m_bytes);
    if (shared > m_term.size()) fail_damaged();
    m_term.resize(shared);
    m_term += take_bytes(m_bytes, rest);
    m_ids = take_bytes(m_bytes, take_number(m_bytes));
    return true;
}

void BlockReader::append_ids(std::vector<int>& ids) const {
    std::int64_t id = m_first_id;
    for (auto bytes = m_ids; !bytes.empty();) {
        id += take_number(bytes);
        if (id > std::numeric_limits<int>::max()) fail_damaged();
        ids.push_back(static_cast<int>(id));
    }
}

std::vector<WordBlock> make_segment(std::span<const IndexedArticle> articles) {
    std::vector<WordBlock> blocks;
    if (articles.empty()) return blocks;
    std::unordered_map<std::string_view, std::vector<int>> ids_by_term;
    for (const auto& [id, terms] : articles)
        for (std::size_t pos = 0; pos < terms.size();) {
            const auto end = terms.find(' ', pos);
            ids_by_term[terms.substr(pos, end - pos)].push_back(id);
            pos = end == terms.npos ? terms.size() : end + 1;
        }
    std::vector<std::string_view> terms;
    terms.reserve(ids_by_term.size());
    for (const auto& [term, ids] : ids_by_term) terms.push_back(term);
    std::ranges::sort(terms);
    BlockWriter writer(articles.front().id, [&](WordBlock&& block) { blocks.push_back(std::move(block)); });
    for (const auto term : terms) writer.add(term, ids_by_term[term]);
    writer.finish();
    return blocks;
}

namespace {
// A source with its block in hand.
struct Cursor {
    SegmentSource* source;
    std::string block;
    BlockReader reader;
    bool is_done = false;

    void advance() {
        while (!reader.next()) {
            block = source->next_block();
            if (block.empty()) {
                is_done = true;
                return;
            }
            reader = BlockReader(block, source->first_id);
        }
    }
};

const Cursor* find_least(const std::vector<Cursor>& cursors) {
    const Cursor* least = nullptr;
    for (const auto& cursor : cursors)
        if (!cursor.is_done && (least == nullptr || cursor.reader.term() < least->reader.term()))
            least = &cursor;
    return least;
}
}

void merge_segments(std::span<SegmentSource> sources, int first_id,
                    const std::function<bool(std::size_t, int)>& keeps,
                    const std::function<void(WordBlock&&)>& sink) {
    std::vector<Cursor> cursors;
    cursors.reserve(sources.size()); // A reader looks into the block beside it, which must stay where it is.
    for (auto& source : sources) cursors.push_back({&source, {}, {}});
    for (auto& cursor : cursors) cursor.advance();
    BlockWriter writer(first_id, sink);
    std::vector<int> ids;
    for (const auto* least = find_least(cursors); least != nullptr; least = find_least(cursors)) {
        const std::string term(least->reader.term());
        ids.clear();
        for (std::size_t i = 0; i < cursors.size(); ++i) {
            if (cursors[i].is_done || cursors[i].reader.term() != term) continue;
            const auto begin = ids.size();
            cursors[i].reader.append_ids(ids);
            const auto dropped = std::remove_if(ids.begin() + static_cast<std::ptrdiff_t>(begin), ids.end(),
                                                [&](int id) { return !keeps(i, id); });
            ids.erase(dropped, ids.end());
            cursors[i].advance();
        }
        std::ranges::sort(ids);
        ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
        if (!ids.empty()) writer.add(term, ids);
    }
    writer.finish();
}
}
