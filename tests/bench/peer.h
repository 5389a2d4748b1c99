/* Programs that do one thing each, to be timed: those of tests/bench/peers. */
#ifndef BENCH_PEER_H
#define BENCH_PEER_H

#include <stddef.h>
#include <sys/types.h>

struct peer {
	pid_t pid;
	int in, out;
};

struct peer_figures {
	double seconds; /* for all of it */
	double rss;	/* resident bytes that it grew by */
};

/* Starts it, until it is ready. Returns 0, or -1 where it is not to be had. It
   ends with this process, or by peer_stop. */
int peer_start(struct peer *peer, const char *const argv[]);
void peer_stop(struct peer *peer);

/* Lets it do what it is for, once. */
void peer_run(struct peer *peer, struct peer_figures *figures);

#endif
