/* The plain C loop that irqscope is measured against: reads every record of an uncompressed little-endian
 * trace.dat of version 6, pairs hardirqs, softirqs and x86 vectors on each CPU and work items over all CPUs, and counts
 * their durations and how long softirqs and work items waited.
 *
 *   cc -O2 -o pages pages.c && ./pages FILE-v6.dat
 *
 * Prints "irq|softirq|vector|raise|work|queue NAME COUNT TOTAL_NS MIN_NS MAX_NS" for each row (work functions as
 * addresses), then "events COUNT". With -DFULL it counts what irqscope's rows have besides: per CPU, the time without what
 * was nested in it, squares for the standard deviation, 64 buckets a power of two, the place of the longest, unhandled
 * interrupts, storms by windows of 10 ms, actions told apart by their names; and it checks the bounds of each record. One thread, fixed arrays; only what workqueues did is kept until all CPUs are read, in
 * an array of each CPU that grows. Without -DFULL it trusts its input. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

enum { NONE, IRQ_ENTRY, IRQ_EXIT, RAISE, SOFTIRQ_ENTRY, SOFTIRQ_EXIT, VECTOR_ENTRY, VECTOR_EXIT, WORK_QUEUE, WORK_START, WORK_END };
enum { IRQ, SOFTIRQ, VECTOR, LATENCY, WORK, QUEUE, KINDS };
enum { IDS = 4096, ROWS = 1024, DEPTH = 32, CPUS = 1024, SLOTS = 1 << 16 };

#ifdef FULL
#define IF_FULL(...) __VA_ARGS__
enum { ROW_CPUS = 16, BUCKETS = 59 * 64 };
#else
#define IF_FULL(...)
enum { ROW_CPUS = 1, BUCKETS = 64 };
#endif

struct row {
	uint64_t count, total, min, max;
	IF_FULL(uint64_t max_start, self, calls, unhandled, window, in_window, peak, windows_full; unsigned __int128 squares;
		char name[64];)
};
struct open { uint32_t kind, number; uint64_t start; IF_FULL(uint64_t nested;) };

static struct row rows[ROW_CPUS][KINDS][ROWS];
static uint64_t histograms[KINDS][ROWS][BUCKETS];
static uint8_t kind_of[IDS];                    /* what an event is */
static uint16_t offset_of[IDS], number_of[IDS]; /* where its number is; without an offset, its number */
static uint16_t second_of[IDS];                 /* where a work item's function, an action's name, or a handler's result is */
static char vectors[64][64];
static int vector_count;
static uint64_t events;

static uint64_t u64(const uint8_t *p) { uint64_t v; memcpy(&v, p, 8); return v; }
static uint32_t u32(const uint8_t *p) { uint32_t v; memcpy(&v, p, 4); return v; }
static uint16_t u16(const uint8_t *p) { uint16_t v; memcpy(&v, p, 2); return v; }

static int bucket(uint64_t duration)
{
#ifdef FULL
	int exponent = duration < 64 ? 5 : 63 - __builtin_clzll(duration);

	return duration < 64 ? duration : (exponent - 5) * 64 + (duration >> (exponent - 6) & 63);
#else
	return duration ? 63 - __builtin_clzll(duration) : 0;
#endif
}

/* `own` is the duration without what was nested in it. */
static void record(int cpu, int kind, uint32_t number, uint64_t duration, uint64_t own, uint64_t start)
{
	struct row *row = &rows[cpu % ROW_CPUS][kind][number % ROWS];

	if (!row->count || duration < row->min) row->min = duration;
	if (duration > row->max) {
		row->max = duration;
		IF_FULL(row->max_start = start;)
	}
	row->count++;
	row->total += duration;
	IF_FULL(row->self += own; row->squares += (unsigned __int128)duration * duration;)
	histograms[kind][number % ROWS][bucket(duration)]++;
}

