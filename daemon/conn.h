/* Connections: bytes in and out of clients, their bounds and credentials. */
#ifndef DAEMON_CONN_H
#define DAEMON_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct caller;
struct conns;
struct daemon;
struct event_base;
struct task;

/* The bounds on clients. */
struct conn_limits {
	size_t message; /* bytes before the LF */
	size_t reply;	/* bytes of one reply */
	size_t queued;	/* bytes of output; more, and it is not read from */
	size_t waiting; /* requests and the tasks they wait for; likewise */
	size_t clients;
	size_t clients_per_uid;
};

/* The defaults, for a process that may have so many descriptors. */
struct conn_limits conn_default_limits(size_t descriptors);

/* `changed` is called whenever a connection has come, or has gone and given its
   descriptor back. */
struct conns *conns_new(struct daemon *daemon, struct event_base *base,
    const struct conn_limits *limits, void (*changed)(void *arg), void *arg);
void conns_delete(struct conns *conns);

/* Serves the client on that non-blocking descriptor (taken over), or tells
   it which limit is reached and closes. */
void conns_add(struct conns *conns, int fd);

/* The scheduler's hook: who was attached to the task is a client again. */
void conns_task_ended(struct conns *conns, const struct task *task);

/* Those that speak for the task: if it is a client's, that alone. The first, or
   the one after; NULL after the last. */
const struct caller *conns_speaker(const struct conns *conns,
    const struct task *task, const struct caller *after);

/* Answers what waits, flushes and closes each connection. `changed` tells when
 * conns_count is 0. */
void conns_shutdown(struct conns *conns);
size_t conns_count(const struct conns *conns);

#endif
