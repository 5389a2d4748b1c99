/* Shows what was measured of tasklet and its peers. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/peers.h"

#define WIDTH 9

/* What stands over a column, and how its cells are written. */
static const struct heading {
	const char *lines[2];
	double scale;
	int decimals;
} headings[COLUMNS] = {
    [TASK_BYTES] = {{"B per", "sleeper"}, 1, 0},
    [JOINS] = {{"spawn+", "join/s"}, 1, 0},
    [PIPELINED] = {{"requests", "/s, 100"}, 1, 0},
    [SINGLE] = {{"requests", "/s, 1"}, 1, 0},
    [COMMANDS] = {{"commands", "/s"}, 1, 0},
    [IDLE_CPU] = {{"idle 10 s", "CPU ms"}, 1e3, 1},
    [IDLE_WAKEUPS] = {{"idle 10 s", "wake-ups"}, 1, 0},
    [IDLE_BYTES] = {{"idle", "MB"}, 1e-6, 1},
};

/* clang-format off */
static const char notes[] =
"Medians of 3 rounds, of idleness and memory 1. Each program has one processor;\n"
"what loads it over a Unix socket is one and the same C program, on another where\n"
"100 requests are under way, on the same where 1 is. A dash: not what it does, or\n"
"not installed.\n"
"B per sleeper: resident memory that 100,000 sleeping tasks add, for each. A task\n"
"  over the socket (taskletd), a tasklet, without its share in the daemon\n"
"  (tasklet-lua), a member of a sorted set, as queues keep delayed jobs (redis),\n"
"  a goroutine, process, greenlet, task; a fiber, of 10,000, as many more need\n"
"  vm.max_map_count raised (tarantool).\n"
"spawn+join/s: one that does nothing is started and awaited, 50,000 times. Over\n"
"  the socket, 50 at a time (taskletd); in the program, one by one (all others).\n"
"requests/s, 100: so many under way. Each starts a task that sleeps on; redis:\n"
"  SET of a new key. 1: ping; redis: PING. The other servers read the same JSON\n"
"  as taskletd with what their language has, in some 20 lines; Erlang has no\n"
"  JSON, and parses none.\n"
"commands/s: /bin/true is run to its end 200 times, 4 at a time. By `tsp true`\n"
"  from a shell (task-spooler); as a group of 200 programs, by `supervisorctl\n"
"  start` (supervisord). Tarantool looks every 0.1 s whether one has ended.\n"
"idle: with one client, where it is a server; wake-ups are voluntary context\n"
"  switches of all its threads; MB are resident.\n";
/* clang-format on */

static void
print_row(FILE *out, const char *name, char cells[COLUMNS][32])
{
	char line[256];
	size_t length;

	snprintf(line, sizeof line, "%-12s", name);
	for (int i = 0; i < COLUMNS; i++) {
		length = strlen(line);
		snprintf(line + length, sizeof line - length, " %*s", WIDTH,
		    cells[i]);
	}
	fprintf(out, "%s\n", line);
}

static void
print_headings(FILE *out)
{
	char cells[COLUMNS][32];

	for (int line = 0; line < 2; line++) {
		for (int i = 0; i < COLUMNS; i++)
			snprintf(cells[i], sizeof cells[i], "%s",
			    headings[i].lines[line]);
		print_row(out, "", cells);
	}
}

static void
print_figures(FILE *out, const char *name, const struct figures *figures)
{
	char cells[COLUMNS][32];

	for (int i = 0; i < COLUMNS; i++)
		if (figures->cells[i].count == 0)
			strcpy(cells[i], "-");
		else
			snprintf(cells[i], sizeof cells[i], "%.*f",
			    headings[i].decimals,
			    headings[i].scale *
				sample_median(&figures->cells[i]));
	print_row(out, name, cells);
}

/* The value after `key` in a file of lines, as "key : value"; "?" if none. */
static void
read_value(const char *path, const char *key, char *value, size_t size)
{
	char line[256];
	FILE *file = fopen(path, "r");

	snprintf(value, size, "?");
	while (file != NULL && fgets(line, sizeof line, file) != NULL)
		if (strncmp(line, key, strlen(key)) == 0) {
			const char *at = line + strlen(key);

			at += strspn(at, " \t:=\"");
			snprintf(
			    value, size, "%.*s", (int)strcspn(at, "\"\n"), at);
			break;
		}
	if (file != NULL)
		fclose(file);
}

/* What it was measured on, and when. */
static void
print_machine(FILE *out)
{
	char processor[128], release[128], date[32];
	struct utsname system;
	time_t now = time(NULL);

	read_value("/proc/cpuinfo", "model name", processor, sizeof processor);
	read_value("/etc/os-release", "PRETTY_NAME", release, sizeof release);
	uname(&system);
	strftime(date, sizeof date, "%Y-%m-%d", localtime(&now));
	fprintf(out, "%s: %s, %ld processors, Linux %s, %s\n\n", date,
	    processor, sysconf(_SC_NPROCESSORS_ONLN), system.release, release);
}

void
peers_print_table(FILE *out, const struct figures *figures)
{
	print_machine(out);
	print_headings(out);
	for (int name = 0; name < PEERS; name++)
		print_figures(out, peers_names[name], &figures[name]);
	fprintf(out, "\n%s", notes);
}

/* For gnuplot: a block for each program, two blank lines between them. */
void
peers_print_points(FILE *out, const struct figures *figures)
{
	const char *between = "";

	for (int name = 0; name < PEERS; name++) {
		double count = FIRST_SIZE;

		if (figures[name].bytes[0].count == 0)
			continue;
		fprintf(out, "%s%s bytes microseconds\n", between,
		    peers_names[name]);
		between = "\n\n";
		for (int size = 0; size < SIZES; size++, count *= 10)
			if (figures[name].bytes[size].count > 0)
				fprintf(out, "%.0f %.0f %.3f\n", count,
				    sample_median(&figures[name].bytes[size]),
				    1e6 * sample_median(
					      &figures[name].seconds[size]));
	}
}
