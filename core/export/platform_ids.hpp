#pragma once
#include "core/base/uuid.hpp"
#include "core/export/formats.hpp"

#include <cstring>
#include <unordered_set>

// What the formats for other platforms say alike: ids that are the same at every export, names, times.
namespace cti::exporter {

struct UuidHash {
    std::size_t operator()(const Uuid& uuid) const {
        std::size_t hash = 0;
        std::memcpy(&hash, uuid.data(), sizeof hash); // It is one already.
        return hash;
    }
};

// Version 5 in a namespace that is this tool's alone. `kind` keeps apart what has the same name.
Uuid own_uuid(std::string_view kind, std::string_view name);

Uuid source_uuid(const StoredArticle& article);
std::string source_label(const StoredArticle& article); // never empty

// An article's id is that of its address at its source, so two databases agree on it. Where an address stands
// twice in one export, the later article's number in the database is added.
class ArticleUuids {
public:
    Uuid assign(const StoredArticle& article);

private:
    std::unordered_set<Uuid, UuidHash> m_taken;
};

// When the article became what it is: it may be told to be from tomorrow.
Time last_change(const StoredArticle& article);

std::string_view name_of(Tlp tlp); // "amber+strict"; "" for none
}
