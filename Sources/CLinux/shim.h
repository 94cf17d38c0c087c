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

/* perf_event_open(2) has no wrapper in the C library: counts an event of a PMU on a CPU from now on. */
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>
static inline int irqscope_count_event(unsigned int type, unsigned long long config, int cpu)
{
    struct perf_event_attr attr = {.type = type, .size = sizeof(attr), .config = config};
    return (int)syscall(SYS_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
}

/* fork(2): Swift's Glibc module hides it, since other threads are not there in the child. Only while there are none. */
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>
static inline pid_t irqscope_fork(void) { return fork(); }

/* Says that the program crashed, in calls that signal-safety(7) allows. */
static inline void irqscope_say_crash(int number)
{
    char text[] = "irqscope: crashed, signal ??: this is a fault of irqscope; please report it with the command and its input\n";
    char *digits = text + 26;
    digits[0] = (char)(number < 10 ? ' ' : '0' + number / 10 % 10);
    digits[1] = (char)('0' + number % 10);
    if (write(2, text, sizeof(text) - 1) < 0) return;
}

/* prctl(2) has a variable number of arguments, which Swift cannot call. */
static inline int irqscope_die_with_parent(void) { return prctl(PR_SET_PDEATHSIG, SIGKILL); }
