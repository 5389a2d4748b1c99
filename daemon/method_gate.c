/* The gates that a method which starts a task takes. */
#include "config.h"

#include "daemon/method_gate.h"

#include <stdlib.h>

#include "daemon/task.h"
#include "proto/error.h"
#include "proto/limits.h"
#include "proto/starters.h"
#include "proto/xalloc.h"

bool
method_gate_room(struct call *call, const char *pool)
{
	const struct pools *pools = gates_pools(call->daemon->gates);

	if (pools_count(pools) < LIMIT_POOLS || pools_find(pools, pool) != NULL)
		return true;
	call->error = error_new_limit("pools", LIMIT_POOLS);
	return false;
}

static int
read_pool(struct call *call, struct gate_wants *wants)
{
	const json_t *weight = call->params[SPAWN_WEIGHT];

	wants->pool = json_string_value(call->params[SPAWN_POOL]);
	wants->weight = (uint32_t)method_integer(weight, 1);
	if (wants->pool == NULL && weight != NULL)
		call->error =
		    error_new(ERROR_INVALID_PARAMS, "weight: goes with pool");
	else if (wants->pool != NULL)
		(void)method_gate_room(call, wants->pool);
	return call->error == NULL ? 0 : -1;
}

static size_t
count(const json_t *tasks)
{
	return json_is_array(tasks) ? json_array_size(tasks) : tasks != NULL;
}

static int
add(struct call *call, const json_t *which, bool ok, struct condition *after)
{
	after->task = method_task(call, which);
	after->ok = ok;
	return after->task == NULL ? -1 : 0;
}

/* The condition or conditions of one param, added to those there are. */
static int
add_all(struct call *call, const json_t *tasks, bool ok,
    struct condition *after, size_t *nafter)
{
	json_t *one;
	size_t i;

	if (tasks == NULL)
		return 0;
	if (!json_is_array(tasks))
		return add(call, tasks, ok, &after[(*nafter)++]);
	json_array_foreach (tasks, i, one)
		if (add(call, one, ok, &after[(*nafter)++]) == -1)
			return -1;
	return 0;
}

static int
read_after(struct call *call, struct gate_wants *wants)
{
	const json_t *ended = call->params[SPAWN_AFTER];
	const json_t *ok = call->params[SPAWN_AFTER_OK];
	size_t pending = gates_pending(call->daemon->gates);
	struct condition *after;

	if (count(ended) + count(ok) == 0)
		return 0;
	if (count(ended) + count(ok) > LIMIT_AFTER - pending) {
		call->error = error_new_limit("after", LIMIT_AFTER);
		return -1;
	}
	after = xcalloc(count(ended) + count(ok), sizeof *after);
	wants->after = after;
	if (add_all(call, ended, false, after, &wants->nafter) == -1)
		return -1;
	return add_all(call, ok, true, after, &wants->nafter);
}

int
method_gate_read(struct call *call, struct gate_wants *wants)
{
	*wants = (struct gate_wants){0};
	if (read_pool(call, wants) == -1)
		return -1;
	return read_after(call, wants);
}

int
method_gate_check(struct call *call, const struct gate_wants *wants,
    const struct task *parent)
{
	struct task **tasks;
	size_t i;

	if (wants->nafter == 0)
		return 0;
	tasks = xcalloc(wants->nafter, sizeof(struct task *));
	for (i = 0; i < wants->nafter; i++)
		tasks[i] = wants->after[i].task;
	call->error =
	    method_deadlock(call, NULL, parent, tasks, wants->nafter, false);
	free(tasks);
	return call->error == NULL ? 0 : -1;
}

void
method_gate_free(struct gate_wants *wants)
{
	free((void *)wants->after);
}

int
method_gate_again(
    struct call *call, const struct task *task, struct gate_wants *wants)
{
	const struct gate *gate = task->gate;

	*wants = (struct gate_wants){0};
	if (gate == NULL || gate->pool_name[0] == '\0')
		return 0;
	wants->pool = gate->pool_name;
	wants->weight = gate->weight;
	return method_gate_room(call, wants->pool) ? 0 : -1;
}
