/* What holds a task: its sleep and its timeout stand still until it is
   resumed. */
#include "config.h"

#include "daemon/scheduler_impl.h"

#include <stdlib.h>

#include "daemon/function.h"
#include "proto/xalloc.h"

bool
pauses_children(const struct task *task)
{
	return task->pause != NULL && task->pause->subtree;
}

void
drop_pause(struct task *task)
{
	free(task->pause);
	task->pause = NULL;
}

/* Stops the timer; returns what was left of it, in ns; -1 where it was not
   set. */
static int64_t
hold(struct scheduler *s, struct timer *timer, int64_t now)
{
	if (!timer_is_set(timer))
		return -1;
	timer_cancel(s->timers, timer);
	return timer->deadline > now ? timer->deadline - now : 0;
}

void
pause_task(struct scheduler *s, struct task *task, bool subtree)
{
	int64_t now = timers_now(s->timers);
	struct pause *pause = xcalloc(1, sizeof *pause);

	pause->state = (enum task_state)task->state;
	pause->subtree = subtree;
	pause->since = now;
	pause->wall_since = task_wall_clock();
	pause->wake_left = hold(s, &task->wake, now);
	if (task->limit != NULL) {
		pause->timeout_left = hold(s, &task->limit->timer, now);
		pause->run_left = hold(s, &task->limit->run_timer, now);
	}
	runqueue_remove(&s->runqueue, task);
	task->pause = pause;
	scheduler_set_state(s, task, TASK_PAUSED);
	if (pause->state == TASK_RUNNING)
		task->function->pause(s, task);
	if (task->gate != NULL)
		s->gates.held(s->gates.arg, task);
}

/* Sets it so that what was left of it is left. */
static void
let_go_on(struct scheduler *s, struct timer *timer, int64_t now, int64_t left)
{
	if (left >= 0)
		timer_set(s->timers, timer, now + left);
}

void
unpause(struct scheduler *s, struct task *task)
{
	int64_t now = timers_now(s->timers);
	struct pause pause;

	if (task->pause == NULL)
		return;
	pause = *task->pause;
	drop_pause(task);
	scheduler_set_state(s, task, pause.state);
	if (task->recurrence != NULL)
		s->hooks.resumed(task, now - pause.since);
	if (task->limit != NULL) {
		let_go_on(s, &task->limit->timer, now, pause.timeout_left);
		let_go_on(s, &task->limit->run_timer, now, pause.run_left);
	}
	let_go_on(s, &task->wake, now, pause.wake_left);
	if (pause.state == TASK_RUNNING)
		task->function->resume(s, task);
}

static void
resume_task(struct scheduler *s, struct task *task)
{
	unpause(s, task);
	if (task->gate != NULL)
		s->gates.held(s->gates.arg, task);
	/* Its last child may have ended meanwhile. */
	if (task->state == TASK_READY ||
	    (task->closing && task->nchildren == 0))
		make_ready(s, task);
}

static bool
may_pause(const struct task *task)
{
	return !is_internal(task->function) && task->pause == NULL &&
	       !task->stopping && !is_doomed(task);
}

static bool
may_resume(const struct task *task)
{
	return task->pause != NULL;
}

static struct subtree
collect(struct task *top, bool only, bool (*filter)(const struct task *task))
{
	struct subtree subtree = {0};
	struct task *task = top;

	do {
		if (filter(task))
			subtree_add(&subtree, task);
		task = only ? NULL : task_next(task, top);
	} while (task != NULL);
	return subtree;
}

/* Also those that had been paused alone take no children that run. */
static void
pause_new_children(struct task *top)
{
	struct task *task = top;

	do {
		if (task->pause != NULL)
			task->pause->subtree = true;
		task = task_next(task, top);
	} while (task != NULL);
}

size_t
scheduler_pause(struct scheduler *s, struct task *top, bool only, uint64_t *ids,
    size_t most)
{
	struct subtree subtree = collect(top, only, may_pause);
	size_t i;

	for (i = 0; i < subtree.count; i++)
		pause_task(s, subtree.tasks[i], !only);
	if (!only)
		pause_new_children(top);
	subtree_ids(&subtree, ids, most);
	free(subtree.tasks);
	return subtree.count;
}

size_t
scheduler_resume(struct scheduler *s, struct task *top, bool only,
    uint64_t *ids, size_t most)
{
	struct subtree subtree = collect(top, only, may_resume);
	size_t i;

	for (i = 0; i < subtree.count; i++)
		resume_task(s, subtree.tasks[i]);
	subtree_ids(&subtree, ids, most);
	free(subtree.tasks);
	return subtree.count;
}
