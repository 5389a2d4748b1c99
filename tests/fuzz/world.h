/* A daemon as main makes it, but for its loop, and what must hold in it. */
#ifndef TESTS_FUZZ_WORLD_H
#define TESTS_FUZZ_WORLD_H

#include <stdbool.h>

#include "daemon/conn_impl.h"
#include "daemon/daemon.h"
#include "tests/ledger.h"

/* Connections at a time. */
#define WORLD_CLIENTS 3

/* The bounds are small, so that they bite. */
extern const struct conn_limits world_limits;

struct world {
	struct daemon daemon; /* first: methods know only that */
	struct event_base *base;
	struct timers *timers;
	struct tasks *tasks;
	struct conns *conns;
	struct ledger ledger;
	uint64_t cut; /* bits: the descriptors whose clients were cancelled */
	bool is_told_to_shut_down, is_shutting_down;
	bool is_still; /* no task runs, none is woken */
};

/* On a clock that begins anew. */
void world_create(struct world *world);
void world_destroy(struct world *world);

void world_shut_down(struct world *world);

/* Gives it a connection, taken over. */
void world_connect(struct world *world, int fd);

/* The connection of that descriptor; NULL where it is gone. */
const struct conn *world_conn(const struct world *world, int fd);

/* Whether it was ended from outside: by the end of its client task. */
bool world_has_cut(const struct world *world, int fd);

/* One turn of the daemon's loop. */
void world_turn(struct world *world);

/* Ends the process where something in it is not as it must be. */
void world_check(const struct world *world);

#endif
