/* Gates on the stage: actors in a pool, or after others. */
#include "config.h"

#include "tests/gate_stage.h"

#include "daemon/recur.h"
#include "tests/gate_invariants.h"
#include "tests/invariants.h"
#include "tests/unit.h"

struct gates *gates;
size_t gate_wakes;

static void
wake(void *arg)
{
	++*(size_t *)arg;
}

static void
start(void)
{
	gate_wakes = 0;
	gates = gates_new(scheduler, GATE_STAGE_SIZE, wake, &gate_wakes);
}

void
gate_stage_setup(void)
{
	stage_setup();
	start();
}

void
gate_stage_restart(const struct scheduler_limits *limits)
{
	gates_delete(gates);
	stage_restart(limits);
	start();
}

static void
check_all(void)
{
	ck_assert_pstr_eq(invariants_broken(scheduler), NULL);
	ck_assert_pstr_eq(gate_invariants_broken(gates, scheduler), NULL);
}

void
gate_stage_teardown(void)
{
	check_all();
	gates_delete(gates);
	stage_teardown();
}

void
settle(void)
{
	timers_run(timers, STAGE_ALL);
	ck_assert(!gates_run(gates, STAGE_ALL));
	stage_run();
	check_all();
}

/* --- spawning ------------------------------------------------------------ */

struct task *
spawn_gated(struct spawn *spawn, const struct gate_wants *wants)
{
	struct task *task;

	if (spawn->recurrence != NULL)
		recur_prepare(scheduler, spawn);
	task = gates_spawn(gates, spawn, wants);
	settle();
	return task;
}

struct spawn
plain(void)
{
	return (struct spawn){
	    .function = &fn_actor, .parent = root, .timeout = -1};
}

struct task *
in_pool(const char *pool, uint32_t weight)
{
	const struct gate_wants wants = {.pool = pool, .weight = weight};
	struct spawn spawn = plain();

	return spawn_gated(&spawn, &wants);
}

struct task *
recurring_in_pool(struct recurrence *recurrence)
{
	const struct gate_wants wants = {.pool = "p", .weight = 1};
	struct spawn spawn = plain();

	spawn.recurrence = recurrence;
	return spawn_gated(&spawn, &wants);
}

struct task *
after(struct task *first, bool ok, struct task *second, bool second_ok)
{
	const struct condition conditions[] = {
	    {first, ok}, {second, second_ok}};
	const struct gate_wants wants = {
	    .after = conditions, .nafter = second == NULL ? 1 : 2};
	struct spawn spawn = plain();

	return spawn_gated(&spawn, &wants);
}

void
end_failed(struct task *task)
{
	scheduler_finish(scheduler, task, TASK_FAILED, "{}");
	settle();
}

void
end_done(struct task *task)
{
	stage_finish(task);
	settle();
}

void
end_cancelled(struct task *task)
{
	stage_cancel(task);
	settle();
}

void
hold(struct task *task)
{
	scheduler_pause(scheduler, task, true, NULL, 0);
	settle();
}

void
let_go_on(struct task *task)
{
	scheduler_resume(scheduler, task, true, NULL, 0);
	settle();
}

void
resize(uint64_t size)
{
	pool_resize(gates_pools(gates), "p", size);
	settle();
}

const struct pool *
pool(void)
{
	return pools_find(gates_pools(gates), "p");
}

bool
runs(const struct task *task)
{
	return task_is_live(task) && task->gate->step == GATE_HOLDS &&
	       !task->fresh;
}

bool
queued(const struct task *task)
{
	return task_is_live(task) && task->gate->step == GATE_QUEUED;
}

bool
begun(const struct task *task)
{
	return task_is_live(task) && !task->fresh;
}

bool
waits_after(const struct task *task)
{
	return task_is_live(task) && task->gate->step == GATE_AFTER;
}
