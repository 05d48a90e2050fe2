/* LD_PRELOAD: the N-th reading, writing, syncing or renaming of a file below $CTI_TEST_DISK ends with EIO, and so do all after it. N is
   the first int64_t of the file $CTI_TEST_DISK_CALLS, the second one counts the calls. What the C library
   itself calls (fwrite) is not seen. The system is asked directly: a sanitizer may stand between this and the C library. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static volatile int64_t* calls;
static const char* disk;

__attribute__((constructor)) static void open_calls(void) {
    const char* path = getenv("CTI_TEST_DISK_CALLS");
    const int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (file < 0) return;
    void* at = mmap(NULL, 2 * sizeof *calls, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (at != MAP_FAILED) calls = at, disk = getenv("CTI_TEST_DISK");
    close(file);
    unsetenv("LD_PRELOAD"); /* pg_dump and its like go without: a sanitizer in them would be one too many. */
}

static int fails(const char* path) {
    if (!calls || !disk || strncmp(path, disk, strlen(disk)) != 0) return 0;
    if (__sync_add_and_fetch(calls + 1, 1) < calls[0]) return 0;
    errno = EIO;
    return 1;
}

static int fails_at(int file) {
    char link[64], path[4096];
    if (!calls || !disk) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    const ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return fails(path);
}

ssize_t read(int file, void* to, size_t size) { return fails_at(file) ? -1 : syscall(SYS_read, file, to, size); }
ssize_t pread(int file, void* to, size_t size, off_t at) { return fails_at(file) ? -1 : syscall(SYS_pread64, file, to, size, at); }
ssize_t pread64(int file, void* to, size_t size, off64_t at) { return fails_at(file) ? -1 : syscall(SYS_pread64, file, to, size, at); }
ssize_t write(int file, const void* from, size_t size) { return fails_at(file) ? -1 : syscall(SYS_write, file, from, size); }
ssize_t writev(int file, const struct iovec* parts, int count) { return fails_at(file) ? -1 : syscall(SYS_writev, file, parts, count); }
int fsync(int file) { return fails_at(file) ? -1 : (int)syscall(SYS_fsync, file); }
int fdatasync(int file) { return fails_at(file) ? -1 : (int)syscall(SYS_fdatasync, file); }
int rename(const char* from, const char* to) { return fails(from) ? -1 : (int)syscall(SYS_rename, from, to); }
