/* A function whose runs go on elsewhere, and take time to stop. */
#include "config.h"

#include "tests/engine.h"

#include "daemon/recur.h"
#include "tests/fake_loop.h"
#include "tests/unit.h"

size_t nstarts, nstops, npauses, nresumes;
const struct task *stopped[ENGINE_STOPS];
struct stop last_stop;

static void
engine_start(struct scheduler *s, struct task *task)
{
	(void)s;
	(void)task;
	nstarts++;
}

static void
engine_stop(struct scheduler *s, struct task *task, const struct stop *stop)
{
	(void)s;
	ck_assert_int_eq(task->state, TASK_RUNNING);
	if (nstops < ENGINE_STOPS)
		stopped[nstops] = task;
	nstops++;
	last_stop = *stop;
}

static void
engine_pause(struct scheduler *s, struct task *task)
{
	(void)s;
	ck_assert_int_eq(task->state, TASK_PAUSED);
	npauses++;
}

static void
engine_resume(struct scheduler *s, struct task *task)
{
	(void)s;
	ck_assert_int_eq(task->state, TASK_RUNNING);
	nresumes++;
}

static const struct function_arg no_args[] = {{.type = TYPE_END}};

const struct function fn_engine = {
    .name = "engine",
    .summary = "Runs elsewhere.",
    .args = no_args,
    .start = engine_start,
    .stop = engine_stop,
    .pause = engine_pause,
    .resume = engine_resume,
};

void
engine_setup(void)
{
	fake_loop_setup();
	nstarts = nstops = npauses = nresumes = 0;
	last_stop = (struct stop){0};
}

struct task *
engine(struct task *parent, enum task_scope scope, double timeout)
{
	const struct spawn spawn = {.function = &fn_engine,
	    .parent = parent,
	    .timeout = timeout,
	    .scope = scope,
	    .delay = -1};
	struct task *task = scheduler_spawn(scheduler, &spawn);

	settle();
	return task;
}

struct task *
plain(struct task *parent)
{
	return engine(parent, SCOPE_DETACH, FOREVER);
}

struct task *
interval(double seconds)
{
	struct spawn spawn = {.function = &fn_engine,
	    .parent = root,
	    .timeout = FOREVER,
	    .recurrence = recur_new(RECUR_INTERVAL, seconds)};
	struct task *task;

	spawn.recurrence->immediate = true;
	recur_prepare(scheduler, &spawn);
	task = scheduler_spawn(scheduler, &spawn);
	settle();
	return task;
}

void
finish(struct task *task)
{
	scheduler_finish(scheduler, task, TASK_DONE, "1");
	settle();
}

size_t
cancel_with(struct task *task, const struct cancel *cancel)
{
	uint64_t ids[8];
	size_t count = scheduler_cancel(scheduler, task, cancel, ids, 8);

	check_counts();
	return count;
}

size_t
cancel(struct task *task)
{
	return cancel_with(task, &(struct cancel){.reason = "\"enough\""});
}
