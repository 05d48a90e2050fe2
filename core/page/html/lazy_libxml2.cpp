// What we call of libxml2; see core/base/lazy_library.hpp.
#include "core/base/lazy_library.hpp"

#include <libxml/HTMLparser.h>
#include <libxml/parserInternals.h>

namespace {
constexpr cti::LazyLibrary k_libxml2(CTI_LIBXML2);
}

CTI_FORWARD(k_libxml2, htmlDocPtr, htmlCtxtReadMemory,
            (htmlParserCtxtPtr context, const char* buffer, int size, const char* url, const char* encoding,
             int options),
            (context, buffer, size, url, encoding, options))
CTI_FORWARD(k_libxml2, void, htmlFreeParserCtxt, (htmlParserCtxtPtr context), (context))
CTI_FORWARD(k_libxml2, htmlParserCtxtPtr, htmlNewParserCtxt, (void), ())
CTI_FORWARD(k_libxml2, void, xmlInitParser, (void), ())
CTI_FORWARD(k_libxml2, void, xmlStopParser, (xmlParserCtxtPtr context), (context))
