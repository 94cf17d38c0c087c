// Gives a process or thread a scheduling policy, as chrt(1) does, which busybox-static does not have.
//
//     policy other|fifo PRIORITY PID
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv) {
    if (argc != 4) return 64;
    struct sched_param parameter = {.sched_priority = atoi(argv[2])};
    int policy = strcmp(argv[1], "fifo") == 0 ? SCHED_FIFO : SCHED_OTHER;
    if (sched_setscheduler(atoi(argv[3]), policy, &parameter) != 0) return perror(argv[3]), 1;
    return 0;
}
