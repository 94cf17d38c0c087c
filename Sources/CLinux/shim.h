/* Linux calls that Swift's Glibc module does not cover; header only. This can go when it does. */
#include <sys/signalfd.h>
