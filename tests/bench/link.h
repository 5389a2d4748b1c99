/* A connection that loads a server: it counts lines of reply and looks whether
   each is a result, and reads no JSON. One that is none ends the benchmark. */
#ifndef BENCH_LINK_H
#define BENCH_LINK_H

#include <stdbool.h>
#include <stddef.h>

#include "tests/bench/batch.h"
#include "tests/bench/sample.h"

/* What a server speaks. Each of its replies is a line. */
struct dialect {
	const char *ping; /* a whole request */
	bool (*is_result)(const char *line, size_t length);
};

extern const struct dialect link_json_rpc;
extern const struct dialect link_redis;

struct link {
	const struct dialect *dialect;
	int fd;
	char *data; /* what came and is not yet taken */
	size_t end;
	size_t room;
};

/* Seconds, monotonic. */
double link_clock(void);

/* Returns 0, or -1 where nobody accepts; then there is nothing to close. The
   second speaks another dialect than JSON-RPC. */
int link_open(struct link *link, const char *socket);
int link_open_as(
    struct link *link, const char *socket, const struct dialect *dialect);
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

/* That many, one at a time; adds the seconds of each to *latency, unless that
   is NULL. */
double link_pings(struct link *link, size_t count, struct sample *latency);

/*
 * The whole reply, NUL-terminated, to the one request in *batch; valid until
 * the next call. *seconds, unless NULL, is the time until its last byte.
 */
const char *link_call(
    struct link *link, const struct batch *batch, double *seconds);

/* Sends a batch, and looks later, without waiting, for a reply. */
void link_send(struct link *link, const struct batch *batch);
bool link_has_reply(struct link *link);

/* Waits for replies to what was sent, all of it JSON-RPC with numbers for ids,
   and calls `each` for those that came. Returns how many. */
size_t link_wait(
    struct link *link, void (*each)(void *arg, size_t id), void *arg);

#endif
