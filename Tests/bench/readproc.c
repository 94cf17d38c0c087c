/* Only reads what a sample of irqscope reads, and does nothing with it:
 *
 *   cc -O2 -o readproc readproc.c && ./readproc SAMPLES [PROC]
 *
 * interrupts, softirqs, stat and self/statm, of up to 64 interrupts smp_affinity, effective_affinity and
 * spurious, and of the threads irq/... and ksoftirqd/... their stat. Prints the CPU time of a sample in nanoseconds, user and system. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static char buffer[16 << 20];

static void read_all(int directory, const char *path)
{
	int fd = openat(directory, path, O_RDONLY | O_CLOEXEC);
	size_t used = 0;
	ssize_t count;
	if (fd < 0) return;
	while (used < sizeof buffer && (count = read(fd, buffer + used, sizeof buffer - used)) > 0) used += count;
	close(fd);
}

static int compare(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }

int main(int argc, char **argv)
{
	int samples = argc > 1 ? atoi(argv[1]) : 1000, numbers[4096], count = 0;
	const char *root = argc > 2 ? argv[2] : "/proc";
	int proc = open(root, O_RDONLY | O_DIRECTORY), irq = openat(proc, "irq", O_RDONLY | O_DIRECTORY);
	char line[4096], path[64], table[4096];
	snprintf(table, sizeof table, "%s/interrupts", root);
	FILE *rows = fopen(table, "r");
	/* The rows that have a number, as they stand in the table. */
	while (rows && fgets(line, sizeof line, rows)) {
		char *end;
		long number = strtol(line, &end, 10);
		if (end != line && *end == ':' && count < 64) numbers[count++] = number;
	}
	if (rows) fclose(rows);
	qsort(numbers, count, sizeof *numbers, compare);
	/* The threads that work for interrupts: found once, as irqscope does but every 30 s. */
	int threads[1024], found = 0;
	DIR *processes = opendir(root);
	for (struct dirent *entry; processes && (entry = readdir(processes)) && found < 1024;) {
		if (entry->d_name[0] < '0' || entry->d_name[0] > '9') continue;
		snprintf(path, sizeof path, "%.20s/comm", entry->d_name);
		memset(buffer, 0, 16);
		read_all(proc, path);
		if (!strncmp(buffer, "irq/", 4) || !strncmp(buffer, "ksoftirqd/", 10)) threads[found++] = atoi(entry->d_name);
	}
	if (processes) closedir(processes);
	struct rusage before, after;
	getrusage(RUSAGE_SELF, &before);
	for (int sample = 0; sample < samples; sample++) {
		read_all(proc, "interrupts");
		read_all(proc, "softirqs");
		read_all(proc, "stat");
		for (int index = 0; index < count; index++) {
			static const char *const names[] = { "smp_affinity", "effective_affinity", "spurious" };
			for (int name = 0; name < 3; name++) {
				snprintf(path, sizeof path, "%d/%s", numbers[index], names[name]);
				read_all(irq, path);
			}
		}
		for (int index = 0; index < found; index++) {
			snprintf(path, sizeof path, "%d/stat", threads[index]);
			read_all(proc, path);
		}
		read_all(AT_FDCWD, "/proc/self/statm");
	}
	getrusage(RUSAGE_SELF, &after);
	double user = (after.ru_utime.tv_sec - before.ru_utime.tv_sec) * 1e9 + (after.ru_utime.tv_usec - before.ru_utime.tv_usec) * 1e3;
	double kernel = (after.ru_stime.tv_sec - before.ru_stime.tv_sec) * 1e9 + (after.ru_stime.tv_usec - before.ru_stime.tv_usec) * 1e3;
	printf("%.0f ns a sample (user %.0f, system %.0f), %d interrupts, %d threads\n", (user + kernel) / samples, user / samples,
		kernel / samples, count, found);
	return 0;
}
