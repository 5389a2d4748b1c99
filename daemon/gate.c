/* Gates: what must be true before a task is ready. */
#include "config.h"

#include "daemon/gate.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "proto/xalloc.h"

/* One task that another comes after. */
struct dependency {
	TAILQ_ENTRY(dependency) entry;
	struct gate *gate; /* of the one that waits */
	struct awaited *awaited;
	bool ok;
};

/* A task that others come after; once it has ended they are told by and by, in
   the order in which they were spawned. */
struct awaited {
	STAILQ_ENTRY(awaited) entry;
	TAILQ_HEAD(, dependency) dependencies;
	uint64_t task;
	enum task_state state;
};

struct gates {
	struct scheduler *scheduler;
	struct pools pools;
	STAILQ_HEAD(, awaited) ended;
	size_t pending;
	void (*wake)(void *arg);
	void *wake_arg;
};

static void
wake(void *arg)
{
	struct gates *gates = arg;

	gates->wake(gates->wake_arg);
}

/* --- what the scheduler tells -------------------------------------------- */

static void
grant(void *arg, struct gate *gate)
{
	struct gates *gates = arg;

	scheduler_pass(gates->scheduler, gate->task);
}

static void
due(void *arg, struct task *task)
{
	struct gates *gates = arg;
	struct gate *gate = task->gate;

	if (gate->pool == NULL) {
		scheduler_pass(gates->scheduler, task);
		return;
	}
	gate->since = task_wall_clock();
	pool_join(&gates->pools, gate);
}

static void
held(void *arg, struct task *task)
{
	struct gates *gates = arg;

	if (task->gate->step == GATE_QUEUED)
		pool_hold(&gates->pools, task->gate);
}

/* The gate's last one takes its place in memory. */
static void
pass_dependency(struct gates *gates, struct dependency *dependency)
{
	struct gate *gate = dependency->gate;
	struct dependency *last = &gate->after[--gate->pending];

	gates->pending--;
	TAILQ_REMOVE(&dependency->awaited->dependencies, dependency, entry);
	if (dependency == last)
		return;
	/* NOLINTNEXTLINE: it is one of those pending */
	dependency->awaited = last->awaited;
	dependency->ok = last->ok;
	TAILQ_INSERT_BEFORE(last, dependency, entry);
	TAILQ_REMOVE(&last->awaited->dependencies, last, entry);
}

/* Also those that are not passed, where the task ends before. */
static void
forget_dependencies(struct gates *gates, struct gate *gate)
{
	while (gate->pending > 0)
		pass_dependency(gates, &gate->after[gate->pending - 1]);
	free(gate->after);
	gate->after = NULL;
	gate->step = GATE_OPEN;
}

static void
left(void *arg, struct task *task)
{
	struct gates *gates = arg;
	struct gate *gate = task->gate;

	if (gate->step == GATE_AFTER)
		forget_dependencies(gates, gate);
	else if (gate->step != GATE_OPEN)
		pool_leave(&gates->pools, gate);
}

static void
add_ended(struct gates *gates, struct awaited *awaited, const struct task *task)
{
	awaited->state = (enum task_state)task->state;
	if (STAILQ_EMPTY(&gates->ended))
		wake(gates);
	STAILQ_INSERT_TAIL(&gates->ended, awaited, entry);
}

static void
ended(void *arg, struct task *task)
{
	struct gates *gates = arg;
	struct gate *gate = task->gate;

	if (gate->awaited != NULL)
		add_ended(gates, gate->awaited, task);
	gate->awaited = NULL;
	if (gate->pool != NULL)
		pool_end_use(&gates->pools, gate->pool);
	gate->pool = NULL;
}

/* --- spawning ------------------------------------------------------------ */

static struct gate *
gate_new(const char *pool)
{
	size_t length = pool == NULL ? 0 : strlen(pool);
	struct gate *gate = xcalloc(1, sizeof *gate + length + 1);

	if (pool != NULL)
		memcpy(gate->pool_name, pool, length);
	return gate;
}

static struct awaited *
awaited_new(const struct task *task)
{
	struct awaited *awaited = xcalloc(1, sizeof *awaited);

	TAILQ_INIT(&awaited->dependencies);
	awaited->task = task->id;
	return awaited;
}

static struct awaited *
awaited_of(struct task *task)
{
	if (task->gate == NULL) {
		task->gate = gate_new(NULL);
		task->gate->task = task;
	}
	if (task->gate->awaited == NULL)
		task->gate->awaited = awaited_new(task);
	return task->gate->awaited;
}

static void
depend(
    struct gates *gates, struct gate *gate, const struct condition *condition)
{
	struct dependency *dependency = &gate->after[gate->pending];
	struct task *task = condition->task;
	struct awaited *awaited;

