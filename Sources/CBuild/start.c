#include "build.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* In a static executable the Swift runtime looks for its directory while it is set up, reads /proc for that, and ends the
 * process where there is none (an empty chroot, an early boot). It wants only the program that prints backtraces, and does not
 * look if that is named. This can go when the runtime no longer insists (stdlib/public/runtime/Backtrace.cpp, Swift 6.3.1). */

extern char **environ;
static const char name[] = "SWIFT_BACKTRACE";
static int is_named;

/* Called before all constructors. A dynamic executable has no environment yet, and no need. */
static void name_backtracer(void) {
    if (!environ || faccessat(AT_FDCWD, "/proc/self/exe", F_OK, AT_SYMLINK_NOFOLLOW) == 0 || getenv(name)) return;
    is_named = setenv(name, "enable=no,swift-backtrace=/", 1) == 0;
}

__attribute__((section(".preinit_array"), used)) static void (*const early_start)(void) = name_backtracer;

void irq_start_done(void) {
    if (is_named) unsetenv(name);
}
