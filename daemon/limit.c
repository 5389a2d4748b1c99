/* What ends a task, or one run of it, in time. */
#include "config.h"

#include "daemon/scheduler_impl.h"

#include <stddef.h>
#include <stdlib.h>

#include "proto/xalloc.h"

static struct task_limit *
limit_of(struct task *task)
{
	struct task_limit *limit = task->limit;

	if (limit == NULL) {
		limit = task->limit = xcalloc(1, sizeof *limit);
		limit->task = task;
		limit->seconds = limit->run_seconds = -1;
		limit->timer.kind = TIMER_TIMEOUT;
		limit->run_timer.kind = TIMER_RUN;
	}
	return limit;
}

void
limit_task(struct scheduler *s, struct task *task, double seconds)
{
	struct task_limit *limit = limit_of(task);

	limit->seconds = seconds;
	timer_set(s->timers, &limit->timer, timers_after(s->timers, seconds));
}

void
limit_runs(struct task *task, double seconds)
{
	limit_of(task)->run_seconds = seconds;
}

void
limit_run_begins(struct scheduler *s, struct task *task)
{
	struct task_limit *limit = task->limit;

	if (limit != NULL && limit->run_seconds >= 0)
		timer_set(s->timers, &limit->run_timer,
		    timers_after(s->timers, limit->run_seconds));
}

void
limit_run_ends(struct scheduler *s, struct task *task)
{
	if (task->limit != NULL)
		timer_cancel(s->timers, &task->limit->run_timer);
}

void
limit_ends(struct scheduler *s, struct task *task)
{
	limit_run_ends(s, task);
	if (task->limit != NULL)
		timer_cancel(s->timers, &task->limit->timer);
}

static void
timeout_cb(void *arg, struct timer *timer)
{
	struct task_limit *limit = (struct task_limit *)timer;
	const struct cancel cancel = {0};

	/* One that was cancelled alone only waits for its run, or for what is
	   below it. */
	if (!is_doomed(limit->task))
		doom(arg, limit->task, TASK_TIMEOUT, NULL, &stop_default);
	else if (limit->task->closing)
		cancel_below(arg, limit->task, &cancel);
}

/* A TimeoutError, as the wire has it: the scheduler knows no JSON but this. */
static char *
run_error(const struct task_limit *limit)
{
	return xasprintf("{\"code\":2,\"message\":\"the run was not over after "
			 "its run_timeout of %g s\",\"data\":{\"type\":"
			 "\"TimeoutError\"}}",
	    limit->run_seconds);
}

static void
run_timeout_cb(void *arg, struct timer *timer)
{
	struct scheduler *s = arg;
	struct task_limit *limit =
	    (struct task_limit *)(void *)((char *)timer -
					  offsetof(
					      struct task_limit, run_timer));
	struct task *task = limit->task;
	char *text = run_error(limit);

	if (has_run(task)) {
		stop_run(s, task, TASK_FAILED, text, &stop_default);
	} else {
		timer_cancel(s->timers, &task->wake);
		runqueue_remove(&s->runqueue, task);
		scheduler_finish(s, task, TASK_FAILED, text);
	}
	free(text);
}

void
limits_handle(struct scheduler *s)
{
	timers_handle(s->timers, TIMER_TIMEOUT, timeout_cb, s);
	timers_handle(s->timers, TIMER_RUN, run_timeout_cb, s);
}
