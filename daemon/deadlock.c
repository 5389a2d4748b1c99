/* Waits that could never end: who waits for whom, around a cycle. */
#include "config.h"

#include "daemon/deadlock.h"

#include <inttypes.h>
#include <stdint.h>

#include "daemon/function.h"
#include "daemon/gate.h"
#include "daemon/task.h"
#include "daemon/waiter.h"
#include "proto/error.h"

/* Tasks that are looked at, waits of theirs, and ancestors of one. */
#define MOST 1000

/* Rounds until nothing changes: as a rule it is two. */
#define ROUNDS 32

/*
 * First all that is reached from what is to be waited for is thought stuck,
 * then whatever has a way out is not, and so on until nothing changes. What is
 * left waits only for what is left. A task that is not among the nodes is not
 * stuck: it waits for nothing, or too far away.
 */
struct node {
	const struct task *task;
	size_t begin, end;	 /* of its waits */
	const struct pool *pool; /* that it is queued in; NULL: none */
	bool is_self; /* who waits, or who waits for that one to end */
	bool stuck;
};

struct search {
	const struct deadlock *deadlock;
	const struct deadlock_wait *wait;
	size_t from;	 /* whose waits are being added */
	size_t ntargets; /* the nodes of what is to be waited for are first */
	size_t nnodes, nwaits, nlooked;
	struct node *nodes;
	size_t *waits; /* for that node */
};

static bool
is_client(const struct task *task)
{
	return task->function->summary == NULL;
}

static bool
is_below(const struct task *task, const struct task *top)
{
	size_t i;

	for (i = 0; task != NULL && i < MOST; i++, task = task->parent)
		if (task == top)
			return true;
	return false;
}

/* --- the nodes ----------------------------------------------------------- */

static bool
is_self(const struct search *s, const struct task *task)
{
	if (task == s->wait->self)
		return true;
	return task->scope == SCOPE_WAIT && is_below(s->wait->parent, task);
}

static size_t
find(const struct search *s, const struct task *task)
{
	size_t i;

	for (i = 0; i < s->nnodes && s->nodes[i].task != task; i++)
		continue;
	return i;
}

/* Of most tasks it is seen at once that they wait for none. */
static bool
may_wait(const struct search *s, const struct task *task)
{
	if (!task_is_live(task))
		return false;
	return task == s->wait->self || task->scope == SCOPE_WAIT ||
	       (task->gate != NULL && task->gate->step != GATE_OPEN) ||
	       s->deadlock->speaker(s->deadlock->arg, task, NULL) != NULL;
}

/* The node of a task, made where it is missing; MOST: it has none. */
static size_t
reach(struct search *s, const struct task *task)
{
	size_t i;

	if (!may_wait(s, task))
		return MOST;
	i = find(s, task);
	if (i == s->nnodes && i < MOST)
		s->nodes[s->nnodes++] = (struct node){
		    .task = task, .is_self = is_self(s, task), .stuck = true};
	return i;
}

/* --- their waits --------------------------------------------------------- */

/* False where enough has been looked at. */
static bool
add_wait(struct search *s, const struct task *task)
{
	size_t to;

	if (s->nlooked++ >= MOST)
		return false;
	if (is_client(task) && !is_below(s->nodes[s->from].task, task))
		return true;
	to = reach(s, task);
	if (to < MOST)
		s->waits[s->nwaits++] = to;
	return true;
}

static bool
add_join(void *arg, uint64_t id)
{
	struct search *s = arg;
	const struct task *task = task_find(s->deadlock->tasks, id);

	return task == NULL || add_wait(s, task);
}

static void
add_joins(struct search *s, const struct task *task)
{
	const struct deadlock *d = s->deadlock;
	const struct caller *caller = NULL;

	while ((caller = d->speaker(d->arg, task, caller)) != NULL)
		if (!waiters_each_join(caller, add_join, s))
			return;
}

static void
add_after(struct search *s, const struct gate *gate)
{
	uint64_t ids[MOST];
	size_t i, count = gate_pending(gate, ids, MOST);

	for (i = 0; i < count && add_join(s, ids[i]); i++)
		continue;
}

static void
add_children(struct search *s, const struct task *task)
{
	const struct task *child;

	TAILQ_FOREACH (child, &task->children, sibling)
		if (!add_wait(s, child))
			return;
}

/* They become nodes; which of them hold the pool up is seen by weigh. */
static void
reach_holders(struct search *s, const struct pool *pool)
{
	const struct gate *gate;

	TAILQ_FOREACH (gate, &pool->holders, entry) {
		if (s->nlooked++ >= MOST)
			return;
		(void)reach(s, gate->task);
	}
}

static void
expand(struct search *s, size_t i)
{
	struct node *node = &s->nodes[i];
	const struct task *task = node->task;
	const struct gate *gate = task->gate;

	if (node->is_self)
		return;
	s->from = i;
	node->begin = s->nwaits;
	add_joins(s, task);
	if (task->scope == SCOPE_WAIT)
		add_children(s, task);
	if (gate != NULL && gate->step == GATE_AFTER)
		add_after(s, gate);
	if (gate != NULL && gate->step == GATE_QUEUED) {
		node->pool = gate->pool;
		reach_holders(s, gate->pool);
	}
	node->end = s->nwaits;
}

/* --- which of them are stuck --------------------------------------------- */

static bool
holds(const struct node *node, const struct pool *pool)
{
	const struct gate *gate = node->task->gate;

	return gate != NULL && gate->step == GATE_HOLDS && gate->pool == pool;
}

/* Whether what stuck tasks hold is too much for it, or for who is first. One
   that is drained is as it was asked to be. */
