#include "core/page/metadata.hpp"

namespace cti::page {
FoundAuthors find_authors(const Facts& facts) { return {facts.structured.authors, "json-ld"}; }
}
