/* A connection that loads a server: it counts replies and looks whether each
   is a result, and reads no JSON. A reply that is none ends the benchmark. */
#ifndef BENCH_LINK_H
#define BENCH_LINK_H

#include <stdbool.h>
#include <stddef.h>

#include "tests/bench/batch.h"
#include "tests/bench/sample.h"

struct link {
	int fd;
	char *data; /* what came and is not yet taken */
	size_t end;
	size_t room;
};

/* Seconds, monotonic. */
double link_clock(void);

/* Returns 0, or -1 where nobody accepts; then there is nothing to close. */
int link_open(struct link *link, const char *socket);
void link_close(struct link *link);

/*
 * Sends all of a batch, with up to `depth` of them unanswered at a time.
 * Returns the seconds it took; adds those of each reply to *latency, unless
 * that is NULL, supposing that they come in order.
 */
double link_pipeline(struct link *link, const struct batch *batch, size_t depth,
    struct sample *latency);

/* One ping, answered. Returns the seconds it took. */
double link_ping(struct link *link);

/* That many, one at a time; adds the seconds of each to *latency. */
double link_pings(struct link *link, size_t count, struct sample *latency);

/*
 * The whole reply, NUL-terminated, to the one request in *batch; valid until
 * the next call. *seconds, unless NULL, is the time until its last byte.
 */
const char *link_call(
    struct link *link, const struct batch *batch, double *seconds);

/* Sends a batch of one, and looks later, without waiting, for its reply. */
void link_send(struct link *link, const struct batch *batch);
bool link_has_reply(struct link *link);

#endif