static bool
is_held_up(const struct search *s, const struct node *node)
{
	const struct pool *pool = node->pool;
	uint64_t held = 0, weight;
	size_t i;

	if (pool == NULL || pool->size == 0)
		return false;
	for (i = 0; i < s->nnodes; i++)
		if (s->nodes[i].stuck && holds(&s->nodes[i], pool))
			held += s->nodes[i].task->gate->weight;
	weight = node->task->gate->weight;
	if (pool->next != NULL &&
	    pool->next->ticket < node->task->gate->ticket &&
	    pool->next->weight > weight)
		weight = pool->next->weight;
	return held > 0 && held + weight > pool->size;
}

static bool
waits_for_stuck(const struct search *s, const struct node *node)
{
	size_t i;

	for (i = node->begin; i < node->end; i++)
		if (s->nodes[s->waits[i]].stuck)
			return true;
	return false;
}

/* Those found last are looked at first: others wait for them. */
static bool
free_some(struct search *s)
{
	bool changed = false;
	size_t i;

	for (i = s->nnodes; i-- > 0;) {
		struct node *node = &s->nodes[i];

		if (!node->stuck || node->is_self || waits_for_stuck(s, node) ||
		    is_held_up(s, node))
			continue;
		node->stuck = false;
		changed = true;
	}
	return changed;
}

/* False where that would take too long. */
static bool
free_those_with_a_way_out(struct search *s)
{
	int round;

	for (round = 0; round < ROUNDS; round++)
		if (!free_some(s))
			return true;
	return false;
}

/* --- the answer ---------------------------------------------------------- */

/* The one that closes the cycle, if there is a choice. */
static size_t
better(const struct search *s, size_t one, size_t other)
{
	if (!s->nodes[other].stuck)
		return one;
	return one == MOST || s->nodes[other].is_self ? other : one;
}

/* A stuck one that it waits for, or that holds its pool up. */
static size_t
follow(const struct search *s, const struct node *node)
{
	size_t i, next = MOST;

	for (i = node->begin; i < node->end; i++)
		next = better(s, next, s->waits[i]);
	for (i = 0; i < s->nnodes; i++)
		if (holds(&s->nodes[i], node->pool))
			next = better(s, next, i);
	return next;
}

static void
add_id(json_t *cycle, const struct task *task)
{
	json_array_append_new(cycle, json_integer((json_int_t)task->id));
}

/* From who waits, along what is stuck, until it meets itself. */
static json_t *
describe_cycle(struct search *s, size_t first)
{
	json_t *cycle = json_array();
	size_t i = first;

	if (s->wait->self != NULL)
		add_id(cycle, s->wait->self);
	while (i < MOST && s->nodes[i].stuck &&
	       s->nodes[i].task != s->wait->self) {
		add_id(cycle, s->nodes[i].task);
		s->nodes[i].stuck = s->nodes[i].is_self;
		i = s->nodes[i].is_self ? MOST : follow(s, &s->nodes[i]);
	}
	return cycle;
}

static json_t *
refuse(struct search *s, const struct task *task)
{
	size_t first = find(s, task);
	json_t *error;

	if (task == s->wait->self)
		error = error_new(
		    ERROR_DEADLOCK, "a task that joins itself could never end");
	else
		error = error_new(ERROR_DEADLOCK,
		    "that could never end: task %" PRIu64 " itself waits for "
		    "the one that is to wait for it",
		    task->id);
	error_set_data(error, "cycle", describe_cycle(s, first));
	return error;
}

static bool
is_stuck(const struct search *s, const struct task *task)
{
	size_t i = find(s, task);

	return i < s->nnodes && s->nodes[i].stuck;
}

/* Of several that are all needed, one; of those of which one is enough, the
   first if all are. */
static const struct task *
find_stuck(const struct search *s)
{
	const struct deadlock_wait *wait = s->wait;
	size_t i;

	if (!wait->any) {
		for (i = 0; i < s->ntargets; i++)
			if (s->nodes[i].stuck)
				return s->nodes[i].task;
		return NULL;
	}
	for (i = 0; i < wait->count; i++)
		if (wait->tasks[i] == wait->self)
			return wait->self;
	for (i = 0; i < wait->count; i++)
		if (i == MOST || !is_stuck(s, wait->tasks[i]))
			return NULL;
	return wait->tasks[0];
}

static void
reach_target(struct search *s, const struct task *task)
{
	if (!may_wait(s, task) || s->nlooked++ >= MOST)
		return;
	if (!is_client(task) || task == s->wait->self ||
	    is_below(s->wait->self, task))
		(void)reach(s, task);
}

static const struct task *
search(struct search *s)
{
	size_t i;

	for (i = 0; i < s->wait->count; i++)
		reach_target(s, s->wait->tasks[i]);
	s->ntargets = s->nnodes;
	s->nlooked = 0;
	for (i = 0; i < s->nnodes; i++)
		expand(s, i);
	return free_those_with_a_way_out(s) ? find_stuck(s) : NULL;
}

static bool
may_any_wait(const struct search *s)
{
	size_t i;

	for (i = 0; i < s->wait->count; i++)
		if (may_wait(s, s->wait->tasks[i]))
			return true;
	return false;
}

json_t *
deadlock_check(
    const struct deadlock *deadlock, const struct deadlock_wait *wait)
{
	static struct node nodes[MOST];
	static size_t waits[MOST];
	struct search s = {
	    .deadlock = deadlock, .wait = wait, .nodes = nodes, .waits = waits};
	const struct task *stuck;
	json_t *error = NULL;

	if (!may_any_wait(&s))
		return NULL;
	stuck = search(&s);
	if (stuck != NULL)
		error = refuse(&s, stuck);
	return error;
}
