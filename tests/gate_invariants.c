/* What must hold of pools and dependencies between two turns. */
#include "config.h"

#include "tests/gate_invariants.h"

#include <stdio.h>

/* The first condition that does not hold is what is said. */
#define require(condition) \
	do { \
		if (!(condition)) \
			return "not so: " #condition; \
	} while (0)

/* What is counted on the way. */
struct census {
	size_t users, holders, queued, pending;
};

static bool
is_paused(const struct gate *gate)
{
	return gate->task->pause != NULL;
}

static enum task_state
state_of(const struct gate *gate)
{
	return is_paused(gate) ? gate->task->pause->state :
				 (enum task_state)gate->task->state;
}

static const char *
check_queue(const struct pool *pool)
{
	const struct gate *gate;
	uint64_t ticket = 0;
	size_t count = 0;
	bool passed_over = true;

	TAILQ_FOREACH (gate, &pool->queue, entry) {
		require(gate->pool == pool);
		require(gate->step == GATE_QUEUED);
		require(task_is_live(gate->task));
		require(state_of(gate) == TASK_WAITING);
		require(gate->ticket > ticket);
		ticket = gate->ticket;
		passed_over &= gate != pool->next;
		require(!passed_over || is_paused(gate));
		count++;
	}
	require(count == pool->nqueued);
	return NULL;
}

static const char *
check_holders(const struct pool *pool)
{
	const struct gate *gate;
	uint64_t used = 0;
	size_t count = 0;

	TAILQ_FOREACH (gate, &pool->holders, entry) {
		require(gate->pool == pool);
		require(gate->step == GATE_HOLDS);
		require(task_is_live(gate->task));
		used += gate->weight;
		count++;
	}
	require(used == pool->used);
	require(count == pool->nholders);
	return NULL;
}

/* Nobody could run who does not. */
static const char *
check_next(const struct pool *pool)
{
	if (pool->busy || pool->next == NULL)
		return NULL;
	require(!is_paused(pool->next));
	require(pool->size == 0 || pool->used > 0);
	require(
	    pool->size == 0 || pool->used + pool->next->weight > pool->size);
	return NULL;
}

static const char *
check_pool(
    const struct pools *pools, const struct pool *pool, struct census *census)
{
	const char *wrong = check_queue(pool);

	if (wrong == NULL)
		wrong = check_holders(pool);
	if (wrong == NULL)
		wrong = check_next(pool);
	if (wrong != NULL)
		return wrong;
	require(pools_find(pools, pool->name) == pool);
	require(pool->users > 0 || pool->size != pools->size);
	require(pool->users >= pool->nqueued + pool->nholders);
	census->users += pool->users;
	census->queued += pool->nqueued;
	census->holders += pool->nholders;
	return NULL;
}

static const char *
check_gate(const struct gate *gate, struct census *census)
{
	bool live = task_is_live(gate->task);

	require(gate->task->gate == gate);
	require((gate->pool != NULL) == (live && gate->pool_name[0] != '\0'));
	require(live || gate->step == GATE_OPEN);
	require(live || gate->awaited == NULL);
	require((gate->step == GATE_AFTER) == (gate->pending > 0));
	require(gate->pending > 0 || gate->after == NULL);
	require(gate->step != GATE_AFTER || state_of(gate) == TASK_WAITING);
	census->users -= gate->pool != NULL;
	census->queued -= gate->step == GATE_QUEUED;
	census->holders -= gate->step == GATE_HOLDS;
	census->pending += gate->pending;
	return NULL;
}

const char *
gate_invariants_broken(struct gates *gates, struct scheduler *scheduler)
{
	const struct pools *pools = gates_pools(gates);
	const struct pool *pool;
	const struct task *task;
	const char *wrong = NULL;
	struct census census = {0};

	for (pool = pools->table; pool != NULL && wrong == NULL;
	     pool = pool->hh.next)
		wrong = check_pool(pools, pool, &census);
	if (wrong != NULL)
		return wrong;
	require(census.queued == pools->nqueued);
	for (task = tasks_first(scheduler_tasks(scheduler));
	     task != NULL && wrong == NULL; task = TAILQ_NEXT(task, in_order))
		if (task->gate != NULL)
			wrong = check_gate(task->gate, &census);
	if (wrong != NULL)
		return wrong;
	require(census.users == 0);
	require(census.queued == 0);
	require(census.holders == 0);
	require(census.pending == gates_pending(gates));
	return NULL;
}