#ifdef FULL
static void call(int cpu, int kind, uint32_t number, uint64_t time)
{
	struct row *row = &rows[cpu % ROW_CPUS][kind][number % ROWS];

	row->calls++;
	if (time - row->window >= 10000000) {
		if (row->in_window >= 200) row->windows_full++;
		if (row->in_window > row->peak) row->peak = row->in_window;
		row->window = time - row->window < 20000000 ? row->window + 10000000 : time;
		row->in_window = 0;
	}
	row->in_window++;
}

/* One action a line: what differs in its name would be another row. */
static int is_named(int cpu, uint32_t number, const char *name, uint32_t length)
{
	struct row *row = &rows[cpu % ROW_CPUS][IRQ][number % ROWS];

	if (length >= sizeof row->name) return 0;
	if (!row->name[0]) memcpy(row->name, name, length);
	return !memcmp(row->name, name, length);
}
#endif

struct work { uint64_t time, item, function; uint32_t kind; int32_t pid; };
static struct works { struct work *first; size_t count, room; } works[CPUS];

static void keep(struct works *list, struct work work)
{
	if (list->count == list->room) {
		list->room = list->room ? 2 * list->room : 1024;
		list->first = realloc(list->first, list->room * sizeof work);
		if (!list->first) exit(2);
	}
	list->first[list->count++] = work;
}

struct cpu { int number; struct works *works; struct open stack[DEPTH]; int depth; uint64_t raised[32]; };

static void enter(struct cpu *cpu, uint32_t kind, uint32_t number, uint64_t time)
{
	IF_FULL(call(cpu->number, kind, number, time);)
	if (cpu->depth < DEPTH)
		cpu->stack[cpu->depth++] = (struct open){ kind, number, time };
}

