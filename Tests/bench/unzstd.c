/* What decompression alone costs: unpacks every chunk of the CPU sections of a zstd-compressed trace.dat of version 7
 * into one buffer and does nothing with it.
 *
 *   cc -O2 -o unzstd unzstd.c -lzstd && ./unzstd FILE OFFSET...
 *
 * The offsets are those of the CPUs' data in the output of trace-cmd dump --flyrecord.
 * Prints the number of unpacked bytes. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <zstd.h>

static uint32_t u32(const uint8_t *p) { uint32_t v; memcpy(&v, p, 4); return v; }

int main(int count, char **arguments)
{
	struct stat status;
	int fd = count > 1 ? open(arguments[1], O_RDONLY) : -1;
	ZSTD_DCtx *context = ZSTD_createDCtx();
	size_t room = 0, total = 0;
	const uint8_t *file;
	void *buffer = NULL;

	if (fd < 0 || fstat(fd, &status)) return 2;
	file = mmap(NULL, status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (file == MAP_FAILED) return 2;
	for (int i = 2; i < count; i++) { /* chunk count; for each chunk its packed size, unpacked size and bytes */
		const uint8_t *p = file + strtoull(arguments[i], NULL, 0);
		uint32_t chunks = u32(p);
		for (p += 4; chunks; chunks--) {
			uint32_t packed = u32(p), unpacked = u32(p + 4);
			if (unpacked > room) buffer = realloc(buffer, room = unpacked);
			if (ZSTD_decompressDCtx(context, buffer, unpacked, p + 8, packed) != unpacked) return 1;
			total += unpacked;
			p += 8 + packed;
		}
	}
	printf("%zu\n", total);
	return 0;
}