	if (task_is_live(task)) {
		awaited = awaited_of(task);
	} else if (condition->ok && task->state != TASK_DONE) {
		/* So that it is cancelled on a later turn, as all others. */
		awaited = awaited_new(task);
		add_ended(gates, awaited, task);
	} else {
		return;
	}
	dependency->gate = gate;
	dependency->awaited = awaited;
	dependency->ok = condition->ok;
	TAILQ_INSERT_TAIL(&awaited->dependencies, dependency, entry);
	gate->pending++;
	gates->pending++;
}

static void
depend_all(
    struct gates *gates, struct gate *gate, const struct gate_wants *wants)
{
	size_t i;

	gate->after = xcalloc(wants->nafter, sizeof gate->after[0]);
	gate->step = GATE_AFTER;
	gate->since = task_wall_clock();
	for (i = 0; i < wants->nafter; i++)
		depend(gates, gate, &wants->after[i]);
}

static void
begin_if_passed(struct gates *gates, struct gate *gate)
{
	if (gate->pending > 0)
		return;
	forget_dependencies(gates, gate);
	scheduler_begin(gates->scheduler, gate->task, gate->delay);
}

struct task *
gates_spawn(struct gates *gates, const struct spawn *spawn,
    const struct gate_wants *wants)
{
	struct gate *gate = gate_new(wants->pool);
	struct spawn gated = *spawn;
	struct task *task;

	gated.gate = gate;
	task = scheduler_spawn(gates->scheduler, &gated);
	if (task == NULL)
		return NULL;
	gate->task = task;
	gate->weight = wants->weight;
	gate->delay = spawn->delay;
	if (wants->pool != NULL)
		gate->pool = pool_use(&gates->pools, wants->pool);
	if (wants->nafter > 0)
		depend_all(gates, gate, wants);
	begin_if_passed(gates, gate);
	scheduler_note_gated(gates->scheduler, task);
	return task;
}

/* --- from the loop ------------------------------------------------------- */

/* It was to come after a task that did not end done. */
static void
cancel(struct gates *gates, struct task *task, const struct awaited *cause)
{
	char *text = xasprintf("{\"task\":%" PRIu64 ",\"state\":\"%s\"}",
	    cause->task, task_state_name(cause->state));

	scheduler_end(gates->scheduler, task, TASK_CANCELLED, text);
	free(text);
}

static void
tell(struct gates *gates, struct dependency *dependency)
{
	const struct awaited *awaited = dependency->awaited;
	struct gate *gate = dependency->gate;
	bool stands = !dependency->ok || awaited->state == TASK_DONE;

	pass_dependency(gates, dependency);
	if (stands)
		begin_if_passed(gates, gate);
	else
		cancel(gates, gate->task, awaited);
}

bool
gates_run(struct gates *gates, size_t most)
{
	struct awaited *awaited;
	struct dependency *dependency;

	while ((awaited = STAILQ_FIRST(&gates->ended)) != NULL) {
		while ((dependency = TAILQ_FIRST(&awaited->dependencies)) !=
		       NULL) {
			if (most-- == 0)
				return true;
			tell(gates, dependency);
		}
		STAILQ_REMOVE_HEAD(&gates->ended, entry);
		free(awaited);
	}
	return pools_run(&gates->pools, most);
}

/* --- all of them --------------------------------------------------------- */

struct gates *
gates_new(struct scheduler *scheduler, uint64_t size, void (*wake_fn)(void *),
    void *arg)
{
	struct gates *gates = xcalloc(1, sizeof *gates);
	const struct scheduler_gates told = {
	    .due = due,
	    .held = held,
	    .left = left,
	    .ended = ended,
	    .arg = gates,
	};

	gates->scheduler = scheduler;
	gates->wake = wake_fn;
	gates->wake_arg = arg;
	STAILQ_INIT(&gates->ended);
	pools_create(&gates->pools, size, grant, wake, gates);
	scheduler_set_gates(scheduler, &told);
	return gates;
}

void
gates_delete(struct gates *gates)
{
	struct awaited *awaited;

	while ((awaited = STAILQ_FIRST(&gates->ended)) != NULL) {
		STAILQ_REMOVE_HEAD(&gates->ended, entry);
		free(awaited);
	}
	pools_destroy(&gates->pools);
	free(gates);
}

struct pools *
gates_pools(struct gates *gates)
{
	return &gates->pools;
}

size_t
gates_pending(const struct gates *gates)
{
	return gates->pending;
}

size_t
gate_pending(const struct gate *gate, uint64_t *ids, size_t most)
{
	size_t i;

	for (i = 0; i < gate->pending && i < most; i++)
		ids[i] = gate->after[i].awaited->task;
	return i;
}
