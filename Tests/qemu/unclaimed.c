// Interrupts that nobody claims, on a machine of QEMU: raises the line of its "edu" device, which has no driver, and
// lowers it at once (docs/specs/edu.rst: writing 0x60 raises, 0x64 acknowledges).
//
//     unclaimed RESOURCE-FILE PER-SECOND SECONDS
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int main(int argc, char **argv) {
    if (argc != 4) return 64;
    int file = open(argv[1], O_RDWR | O_SYNC);
    volatile uint32_t *registers = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (registers == MAP_FAILED) return perror(argv[1]), 1;
    int perSecond = atoi(argv[2]), count = perSecond * atoi(argv[3]);
    for (int i = 0; i < count; i++) {
        registers[0x60 / 4] = 1;
        registers[0x64 / 4] = 1;
        usleep(1000000 / perSecond);
    }
    return 0;
}
