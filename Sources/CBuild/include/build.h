/* Facts about this build. The Makefile finds them and Package.swift hands them to build.c alone, so that a new commit compiles
 * nothing else. */
const char *irq_build_commit(void);
/* Names and versions of the libraries that cannot tell theirs, such as "libtracefs 1.6.4, libtraceevent 1.7.1". */
const char *irq_build_libraries(void);
/* Takes back what start.c told the Swift runtime through the environment, so that programs that are started do not get it. */
void irq_start_done(void);
