/* LD_PRELOAD: ends or fails an export at the point that CTI_FAULT names. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static int is(const char* fault) {
    const char* wanted = getenv("CTI_FAULT");
    return wanted != NULL && strcmp(wanted, fault) == 0;
}

static int has_file = 0, is_cut = 0;

/* Every connection is closed, and no other is made. */
static void cut(void) {
    struct stat info;
    is_cut = 1;
    for (int descriptor = 3; descriptor < 256; ++descriptor)
        if (fstat(descriptor, &info) == 0 && S_ISSOCK(info.st_mode)) shutdown(descriptor, SHUT_RDWR);
}

int connect(int descriptor, const struct sockaddr* address, socklen_t size) {
    int (*next)(int, const struct sockaddr*, socklen_t) = (int (*)(int, const struct sockaddr*, socklen_t))dlsym(RTLD_NEXT, "connect");
    if (is_cut) return errno = ECONNREFUSED, -1;
    return next(descriptor, address, size);
}

/* The first commit behind the file is that of the cursor: the server has done it when its answer is there, which nobody reads. */
ssize_t send(int descriptor, const void* bytes, size_t size, int flags) {
    ssize_t (*next)(int, const void*, size_t, int) = (ssize_t(*)(int, const void*, size_t, int))dlsym(RTLD_NEXT, "send");
    const ssize_t sent = next(descriptor, bytes, size, flags);
    if (has_file && is("answer_lost") && memmem(bytes, size, "COMMIT", 6) != NULL) {
        struct pollfd answer = {descriptor, POLLIN, 0};
        poll(&answer, 1, -1);
        cut();
    }
    return sent;
}

/* The file waits under its temporary name, and the cursor has not moved. */
int linkat(int from, const char* path, int to, const char* name, int flags) {
    int (*next)(int, const char*, int, const char*, int) = (int (*)(int, const char*, int, const char*, int))dlsym(RTLD_NEXT, "linkat");
    const int result = next(from, path, to, name, flags);
    has_file = 1;
    if (is("killed_before_commit")) kill(getpid(), SIGKILL);
    if (is("database_cut")) cut();
    return result;
}

int rename(const char* from, const char* to) {
    int (*next)(const char*, const char*) = (int (*)(const char*, const char*))dlsym(RTLD_NEXT, "rename");
    if (is("killed_before_rename")) kill(getpid(), SIGKILL);
    if (is("stopped_before_rename")) raise(SIGSTOP);
    if (is("rename_fails")) return errno = ENOSPC, -1;
    const int result = next(from, to);
    if (is("killed_after_rename")) kill(getpid(), SIGKILL);
    return result;
}

ssize_t write(int descriptor, const void* bytes, size_t size) {
    ssize_t (*next)(int, const void*, size_t) = (ssize_t(*)(int, const void*, size_t))dlsym(RTLD_NEXT, "write");
    struct stat info;
    if (is("disk_full") && descriptor > 2 && fstat(descriptor, &info) == 0 && S_ISREG(info.st_mode)) return errno = ENOSPC, -1;
    return next(descriptor, bytes, size);
}
