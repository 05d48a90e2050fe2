/* LD_PRELOAD: ends or fails an export at the point that CTI_FAULT names. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int is(const char* fault) {
    const char* wanted = getenv("CTI_FAULT");
    return wanted != NULL && strcmp(wanted, fault) == 0;
}

/* The file waits under its temporary name, and the cursor has not moved. */
int linkat(int from, const char* path, int to, const char* name, int flags) {
    int (*next)(int, const char*, int, const char*, int) = (int (*)(int, const char*, int, const char*, int))dlsym(RTLD_NEXT, "linkat");
    const int result = next(from, path, to, name, flags);
    if (is("killed_before_commit")) kill(getpid(), SIGKILL);
    return result;
}

int rename(const char* from, const char* to) {
    int (*next)(const char*, const char*) = (int (*)(const char*, const char*))dlsym(RTLD_NEXT, "rename");
    if (is("killed_before_rename")) kill(getpid(), SIGKILL);
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
