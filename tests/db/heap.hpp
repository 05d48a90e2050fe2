#pragma once
#include <cstddef>
#include <malloc.h>

#if defined(__SANITIZE_ADDRESS__)
// Of sanitizer/allocator_interface.h, which not every distribution ships with its compiler.
extern "C" std::size_t __sanitizer_get_current_allocated_bytes();
#endif

// Bytes that are allocated and not given back.
inline std::size_t heap_in_use() {
#if defined(__SANITIZE_ADDRESS__)
    return __sanitizer_get_current_allocated_bytes();
#else
    return mallinfo2().uordblks;
#endif
}
