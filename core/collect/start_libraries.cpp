#include "core/collect/start_libraries.hpp"

#include "core/base/hash.hpp"
#include "core/db/database.hpp"
#include "core/net/client.hpp"
#include "core/page/html/dom.hpp"

namespace cti::collect {

void start_libraries() {
    // The first caller does all, others wait for it.
    static const bool started = [] {
        start_crypto();
        net::start_client();
        page::start_parser();
        db::start_client();
        return true;
    }();
    static_cast<void>(started);
}
}
