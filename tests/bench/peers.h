/* The table of tasklet and its peers: what is measured, and how it is shown. */
#ifndef BENCH_PEERS_H
#define BENCH_PEERS_H

#include <stdio.h>

#include "tests/bench/sample.h"

struct programs;

enum column {
	TASK_BYTES,
	JOINS,	   /* a second */
	PIPELINED, /* likewise */
	SINGLE,	   /* likewise */
	COMMANDS,  /* likewise */
	IDLE_CPU,  /* seconds in the 10 */
	IDLE_WAKEUPS,
	IDLE_BYTES,
	COLUMNS
};

enum {
	TASKLETD,
	TASKLET_LUA,
	REDIS,
	GO,
	ERLANG,
	GEVENT,
	ASYNCIO,
	TARANTOOL,
	SPOOLER,
	SUPERVISORD,
	PEERS
};

/* 1,000 to 1,000,000 tasks, times 10 at each step. */
#define SIZES	   4
#define FIRST_SIZE 1000

/* Of one program. What is empty was not measured: it is not installed, or does
   nothing of that kind. */
struct figures {
	struct sample cells[COLUMNS];
	struct sample bytes[SIZES];   /* of a task, among so many */
	struct sample seconds[SIZES]; /* to start one */
};

extern const char *const peers_names[PEERS];

/* All of it. Says on stderr what is going on. */
void peers_measure(const struct programs *programs, struct figures *figures);

/* The table, with what its cells are; and the points of the plot. */
void peers_print_table(FILE *out, const struct figures *figures);
void peers_print_points(FILE *out, const struct figures *figures);

#endif
