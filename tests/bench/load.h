/* What servers are loaded with, over a connection. */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <stddef.h>

#include "tests/bench/link.h"

/* Requests that are not answered at a time, where they are pipelined. */
#define LOAD_DEPTH 100

/* So many requests. Returns the seconds it took; adds those of each reply to
 *latency, unless that is NULL. */
typedef double load_fn(struct link *link, size_t count, struct sample *latency);

/* Pipelined: each starts a task that sleeps on. */
load_fn load_spawns;

/* Pipelined, to Redis: what comes nearest, as it keeps something new; and what
   its users keep of a job that is to wait until its time. */
load_fn load_sets;
load_fn load_delayed_jobs;

/* One at a time. */
load_fn load_pings;

#endif
