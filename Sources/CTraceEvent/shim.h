// libtraceevent reads the event formats that a recording carries with it. Its ring-buffer reader
// (kbuffer) is used by the tests only, as an independent check of our page decoder.
#pragma once
#include <stdbool.h>
#include <traceevent/event-parse.h>
#include <traceevent/kbuffer.h>
