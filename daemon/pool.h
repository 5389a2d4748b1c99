/* Pools: named counts of slots, and who waits for them in turn. */
#ifndef DAEMON_POOL_H
#define DAEMON_POOL_H

#include "daemon/task.h"
#include "proto/hash.h"

TAILQ_HEAD(gate_list, gate);

struct pool {
	UT_hash_handle hh;
	uint64_t size;
	uint64_t used; /* weights of the holders: over the size where it
			  shrank, or where a heavy one runs alone */
	size_t users;  /* live tasks that name it */

	struct gate_list holders; /* in the order of their runs */
	struct gate_list queue;	  /* in the order of their tickets */
	size_t nholders, nqueued;
	/* The first in the queue that may not be paused: those before it are.
	   NULL: all are. */
	struct gate *next;

	bool busy; /* it has to be looked at again */
	TAILQ_ENTRY(pool) entry;
	char name[];
};

struct pools {
	struct pool *table; /* by name, in the order they were made */
	uint64_t size;	    /* of one that was never set */
	uint64_t last_ticket;
	size_t nqueued;
	TAILQ_HEAD(, pool) busy;
	/* A run may begin: `gate` holds its slots from now on. */
	void (*grant)(void *arg, struct gate *gate);
	/* pools_run is to be called from the loop. */
	void (*wake)(void *arg);
	void *arg;
};

void pools_create(struct pools *pools, uint64_t size,
    void (*grant)(void *arg, struct gate *gate), void (*wake)(void *arg),
    void *arg);
void pools_destroy(struct pools *pools);

/* NULL where there is none, which is as one of the default size that no task
   uses. */
struct pool *pools_find(const struct pools *pools, const char *name);
size_t pools_count(const struct pools *pools);

/*
 * Makes it where it is missing. It goes when nobody uses it any more and it
 * has the default size: each use is to be ended, but that of pool_resize.
 */
struct pool *pool_use(struct pools *pools, const char *name);
void pool_end_use(struct pools *pools, struct pool *pool);
void pool_resize(struct pools *pools, const char *name, uint64_t size);

/* To the end of its pool's queue; it may be granted before this returns. */
void pool_join(struct pools *pools, struct gate *gate);

/* Out of the queue, or its slots are given back. O(1). */
void pool_leave(struct pools *pools, struct gate *gate);

/* One in the queue was paused: it keeps its place, but others go past. Or it
   was resumed. O(1). */
void pool_hold(struct pools *pools, struct gate *gate);

/* Grants what many are owed, up to `most` of them. True where there are more.
 */
bool pools_run(struct pools *pools, size_t most);

/* Its turn among those that are not paused, from 1; O(queue). */
size_t pool_place(const struct gate *gate);

#endif
