#include "build.h"

/* `swift build` alone knows neither. */
#ifndef IRQSCOPE_COMMIT
#define IRQSCOPE_COMMIT ""
#endif
#ifndef IRQSCOPE_LIBRARIES
#define IRQSCOPE_LIBRARIES ""
#endif

const char *irq_build_commit(void) { return IRQSCOPE_COMMIT; }

const char *irq_build_libraries(void) { return IRQSCOPE_LIBRARIES; }
