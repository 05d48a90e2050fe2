/* LD_PRELOAD: a sleep of up to 2 ms after one of sixteen unlocks, so that threads meet in orders that they seldom take. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

int pthread_mutex_unlock(pthread_mutex_t* mutex) {
    static int (*next)(pthread_mutex_t*);
    static __thread unsigned seed;
    if (next == NULL) next = (int (*)(pthread_mutex_t*))dlsym(RTLD_NEXT, "pthread_mutex_unlock");
    const int result = next(mutex);
    if (seed == 0) seed = (unsigned)getpid() * 2654435761u ^ (unsigned)(size_t)&seed;
    if (rand_r(&seed) % 16 == 0) usleep((useconds_t)(rand_r(&seed) % 2000));
    return result;
}
