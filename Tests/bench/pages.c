/* The plain C loop that irqscope is measured against: reads every record of an uncompressed little-endian
 * trace.dat of version 6, pairs hardirqs, softirqs and x86 vectors on each CPU and counts their durations.
 *
 *   cc -O2 -o pages pages.c && ./pages FILE-v6.dat
 *
 * Prints "irq|softirq|vector|raise NAME COUNT TOTAL_NS MIN_NS MAX_NS" for each row, then "events COUNT". One thread,
 * fixed arrays, no allocation for an event. It trusts its input: no record's bounds are checked. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

enum { NONE, IRQ_ENTRY, IRQ_EXIT, RAISE, SOFTIRQ_ENTRY, SOFTIRQ_EXIT, VECTOR_ENTRY, VECTOR_EXIT };
enum { IRQ, SOFTIRQ, VECTOR, LATENCY, KINDS };
enum { IDS = 4096, ROWS = 1024, DEPTH = 32 };

struct row { uint64_t count, total, min, max, histogram[64]; };
struct open { uint32_t kind, number; uint64_t start; };

static struct row rows[KINDS][ROWS];
static uint8_t kind_of[IDS];                    /* what an event is */
static uint16_t offset_of[IDS], number_of[IDS]; /* where its number is; without an offset, its number */
static char vectors[64][64];
static int vector_count;
static uint64_t events;

static uint64_t u64(const uint8_t *p) { uint64_t v; memcpy(&v, p, 8); return v; }
static uint32_t u32(const uint8_t *p) { uint32_t v; memcpy(&v, p, 4); return v; }
static uint16_t u16(const uint8_t *p) { uint16_t v; memcpy(&v, p, 2); return v; }

static void record(int kind, uint32_t number, uint64_t duration)
{
	struct row *row = &rows[kind][number % ROWS];

	if (!row->count || duration < row->min) row->min = duration;
	if (duration > row->max) row->max = duration;
	row->count++;
	row->total += duration;
	row->histogram[duration ? 63 - __builtin_clzll(duration) : 0]++;
}

struct cpu { struct open stack[DEPTH]; int depth; uint64_t raised[32]; };

static void enter(struct cpu *cpu, uint32_t kind, uint32_t number, uint64_t time)
{
	if (cpu->depth < DEPTH)
		cpu->stack[cpu->depth++] = (struct open){ kind, number, time };
}

static void leave(struct cpu *cpu, uint32_t kind, uint32_t number, uint64_t time)
{
	for (int i = cpu->depth - 1; i >= 0; i--) {
		struct open *open = &cpu->stack[i];
		if (open->kind == kind && open->number == number) {
			record(kind, number, time - open->start);
			cpu->depth = i;
			return;
		}
	}
}

static void page(const uint8_t *base, struct cpu *cpu)
{
	uint64_t time = u64(base), commit = u64(base + 8);
	const uint8_t *p = base + 16, *end = p + (commit & 0x7ffffff);

	if (commit >> 31 & 1) { /* events were lost before this page */
		cpu->depth = 0;
		memset(cpu->raised, 0, sizeof cpu->raised);
	}
	while (p + 4 <= end) {
		uint32_t word = u32(p), type = word & 31, delta = word >> 5, length = type * 4, id, number;

		p += 4;
		switch (type) {
		case 29:
			if (!delta) return;
			time += delta;
			p += u32(p);
			continue;
		case 30:
			time += (uint64_t)u32(p) << 27 | delta;
			p += 4;
			continue;
		case 31:
			time = (uint64_t)u32(p) << 27 | delta | (time & 0xf8ull << 56);
			p += 4;
			continue;
		case 0:
			length = (u32(p) - 4 + 3) & ~3u;
			p += 4;
		}
		time += delta;
		events++;
		id = u16(p) % IDS;
		number = offset_of[id] ? u32(p + offset_of[id]) : number_of[id];
		switch (kind_of[id]) {
		case IRQ_ENTRY: enter(cpu, IRQ, number, time); break;
		case IRQ_EXIT: leave(cpu, IRQ, number, time); break;
		case SOFTIRQ_ENTRY:
			if (cpu->raised[number & 31]) record(LATENCY, number, time - cpu->raised[number & 31]);
			cpu->raised[number & 31] = 0;
			enter(cpu, SOFTIRQ, number, time);
			break;
		case SOFTIRQ_EXIT: leave(cpu, SOFTIRQ, number, time); break;
		case RAISE:
			if (!cpu->raised[number & 31]) cpu->raised[number & 31] = time;
			break;
		case VECTOR_ENTRY: enter(cpu, VECTOR, number, time); break;
		case VECTOR_EXIT: leave(cpu, VECTOR, number, time); break;
		}
		p += length;
	}
}