static void leave(struct cpu *cpu, uint32_t kind, uint32_t number, uint64_t time)
{
	for (int i = cpu->depth - 1; i >= 0; i--) {
		struct open *open = &cpu->stack[i];
		if (open->kind == kind && open->number == number) {
			uint64_t duration = time - open->start, own = duration;
			IF_FULL(own -= open->nested; if (i) open[-1].nested += duration;)
			record(cpu->number, kind, number, duration, own, open->start);
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
		IF_FULL(if (p + length > end || length < 12) exit(2);)
		time += delta;
		events++;
		id = u16(p) % IDS;
		number = offset_of[id] ? u32(p + offset_of[id]) : number_of[id];
		switch (kind_of[id]) {
		case IRQ_ENTRY:
			IF_FULL(uint32_t name = u32(p + second_of[id]);)
			IF_FULL(if ((name & 0xffff) + (name >> 16) > length || !is_named(cpu->number, number, (const char *)p + (name & 0xffff), name >> 16)) exit(2);)
			enter(cpu, IRQ, number, time);
			break;
		case IRQ_EXIT:
			IF_FULL(rows[cpu->number % ROW_CPUS][IRQ][number % ROWS].unhandled += !u32(p + second_of[id]);)
			leave(cpu, IRQ, number, time);
			break;
		case SOFTIRQ_ENTRY:
			if (cpu->raised[number & 31]) {
				uint64_t latency = time - cpu->raised[number & 31];
				record(cpu->number, LATENCY, number, latency, latency, cpu->raised[number & 31]);
			}
			cpu->raised[number & 31] = 0;
			enter(cpu, SOFTIRQ, number, time);
			break;
		case SOFTIRQ_EXIT: leave(cpu, SOFTIRQ, number, time); break;
		case RAISE:
			if (!cpu->raised[number & 31]) cpu->raised[number & 31] = time;
			break;
		case VECTOR_ENTRY: enter(cpu, VECTOR, number, time); break;
		case VECTOR_EXIT: leave(cpu, VECTOR, number, time); break;
		case WORK_QUEUE: case WORK_START: case WORK_END:
			keep(cpu->works, (struct work){ time, u64(p + offset_of[id]), u64(p + second_of[id]), kind_of[id], u32(p + 4) });
			break;
		}
		p += length;
	}
}

/* Open addressing; key 0 is an empty slot, and value 0 a key that was taken out. */
struct slot { uint64_t key, value, time; };

static struct slot *slot(struct slot *slots, uint64_t key)
{
	uint64_t i = key * 0x9e3779b97f4a7c15 >> 48;

	while (slots[i % SLOTS].key && slots[i % SLOTS].key != key) i++;
	slots[i % SLOTS].key = key;
	return &slots[i % SLOTS];
}

static uint64_t functions[ROWS];
static uint32_t function_count;

static uint32_t row_of(uint64_t function)
{
	static struct slot slots[SLOTS];
	struct slot *found = slot(slots, function);

	if (!found->value) {
		functions[function_count % ROWS] = function;
		found->value = ++function_count;
	}
	return found->value - 1;
}

/* A work item runs in any thread, and waits on any CPU: so all CPUs' events are taken in the order of time. */
static void pair_works(uint32_t cpus)
{
	static struct slot queued[SLOTS], running[SLOTS];
	static size_t next[CPUS];

	for (;;) {
		const struct work *work = NULL;
		struct slot *found;
		uint32_t from = 0;

		for (uint32_t cpu = 0; cpu < cpus; cpu++)
			if (next[cpu] < works[cpu].count && (!work || works[cpu].first[next[cpu]].time < work->time)) {
				work = &works[cpu].first[next[cpu]];
				from = cpu;
			}
		if (!work) return;
		next[from]++;
		switch (work->kind) {
		case WORK_QUEUE:
			*slot(queued, work->item) = (struct slot){ work->item, 1, work->time };
			break;
		case WORK_START:
			found = slot(queued, work->item);
			if (found->value) 
				record(from, QUEUE, row_of(work->function), work->time - found->time, 0, found->time);
			found->value = 0;
			*slot(running, work->pid) = (struct slot){ work->pid, work->item, work->time };
			break;
		case WORK_END:
			found = slot(running, work->pid);
			if (found->value == work->item) {
				record(from, WORK, row_of(work->function), work->time - found->time, 0, found->time);
				found->value = 0;
			}
		}
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
	if (!strcmp(system, "workqueue")) {
		if (!strcmp(name, "workqueue_queue_work")) kind_of[id] = WORK_QUEUE;
		else if (!strcmp(name, "workqueue_execute_start")) kind_of[id] = WORK_START;
		else if (!strcmp(name, "workqueue_execute_end")) kind_of[id] = WORK_END;
		else return;
		offset_of[id] = field(text, size, "void * work;");
		second_of[id] = field(text, size, "void * function;");
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
	second_of[id] = field(text, size, kind_of[id] == IRQ_ENTRY ? "__data_loc char[] name;" : "int ret;");
}

int main(int count, char **arguments)
{
	static const char *const kinds[] = { "irq", "softirq", "vector", "raise", "work", "queue" };
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
	if (cpus > CPUS) return 2;
	for (uint32_t i = 0; i < cpus; i++, p += 16) {
		static struct cpu cpu;
		const uint8_t *data = file + u64(p), *end = data + u64(p + 8);
		memset(&cpu, 0, sizeof cpu);
		cpu.works = &works[i];
		cpu.number = i;
		for (; data < end; data += page_size) page(data, &cpu);
	}
	pair_works(cpus);
	for (int kind = 0; kind < KINDS; kind++)
		for (int i = 0; i < ROWS; i++) {
			struct row sum = { 0 };
			const struct row *row = &sum;
			for (int cpu = 0; cpu < ROW_CPUS; cpu++) {
				const struct row *one = &rows[cpu][kind][i];
				if (!one->count) continue;
				if (!sum.count || one->min < sum.min) sum.min = one->min;
				if (one->max > sum.max) sum.max = one->max;
				sum.count += one->count;
				sum.total += one->total;
			}
			char number[24];
			if (kind >= WORK) snprintf(number, sizeof number, "%lx", functions[i]);
			else snprintf(number, sizeof number, "%d", i);
			if (row->count)
				printf("%s %s %lu %lu %lu %lu\n", kinds[kind], kind == VECTOR ? vectors[i] : number, row->count,
				       row->total, row->min, row->max);
		}
	printf("events %lu\n", events);
	return 0;
}
