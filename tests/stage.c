/* A scheduler on a fake clock, and a function that does as a test says. */
#include "config.h"

#include "tests/stage.h"

#include "daemon/fn_basic.h"
#include "daemon/log.h"
#include "daemon/recur.h"
#include "proto/xalloc.h"

int64_t now;
struct timers *timers;
struct scheduler *scheduler;
size_t wakes;
void (*stage_ended)(struct task *task);
void (*stage_writes)(struct task *task, size_t length);

static void
actor_start(struct scheduler *s, struct task *task)
{
	scheduler_set_state(s, task, TASK_WAITING);
}

const struct function fn_actor = {
    .name = "actor",
    .summary = "Waits until a test ends it.",
    .start = actor_start,
};

const struct function fn_guest = {.name = "guest"};

static int64_t
fake_clock(void)
{
	return now;
}

static void
wake(void *arg)
{
	++*(size_t *)arg;
}

static void
ended(void *arg, struct task *task)
{
	(void)arg;
	if (stage_ended != NULL)
		stage_ended(task);
}

static void
writes(void *arg, struct task *task, size_t length)
{
	(void)arg;
	if (stage_writes != NULL)
		stage_writes(task, length);
}

static void
start(const struct scheduler_limits *limits)
{
	const struct scheduler_hooks hooks = {.wake = wake,
	    .ended = ended,
	    .writes = writes,
	    .run_ended = recur_run_ended,
	    .resumed = recur_resumed,
	    .begun = recur_begun,
	    .arg = &wakes};

	log_set_level(LOG_ERROR); /* failed runs are warned of */
	now = 1000 * NS_PER_SECOND;
	wakes = 0;
	stage_ended = NULL;
	stage_writes = NULL;
	timers = timers_new(fake_clock, NULL, NULL);
	tasks = tasks_new();
	scheduler = scheduler_new(tasks, timers, limits, &hooks, &fn_root);
	root = task_find(tasks, TASK_ROOT_ID);
}

void
stage_setup(void)
{
	start(&scheduler_default_limits);
}

void
stage_teardown(void)
{
	scheduler_delete(scheduler);
	tasks_delete(tasks);
	timers_delete(timers);
}

void
stage_restart(const struct scheduler_limits *limits)
{
	stage_teardown();
	start(limits);
}

struct task *
stage_spawn(const struct function *function, struct task *parent,
    enum task_scope scope, const char *args)
{
	const struct spawn spawn = {
	    .function = function,
	    .parent = parent,
	    .args = args == NULL ? NULL : xstrdup(args),
	    .timeout = -1,
	    .scope = scope,
	};

	return scheduler_spawn(scheduler, &spawn);
}

struct task *
stage_actor(struct task *parent, enum task_scope scope)
{
	struct task *task = stage_spawn(&fn_actor, parent, scope, NULL);

	stage_run();
	return task;
}

struct task *
stage_actor_with_timeout(enum task_scope scope, double timeout)
{
	const struct spawn spawn = {
	    .function = &fn_actor,
	    .parent = root,
	    .timeout = timeout,
	    .scope = scope,
	};
	struct task *task = scheduler_spawn(scheduler, &spawn);

	stage_run();
	return task;
}

void
stage_finish(struct task *task)
{
	scheduler_finish(scheduler, task, TASK_DONE, "null");
}

void
stage_cancel(struct task *task)
{
	scheduler_cancel(
	    scheduler, task, &(struct cancel){.only = false}, NULL, 0);
}

void
stage_run(void)
{
	(void)scheduler_run(scheduler, STAGE_ALL);
}

void
stage_advance(double seconds)
{
	now = timers_after(timers, seconds);
	timers_run(timers, STAGE_ALL);
	stage_run();
}
