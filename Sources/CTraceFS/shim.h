// libtracefs finds and mounts the kernel's tracing files and writes to those of an instance.
#pragma once
#include <stdbool.h>
#include <sys/vfs.h> // statfs(2), which the Glibc module lacks
#include <tracefs.h>
