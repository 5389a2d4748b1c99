/* Pools: named counts of slots, and who waits for them in turn. */
#include "config.h"

#include "daemon/pool.h"

#include <stdlib.h>
#include <string.h>

#include "proto/xalloc.h"

/* Granted, or passed over, at once; the rest follows from the loop. */
#define BATCH 64

void
pools_create(struct pools *pools, uint64_t size,
    void (*grant)(void *arg, struct gate *gate), void (*wake)(void *arg),
    void *arg)
{
	memset(pools, 0, sizeof *pools);
	pools->size = size;
	TAILQ_INIT(&pools->busy);
	pools->grant = grant;
	pools->wake = wake;
	pools->arg = arg;
}

static void
pool_delete(struct pools *pools, struct pool *pool)
{
	if (pool->busy)
		TAILQ_REMOVE(&pools->busy, pool, entry);
	HASH_DEL(pools->table, pool);
	free(pool);
}

void
pools_destroy(struct pools *pools)
{
	while (pools->table != NULL)
		pool_delete(pools, pools->table);
}

struct pool *
pools_find(const struct pools *pools, const char *name)
{
	struct pool *pool;

	HASH_FIND_STR(pools->table, name, pool);
	return pool;
}

size_t
pools_count(const struct pools *pools)
{
	return HASH_COUNT(pools->table);
}

static struct pool *
pool_new(struct pools *pools, const char *name)
{
	size_t length = strlen(name);
	struct pool *pool = xcalloc(1, sizeof *pool + length + 1);

	pool->size = pools->size;
	TAILQ_INIT(&pool->holders);
	TAILQ_INIT(&pool->queue);
	memcpy(pool->name, name, length + 1);
	HASH_ADD_KEYPTR(hh, pools->table, pool->name, length, pool);
	return pool;
}

struct pool *
pool_use(struct pools *pools, const char *name)
{
	struct pool *pool = pools_find(pools, name);

	if (pool == NULL)
		pool = pool_new(pools, name);
	pool->users++;
	return pool;
}

void
pool_end_use(struct pools *pools, struct pool *pool)
{
	if (--pool->users == 0 && pool->size == pools->size)
		pool_delete(pools, pool);
}

/* One that is heavier than the pool runs alone. */
static bool
fits(const struct pool *pool, const struct gate *gate)
{
	return pool->size > 0 &&
	       (pool->used == 0 || pool->used + gate->weight <= pool->size);
}

static void
leave_queue(struct pools *pools, struct gate *gate)
{
	struct pool *pool = gate->pool;

	if (pool->next == gate)
		pool->next = TAILQ_NEXT(gate, entry);
	TAILQ_REMOVE(&pool->queue, gate, entry);
	pool->nqueued--;
	pools->nqueued--;
}

static void
grant(struct pools *pools, struct gate *gate)
{
	struct pool *pool = gate->pool;

	leave_queue(pools, gate);
	TAILQ_INSERT_TAIL(&pool->holders, gate, entry);
	pool->nholders++;
	pool->used += gate->weight;
	gate->step = GATE_HOLDS;
	pools->grant(pools->arg, gate);
}

static void
look_again(struct pools *pools, struct pool *pool)
{
	if (pool->busy)
		return;
	if (TAILQ_EMPTY(&pools->busy))
		pools->wake(pools->arg);
	TAILQ_INSERT_TAIL(&pools->busy, pool, entry);
	pool->busy = true;
}

/* Who is next is granted, or waited for: nobody overtakes it. */
static void
serve(struct pools *pools, struct pool *pool, size_t *most)
{
	struct gate *gate;

	while ((gate = pool->next) != NULL) {
		bool paused = gate->task->pause != NULL;

		if (!paused && !fits(pool, gate))
			return;
		if (*most == 0) {
			look_again(pools, pool);
			return;
		}
		--*most;
		if (paused)
			pool->next = TAILQ_NEXT(gate, entry);
		else
			grant(pools, gate);
	}
}

static void
serve_some(struct pools *pools, struct pool *pool)
{
	size_t most = BATCH;

	serve(pools, pool, &most);
}

bool
pools_run(struct pools *pools, size_t most)
{
	struct pool *pool;

	while (most > 0 && (pool = TAILQ_FIRST(&pools->busy)) != NULL) {
		TAILQ_REMOVE(&pools->busy, pool, entry);
		pool->busy = false;
		serve(pools, pool, &most);
	}
	return !TAILQ_EMPTY(&pools->busy);
}

void
pool_resize(struct pools *pools, const char *name, uint64_t size)
{
	struct pool *pool = pool_use(pools, name);

	pool->size = size;
	serve_some(pools, pool);
	pool_end_use(pools, pool);
}

void
pool_join(struct pools *pools, struct gate *gate)
{
	struct pool *pool = gate->pool;

	gate->step = GATE_QUEUED;
	gate->ticket = ++pools->last_ticket;
	TAILQ_INSERT_TAIL(&pool->queue, gate, entry);
	pool->nqueued++;
	pools->nqueued++;
	if (pool->next == NULL)
		pool->next = gate;
	serve_some(pools, pool);
}

void
pool_leave(struct pools *pools, struct gate *gate)
{
	struct pool *pool = gate->pool;

	if (gate->step == GATE_HOLDS) {
		TAILQ_REMOVE(&pool->holders, gate, entry);
		pool->nholders--;
		pool->used -= gate->weight;
	} else {
		leave_queue(pools, gate);
	}
	gate->step = GATE_OPEN;
	serve_some(pools, pool);
}

void
pool_hold(struct pools *pools, struct gate *gate)
{
	struct pool *pool = gate->pool;

	if (gate->task->pause == NULL &&
	    (pool->next == NULL || gate->ticket < pool->next->ticket))
		pool->next = gate;
	serve_some(pools, pool);
}

size_t
pool_place(const struct gate *gate)
{
	const struct gate *other;
	size_t place = 1;

	TAILQ_FOREACH (other, &gate->pool->queue, entry) {
		if (other == gate)
			break;
		place += other->task->pause == NULL;
	}
	return place;
}
