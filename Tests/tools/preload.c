/* Preloaded into irqscope, so that tests need not wait for bad luck:
 *
 *   RAISE=SIGNAL RAISE_AT=N   raises a signal when a tracing instance was made (0), or behind the Nth write(2) after that, before the
 *                             file is closed
 *   NO_EMPTY_PATH=1           linkat(2) of a descriptor alone fails, as it does without CAP_DAC_READ_SEARCH before Linux 6.10
 *   READV_MS=N                each readv(2), which is how trace pages are read, takes so long
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static int number(const char *name)
{
	const char *text = getenv(name);
	return text ? atoi(text) : -1;
}

static int written = -1;

static void count(void)
{
	if (number("RAISE") > 0 && written++ == number("RAISE_AT"))
		raise(number("RAISE"));
}

int mkdir(const char *path, mode_t mode)
{
	static int (*next)(const char *, mode_t);
	if (!next)
		next = dlsym(RTLD_NEXT, "mkdir");
	int result = next(path, mode);
	if (result == 0 && strstr(path, "/instances/irqscope-")) {
		written = 0;
		count();
	}
	return result;
}

ssize_t write(int file, const void *bytes, size_t length)
{
	static ssize_t (*next)(int, const void *, size_t);
	if (!next)
		next = dlsym(RTLD_NEXT, "write");
	ssize_t result = next(file, bytes, length);
	if (written >= 0)
		count();
	return result;
}

int linkat(int from, const char *path, int folder, const char *name, int flags)
{
	static int (*next)(int, const char *, int, const char *, int);
	if (!next)
		next = dlsym(RTLD_NEXT, "linkat");
	if (number("NO_EMPTY_PATH") > 0 && flags & AT_EMPTY_PATH) {
		errno = ENOENT;
		return -1;
	}
	return next(from, path, folder, name, flags);
}

ssize_t readv(int file, const struct iovec *parts, int count)
{
	static ssize_t (*next)(int, const struct iovec *, int);
	if (!next)
		next = dlsym(RTLD_NEXT, "readv");
	if (number("READV_MS") > 0)
		usleep(number("READV_MS") * 1000);
	return next(file, parts, count);
}