/* The offset of a field in a format text of so many bytes. */
static int field(const char *text, uint64_t size, const char *declaration)
{
	const char *found = memmem(text, size, declaration, strlen(declaration));
	return found ? atoi(strstr(found, "offset:") + 7) : 0;
}

static void format(const char *system, const char *text, uint64_t size)
{
	char name[64];
	int id, n;

	if (sscanf(text, "name: %63s\nID: %d", name, &id) != 2 || id >= IDS) return;
	n = strlen(name);
	if (!strcmp(system, "irq_vectors")) {
		int is_entry = n > 6 && !strcmp(name + n - 6, "_entry"), i = 0;
		if (!is_entry && (n < 6 || strcmp(name + n - 5, "_exit"))) return;
		name[n - (is_entry ? 6 : 5)] = 0;
		while (i < vector_count && strcmp(vectors[i], name)) i++;
		if (i == 64) return;
		if (i == vector_count) strcpy(vectors[vector_count++], name);
		kind_of[id] = is_entry ? VECTOR_ENTRY : VECTOR_EXIT;
		number_of[id] = i;
		return;
	}
	if (strcmp(system, "irq")) return;
	if (!strcmp(name, "irq_handler_entry")) kind_of[id] = IRQ_ENTRY;
	else if (!strcmp(name, "irq_handler_exit")) kind_of[id] = IRQ_EXIT;
	else if (!strcmp(name, "softirq_raise")) kind_of[id] = RAISE;
	else if (!strcmp(name, "softirq_entry")) kind_of[id] = SOFTIRQ_ENTRY;
	else if (!strcmp(name, "softirq_exit")) kind_of[id] = SOFTIRQ_EXIT;
	else return;
	offset_of[id] = field(text, size, name[0] == 'i' ? "int irq;" : "unsigned int vec;");
}

int main(int count, char **arguments)
{
	static const char *const kinds[] = { "irq", "softirq", "vector", "raise" };
	struct stat status;
	int fd = count == 2 ? open(arguments[1], O_RDONLY) : -1;
	uint32_t page_size, systems, cpus;
	const uint8_t *file, *p;

	if (fd < 0 || fstat(fd, &status) || status.st_size < 32) return 2;
	file = mmap(NULL, status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (file == MAP_FAILED || memcmp(file, "\x17\x08\x44tracing6\0\0\x08", 14)) return 2;
	page_size = u32(file + 14);
	p = file + 18;
	for (int i = 0; i < 2; i++) { /* header_page, header_event */
		p += strlen((const char *)p) + 1;
		p += 8 + u64(p);
	}
	for (systems = u32(p), p += 4; systems; systems--) p += 8 + u64(p); /* ftrace's own events */
	for (systems = u32(p), p += 4; systems; systems--) {
		const char *system = (const char *)p;
		uint32_t n;
		p += strlen(system) + 1;
		for (n = u32(p), p += 4; n; n--) {
			format(system, (const char *)p + 8, u64(p));
			p += 8 + u64(p);
		}
	}
	p += 4 + u32(p); /* kallsyms */
	p += 4 + u32(p); /* printk formats */
	p += 8 + u64(p); /* saved command lines */
	cpus = u32(p);
	p += 4;
	if (!memcmp(p, "options  ", 10))
		for (p += 10; u16(p); p += 6 + u32(p + 2)) ;
	p += 2;
	if (memcmp(p, "flyrecord", 10)) return 2;
	p += 10;
	for (; cpus; cpus--, p += 16) {
		static struct cpu cpu;
		const uint8_t *data = file + u64(p), *end = data + u64(p + 8);
		memset(&cpu, 0, sizeof cpu);
		for (; data < end; data += page_size) page(data, &cpu);
	}
	for (int kind = 0; kind < KINDS; kind++)
		for (int i = 0; i < ROWS; i++) {
			const struct row *row = &rows[kind][i];
			char number[16];
			snprintf(number, sizeof number, "%d", i);
			if (row->count)
				printf("%s %s %lu %lu %lu %lu\n", kinds[kind], kind == VECTOR ? vectors[i] : number, row->count,
				       row->total, row->min, row->max);
		}
	printf("events %lu\n", events);
	return 0;
}
