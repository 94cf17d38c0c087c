/* Linux calls that Swift's Glibc module does not cover; header only. This can go when it does. */
#include <malloc.h>
#include <sys/klog.h>
#include <sys/signalfd.h>
#include <sys/statfs.h>
#include <sys/types.h>

/* fallocate(2): declared by <fcntl.h> only for _GNU_SOURCE, which Swift's Glibc module is built without. */
extern int fallocate64(int fd, int mode, __off64_t offset, __off64_t length);

/* close_range(2): the same, in <unistd.h>. */
extern int close_range(unsigned int first, unsigned int last, int flags);
