// What we call of libmicrohttpd; see core/base/lazy_library.hpp.
#include "core/base/lazy_library.hpp"

#include <cstdarg>
#include <cstdint>
#include <microhttpd.h>

namespace {
constexpr cti::LazyLibrary k_libmicrohttpd(CTI_LIBMICROHTTPD);

template <class Result, class First, class Second, class... Rest>
Second second_of(Result (*)(First, Second, Rest...));
// Later versions say that what it points to stays as it is.
using Buffer = decltype(second_of(&MHD_create_response_from_buffer_with_free_callback_cls));
}

// Its options end with MHD_OPTION_END, and only it knows how many they are.
extern "C" MHD_Daemon* MHD_start_daemon(unsigned int flags, std::uint16_t port,
                                        MHD_AcceptPolicyCallback accept, void* accept_data,
                                        MHD_AccessHandlerCallback handle, void* handle_data, ...) {
    static const auto function =
        reinterpret_cast<decltype(&MHD_start_daemon_va)>(k_libmicrohttpd.get_function("MHD_start_daemon_va"));
    va_list options;
    va_start(options, handle_data);
    auto* const daemon = function(flags, port, accept, accept_data, handle, handle_data, options);
    va_end(options);
    return daemon;
}

// The questions that we ask of these two take no further argument.
extern "C" const MHD_ConnectionInfo* MHD_get_connection_info(MHD_Connection* connection,
                                                             MHD_ConnectionInfoType type, ...) {
    static const auto function = reinterpret_cast<decltype(&MHD_get_connection_info)>(
        k_libmicrohttpd.get_function("MHD_get_connection_info"));
    return function(connection, type);
}
extern "C" const MHD_DaemonInfo* MHD_get_daemon_info(MHD_Daemon* daemon, MHD_DaemonInfoType type, ...) {
    static const auto function =
        reinterpret_cast<decltype(&MHD_get_daemon_info)>(k_libmicrohttpd.get_function("MHD_get_daemon_info"));
    return function(daemon, type);
}

CTI_FORWARD(k_libmicrohttpd, MHD_Result, MHD_add_response_header,
            (MHD_Response * response, const char* header, const char* content), (response, header, content))
CTI_FORWARD(k_libmicrohttpd, MHD_Response*, MHD_create_response_from_buffer_with_free_callback_cls,
            (std::size_t size, Buffer buffer, MHD_ContentReaderFreeCallback free_buffer, void* data),
            (size, buffer, free_buffer, data))
CTI_FORWARD(k_libmicrohttpd, void, MHD_destroy_response, (MHD_Response * response), (response))
CTI_FORWARD(k_libmicrohttpd, int, MHD_get_connection_values,
            (MHD_Connection * connection, MHD_ValueKind kind, MHD_KeyValueIterator iterator, void* data),
            (connection, kind, iterator, data))
CTI_FORWARD(k_libmicrohttpd, MHD_Result, MHD_get_timeout,
            (MHD_Daemon * daemon, MHD_UNSIGNED_LONG_LONG* timeout), (daemon, timeout))
CTI_FORWARD(k_libmicrohttpd, const char*, MHD_lookup_connection_value,
            (MHD_Connection * connection, MHD_ValueKind kind, const char* key), (connection, kind, key))
CTI_FORWARD(k_libmicrohttpd, MHD_Result, MHD_queue_response,
            (MHD_Connection * connection, unsigned int status, MHD_Response* response),
            (connection, status, response))
CTI_FORWARD(k_libmicrohttpd, void, MHD_resume_connection, (MHD_Connection * connection), (connection))
CTI_FORWARD(k_libmicrohttpd, MHD_Result, MHD_run, (MHD_Daemon * daemon), (daemon))
CTI_FORWARD(k_libmicrohttpd, void, MHD_stop_daemon, (MHD_Daemon * daemon), (daemon))
CTI_FORWARD(k_libmicrohttpd, void, MHD_suspend_connection, (MHD_Connection * connection), (connection))
