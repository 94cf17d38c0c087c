/* A recording of any length, on the way through a pipe: the pages of a trace.dat again and again, with time going on.
 *
 *   cc -O2 -o repeat repeat.c && ./repeat FILE-v6.dat COPIES [WITHOUT…] | irqscope report
 *
 * FILE is an uncompressed little-endian trace.dat of version 6 with pages of 4096 bytes and one buffer. Events of the names
 * WITHOUT are left out, and so are softirqs that are raised and not entered any more: a copy ends with nothing pending, so
 * that each count and total of n copies is n times that of one. Prints "events N, bytes N" of the whole to standard error. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAGE = 4096, HEADER = 16, IDS = 65536, CPUS = 4096 };

struct cpu {
	uint8_t *pages;
	uint64_t size, room, events;
};

static struct cpu cpus[CPUS];
static uint8_t left_out[IDS];
static int raise_id = -1, entry_id = -1;
static uint32_t raise_offset, entry_offset;
static uint64_t first = UINT64_MAX, last;

static uint64_t u64(const uint8_t *p) { uint64_t v; memcpy(&v, p, 8); return v; }
static uint32_t u32(const uint8_t *p) { uint32_t v; memcpy(&v, p, 4); return v; }
static uint16_t u16(const uint8_t *p) { uint16_t v; memcpy(&v, p, 2); return v; }

static void fail(const char *problem)
{
	fprintf(stderr, "repeat: %s\n", problem);
	exit(2);
}

static void put(const void *bytes, uint64_t size)
{
	while (size) {
		ssize_t done = write(1, bytes, size);
		if (done < 0 && errno == EINTR) continue;
		if (done <= 0) fail("nobody reads");
		bytes = (const uint8_t *)bytes + done;
		size -= done;
	}
}

/* Appends a record to the pages of a CPU. No page begins between an event and the time before it: pages hold times. */
static void append(struct cpu *cpu, uint64_t time, uint64_t *before, const uint8_t *payload, uint32_t size)
{
	uint8_t *page = cpu->size ? cpu->pages + cpu->size - PAGE : NULL;
	uint64_t commit = page ? u64(page + 8) : 0, delta = time - *before;
	int is_small = size <= 28 * 4, extended = delta >> 27 ? 8 : 0;
	uint32_t need = extended + (is_small ? 4 : 8) + size, word;

	if (!page || HEADER + commit + need > PAGE) {
		if (cpu->size + PAGE > cpu->room) {
			cpu->room = cpu->room ? 2 * cpu->room : 1 << 20;
			cpu->pages = realloc(cpu->pages, cpu->room);
			if (!cpu->pages) fail("no memory");
		}
		page = cpu->pages + cpu->size;
		memset(page, 0, PAGE);
		memcpy(page, &time, 8);
		cpu->size += PAGE;
		commit = delta = extended = 0;
	}
	uint8_t *p = page + HEADER + commit;
	if (extended) {
		word = 30 | (uint32_t)(delta & 0x7ffffff) << 5;
		memcpy(p, &word, 4);
		word = delta >> 27;
		memcpy(p + 4, &word, 4);
		p += 8;
		delta = 0;
	}
	word = (is_small ? size / 4 : 0) | (uint32_t)delta << 5;
	memcpy(p, &word, 4);
	p += 4;
	if (!is_small) {
		word = size + 4;
		memcpy(p, &word, 4);
		p += 4;
	}
	memcpy(p, payload, size);
	commit = p + size - page - HEADER;
	memcpy(page + 8, &commit, 8);
	*before = time;
	cpu->events++;
	if (time < first) first = time;
	if (time > last) last = time;
}

/* Takes the pages of a CPU apart and packs what is kept. The second round knows which raises are never entered. */
static void take(struct cpu *cpu, const uint8_t *data, uint64_t size)
{
	uint64_t entered[64] = { 0 }, place = 0, before = 0;

	for (int is_kept = 0; is_kept < 2; is_kept++) {
		place = 0;
		for (const uint8_t *page = data; page < data + size; page += PAGE) {
			uint64_t time = u64(page), commit = u64(page + 8);
			const uint8_t *p = page + HEADER, *end = p + (commit & 0x7ffffff);
			if (commit >> 27) fail("events were lost in this recording");
			if (end > page + PAGE) fail("a damaged page");
			while (p + 4 <= end) {
				uint32_t word = u32(p), type = word & 31, delta = word >> 5, length = type * 4, id, vector;
				p += 4;
				if (type == 29 && !delta) break;
				if (type == 29) { time += delta; p += u32(p); continue; }
				if (type == 30) { time += (uint64_t)u32(p) << 27 | delta; p += 4; continue; }
				if (type == 31) { time = (uint64_t)u32(p) << 27 | delta | (time & 0xf8ull << 56); p += 4; continue; }
				if (!type) { length = (u32(p) - 4 + 3) & ~3u; p += 4; }
				time += delta;
				place++;
				if (p + length > end) fail("a damaged page");
				id = u16(p);
				if ((int)id == entry_id) {
					vector = u32(p + entry_offset) & 63;
					if (!is_kept) entered[vector] = place;
				}
				if (is_kept && !left_out[id] && !((int)id == raise_id && entered[u32(p + raise_offset) & 63] < place))
					append(cpu, time, &before, p, length);
				p += length;
			}
		}
	}
}

