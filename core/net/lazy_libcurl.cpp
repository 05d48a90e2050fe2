// What we call of libcurl; see core/base/lazy_library.hpp.
#include "core/base/lazy_library.hpp"

#include <cstdarg>
#include <curl/curl.h>

namespace {
constexpr cti::LazyLibrary k_libcurl(CTI_LIBCURL);

// libcurl's number of an option says of which type its one argument is.
template <class Function, class Handle, class Option>
auto set_option(Function function, Handle handle, Option option, std::va_list& argument) {
    const auto type = static_cast<int>(option) / 10000 * 10000;
    if (type == CURLOPTTYPE_LONG) return function(handle, option, va_arg(argument, long));
    if (type == CURLOPTTYPE_OFF_T) return function(handle, option, va_arg(argument, curl_off_t));
    return function(handle, option, va_arg(argument, void*)); // of functions too: POSIX has them as large
}
}

extern "C" CURLcode curl_easy_setopt(CURL* handle, CURLoption option, ...) {
    static const auto function =
        reinterpret_cast<decltype(&curl_easy_setopt)>(k_libcurl.get_function("curl_easy_setopt"));
    std::va_list argument;
    va_start(argument, option);
    const auto result = set_option(function, handle, option, argument);
    va_end(argument);
    return result;
}
extern "C" CURLMcode curl_multi_setopt(CURLM* handle, CURLMoption option, ...) {
    static const auto function =
        reinterpret_cast<decltype(&curl_multi_setopt)>(k_libcurl.get_function("curl_multi_setopt"));
    std::va_list argument;
    va_start(argument, option);
    const auto result = set_option(function, handle, option, argument);
    va_end(argument);
    return result;
}
// Here the numbers say nothing of the type.
extern "C" CURLSHcode curl_share_setopt(CURLSH* handle, CURLSHoption option, ...) {
    static const auto function =
        reinterpret_cast<decltype(&curl_share_setopt)>(k_libcurl.get_function("curl_share_setopt"));
    const bool takes_number = option == CURLSHOPT_SHARE || option == CURLSHOPT_UNSHARE;
    std::va_list argument;
    va_start(argument, option);
    const auto result = takes_number ? function(handle, option, va_arg(argument, int))
                                     : function(handle, option, va_arg(argument, void*));
    va_end(argument);
    return result;
}
extern "C" CURLcode curl_easy_getinfo(CURL* handle, CURLINFO info, ...) {
    static const auto function =
        reinterpret_cast<decltype(&curl_easy_getinfo)>(k_libcurl.get_function("curl_easy_getinfo"));
    std::va_list argument;
    va_start(argument, info);
    const auto result = function(handle, info, va_arg(argument, void*));
    va_end(argument);
    return result;
}

CTI_FORWARD(k_libcurl, void, curl_easy_cleanup, (CURL * handle), (handle))
CTI_FORWARD(k_libcurl, CURL*, curl_easy_init, (), ())
CTI_FORWARD(k_libcurl, void, curl_easy_reset, (CURL * handle), (handle))
CTI_FORWARD(k_libcurl, const char*, curl_easy_strerror, (CURLcode code), (code))
CTI_FORWARD(k_libcurl, CURLcode, curl_global_init, (long flags), (flags))
CTI_FORWARD(k_libcurl, CURLMcode, curl_multi_add_handle, (CURLM * multi, CURL* handle), (multi, handle))
CTI_FORWARD(k_libcurl, CURLMcode, curl_multi_cleanup, (CURLM * multi), (multi))
CTI_FORWARD(k_libcurl, CURLMsg*, curl_multi_info_read, (CURLM * multi, int* left), (multi, left))
CTI_FORWARD(k_libcurl, CURLM*, curl_multi_init, (), ())
CTI_FORWARD(k_libcurl, CURLMcode, curl_multi_perform, (CURLM * multi, int* running), (multi, running))
CTI_FORWARD(k_libcurl, CURLMcode, curl_multi_poll,
            (CURLM * multi, curl_waitfd* more, unsigned int count, int timeout_ms, int* ready),
            (multi, more, count, timeout_ms, ready))
CTI_FORWARD(k_libcurl, CURLMcode, curl_multi_remove_handle, (CURLM * multi, CURL* handle), (multi, handle))
CTI_FORWARD(k_libcurl, CURLMcode, curl_multi_wakeup, (CURLM * multi), (multi))
CTI_FORWARD(k_libcurl, CURLSHcode, curl_share_cleanup, (CURLSH * share), (share))
CTI_FORWARD(k_libcurl, CURLSH*, curl_share_init, (), ())
CTI_FORWARD(k_libcurl, curl_slist*, curl_slist_append, (curl_slist * list, const char* text), (list, text))
CTI_FORWARD(k_libcurl, void, curl_slist_free_all, (curl_slist * list), (list))
