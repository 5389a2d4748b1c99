/* What ends tasks from outside: a cancel, or a time that ran out. */
#include "config.h"

#include "daemon/scheduler_impl.h"

#include <stdlib.h>

#include "daemon/function.h"
#include "proto/xalloc.h"

const struct stop stop_default = {.grace = -1};

void
subtree_add(struct subtree *subtree, struct task *task)
{
	if (subtree->count == subtree->size) {
		subtree->size = subtree->size == 0 ? 16 : 2 * subtree->size;
		subtree->tasks = xrealloc(
		    subtree->tasks, subtree->size * sizeof(struct task *));
	}
	subtree->tasks[subtree->count++] = task;
}

size_t
subtree_ids(const struct subtree *subtree, uint64_t *ids, size_t most)
{
	size_t i;

	for (i = 0; i < subtree->count && i < most; i++)
		ids[i] = subtree->tasks[i]->id;
	return subtree->count;
}

bool
is_doomed(const struct task *task)
{
	return (task->closing || task->stopping) &&
	       (task->outcome->state == TASK_CANCELLED ||
		   task->outcome->state == TASK_TIMEOUT);
}

bool
has_run(const struct task *task)
{
	return task->function->stop != NULL && task->state == TASK_RUNNING;
}

void
stop_run(struct scheduler *s, struct task *task, enum task_state state,
    const char *text, const struct stop *stop)
{
	limit_run_ends(s, task);
	set_outcome(s, task, state, text);
	task->stopping = true;
	task->function->stop(s, task, stop);
}

void
doom(struct scheduler *s, struct task *task, enum task_state state,
    const char *text, const struct stop *stop)
{
	unpause(s, task);
	if (has_run(task))
		stop_run(s, task, state, text, stop);
	else
		scheduler_end(s, task, state, text);
}

/* One that is doomed keeps its outcome: it only waits for its run or for what
   is below it. */
static void
cancel_one(struct scheduler *s, struct task *task, const struct cancel *cancel)
{
	const struct stop *stop =
	    cancel->stop != NULL ? cancel->stop : &stop_default;

	if (!is_doomed(task))
		doom(s, task, TASK_CANCELLED, cancel->reason, stop);
	else if (task->stopping)
		task->function->stop(s, task, stop);
	else if (task->nchildren == 0)
		end_task(s, task);
}

/* The last first: a task's descendants have ended before it. */
static void
cancel_each(
    struct scheduler *s, struct subtree *victims, const struct cancel *cancel)
{
	while (victims->count > 0)
		cancel_one(s, victims->tasks[--victims->count], cancel);
	free(victims->tasks);
}

void
cancel_below(struct scheduler *s, struct task *top, const struct cancel *cancel)
{
	struct subtree victims = {0};
	struct task *task = top;

	while ((task = task_next(task, top)) != NULL)
		if (!is_internal(task->function))
			subtree_add(&victims, task);
	cancel_each(s, &victims, cancel);
}

size_t
scheduler_cancel(struct scheduler *s, struct task *top,
    const struct cancel *cancel, uint64_t *ids, size_t most)
{
	struct subtree victims = {0};
	struct task *task = top;
	size_t count = 0;

	do {
		subtree_add(&victims, task);
		if (!is_doomed(task) && count++ < most)
			ids[count - 1] = task->id;
		task = cancel->only ? NULL : task_next(task, top);
	} while (task != NULL);
	cancel_each(s, &victims, cancel);
	return count;
}

void
scheduler_cancel_all(struct scheduler *s, const struct cancel *cancel)
{
	cancel_below(s, task_find(s->tasks, TASK_ROOT_ID), cancel);
}
