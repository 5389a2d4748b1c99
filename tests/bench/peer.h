/* Programs that do one thing each, to be timed: those of tests/bench/peers. */
#ifndef BENCH_PEER_H
#define BENCH_PEER_H

#include <stddef.h>
#include <sys/types.h>

struct peer {
	pid_t pid;
	pid_t measured; /* it, or the server that it speaks for */
	int in, out;
};

struct peer_figures {
	double seconds; /* for all of it */
	double rss;	/* resident bytes that it grew by */
};

/* Starts it, in the place that the child takes by that, until it is ready.
   Returns 0, or -1 where it is not to be had. It ends with this process, or by
   peer_stop. */
int peer_start(
    struct peer *peer, void (*place)(void), const char *const argv[]);
void peer_stop(struct peer *peer);

/* Lets it do what it is for, once. Returns -1 where it failed. */
int peer_run(struct peer *peer, struct peer_figures *figures);

#endif