static uint32_t offset_of(const char *text, uint64_t size, const char *field)
{
	const char *found = memmem(text, size, field, strlen(field));
	return found ? atoi(strstr(found, "offset:") + 7) : 0;
}

int main(int count, char **arguments)
{
	struct stat status;
	uint32_t systems, number, i;
	const uint8_t *file, *p, *table;
	uint64_t copies, copy, events = 0, bytes = 0, shift;
	int fd = count > 2 ? open(arguments[1], O_RDONLY) : -1;

	if (fd < 0 || fstat(fd, &status) || status.st_size < 32 || !(copies = strtoull(arguments[2], NULL, 10)))
		fail("usage: repeat FILE-v6.dat COPIES [WITHOUT…]");
	file = mmap(NULL, status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (file == MAP_FAILED || memcmp(file, "\x17\x08\x44tracing6\0\0\x08", 14) || u32(file + 14) != PAGE)
		fail("not a little-endian trace.dat of version 6 with pages of 4096 bytes");
	p = file + 18;
	for (i = 0; i < 2; i++) {
		p += strlen((const char *)p) + 1;
		p += 8 + u64(p);
	}
	for (systems = u32(p), p += 4; systems; systems--) p += 8 + u64(p);
	for (systems = u32(p), p += 4; systems; systems--) {
		p += strlen((const char *)p) + 1;
		for (number = u32(p), p += 4; number; number--) {
			char name[64];
			int id;
			uint64_t size = u64(p);
			const char *text = (const char *)p + 8;
			if (sscanf(text, "name: %63s\nID: %d", name, &id) == 2 && id >= 0 && id < IDS) {
				for (int n = 3; n < count; n++) left_out[id] |= !strcmp(name, arguments[n]);
				if (!strcmp(name, "softirq_raise")) raise_id = id, raise_offset = offset_of(text, size, "unsigned int vec;");
				if (!strcmp(name, "softirq_entry")) entry_id = id, entry_offset = offset_of(text, size, "unsigned int vec;");
			}
			p += 8 + size;
		}
	}
	p += 4 + u32(p); /* kallsyms */
	p += 4 + u32(p); /* printk formats */
	p += 8 + u64(p); /* saved command lines */
	number = u32(p);
	p += 4;
	if (number > CPUS) fail("too many CPUs");
	if (!memcmp(p, "options  ", 10))
		for (p += 10; u16(p); p += 6 + u32(p + 2)) ;
	p += 2;
	if (memcmp(p, "flyrecord", 10)) fail("more than one buffer");
	table = p += 10;
	for (i = 0; i < number; i++, p += 16) {
		take(&cpus[i], file + u64(p), u64(p + 8));
		events += cpus[i].events;
		bytes += cpus[i].size;
	}
	shift = last - first + 1000000; /* a millisecond between the copies */

	uint64_t begin = (table - file + 16 * number + PAGE - 1) / PAGE * PAGE, offset = begin;
	put(file, table - file);
	for (i = 0; i < number; i++) {
		uint64_t entry[2] = { offset, cpus[i].size * copies };
		put(entry, sizeof entry);
		offset += entry[1];
	}
	uint8_t *zeros = calloc(1, PAGE);
	put(zeros, begin - (table - file) - 16 * number);
	for (i = 0; i < number; i++)
		for (copy = 0; copy < copies; copy++) {
			put(cpus[i].pages, cpus[i].size);
			for (uint64_t at = 0; at < cpus[i].size; at += PAGE) {
				uint64_t time = u64(cpus[i].pages + at) + shift;
				memcpy(cpus[i].pages + at, &time, 8);
			}
		}
	fprintf(stderr, "events %lu, bytes %lu, shift %lu\n", events * copies, begin + bytes * copies, shift);
	return 0;
}
