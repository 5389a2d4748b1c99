/* What must hold of the tree and of its counters between two turns. */
#include "config.h"

#include "tests/invariants.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "daemon/cursor.h"
#include "daemon/function.h"
#include "daemon/name.h"
#include "daemon/scheduler_impl.h"

/* What is counted on the way, to be compared to the counters. */
struct census {
	size_t by_state[TASK_TIMEOUT + 1];
	size_t live, finished, queued, timers;
	size_t named;  /* tasks that are found by their names */
	size_t listed; /* by those names */
};

static char broken[256];

static const char *say(const struct task *task, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static const char *
say(const struct task *task, const char *format, ...)
{
	int used = 0;
	va_list ap;

	if (task != NULL)
		used = snprintf(broken, sizeof broken,
		    "task %" PRIu64 ", %s: ", task->id,
		    task_state_name((enum task_state)task->state));
	va_start(ap, format);
	vsnprintf(broken + used, sizeof broken - (size_t)used, format, ap);
	va_end(ap);
	return broken;
}

/* The first condition that does not hold is what is said. */
#define require(task, condition) \
	do { \
		if (!(condition)) \
			return say(task, "not so: %s", #condition); \
	} while (0)

/* --- links -------------------------------------------------------------- */

static const char *
check_children(const struct task *task)
{
	const struct task *child;
	size_t count = 0;

	TAILQ_FOREACH (child, &task->children, sibling) {
		require(child, child->parent == task);
		require(child, *child->sibling.tqe_prev == child);
		require(child, task_is_live(child));
		require(child, child->id > task->id);
		count++;
	}
	require(task, *task->children.tqh_last == NULL);
	require(task, count == task->nchildren);
	return NULL;
}

static const char *
check_cursors(const struct task *task)
{
	const struct cursor *cursor;

	LIST_FOREACH (cursor, &task->cursors, link) {
		require(task, cursor->at == task);
		require(task, *cursor->link.le_prev == cursor);
		require(task, cursor->walk->kind != CURSOR_FREE);
		require(task,
		    cursor->walk->kind != CURSOR_TREE || task_is_live(task));
	}
	return NULL;
}

/* How many are in a list of a name; all of them have it, live or finished. */
static const char *
check_namesakes(const struct task_list *list, const struct name *name,
    bool live, size_t *count)
{
	const struct task *task;

	*count = 0;
	TAILQ_FOREACH (task, list, of_name) {
		require(task, task->name == name);
		require(task, task_is_live(task) == live);
		require(task, *task->of_name.tqe_prev == task);
		++*count;
	}
	return NULL;
}

/* Whether the lists of its name are looked at on its turn. */
static bool
is_first_of_name(const struct task *task)
{
	const struct name *name = task->name;

	return TAILQ_FIRST(&name->live) == task ||
	       (TAILQ_EMPTY(&name->live) &&
		   TAILQ_FIRST(&name->finished) == task);
}

static const char *
check_name(const struct task *task, struct census *census)
{
	const struct name *name = task->name;
	const char *wrong;
	size_t live, finished;

	census->named += task->of_name.tqe_prev != NULL;
	require(task, TAILQ_EMPTY(&name->live) == (name->nlive == 0));
	if (!is_first_of_name(task))
		return NULL;
	wrong = check_namesakes(&name->live, name, true, &live);
	if (wrong == NULL)
		wrong =
		    check_namesakes(&name->finished, name, false, &finished);
	if (wrong != NULL)
		return wrong;
	require(task, live == name->nlive);
	require(task, live + finished <= name->refs);
	census->listed += live + finished;
	return NULL;
}

/* --- states ------------------------------------------------------------- */

/* Once its function has ended: its children are what it waits for. */
static const char *
check_closing(const struct task *task)
{
	require(task, task->outcome != NULL);
	require(task, task->scope != SCOPE_DETACH);
	require(task, task->state == TASK_WAITING || task->pause != NULL);
	require(
	    task, task->nchildren > 0 || task->queued || task->pause != NULL);
	return NULL;
}

static const char *
check_limits(const struct task *task)
{
	const struct task_limit *limit = task->limit;

	if (limit == NULL)
		return NULL;
	require(task, limit->task == task);
	require(task, limit->seconds >= 0 || !timer_is_set(&limit->timer));
	require(
	    task, limit->run_seconds >= 0 || !timer_is_set(&limit->run_timer));
	require(task, !task->fresh || !timer_is_set(&limit->run_timer));
	if (task->pause != NULL) {
		require(task, !timer_is_set(&limit->timer));
		require(task, !timer_is_set(&limit->run_timer));
	} else if (!task->closing) {
		require(task, limit->seconds < 0 || task->stopping ||
				  timer_is_set(&limit->timer));
		require(task, limit->run_seconds < 0 || task->fresh ||
				  task->stopping ||
				  timer_is_set(&limit->run_timer));
	}
	return NULL;
}

static const char *
check_live(const struct task *task)
{
	bool sleeps = task->state == TASK_SLEEPING;
	const char *wrong;

	require(task, (task->state == TASK_PAUSED) == (task->pause != NULL));
	require(task, sleeps == timer_is_set(&task->wake) || task->stopping);
	require(task, task->state != TASK_READY || task->queued);
	require(
	    task, !task->queued || task->closing || task->state == TASK_READY);
	require(task, task->pause == NULL || !task->queued);
	require(task, task->pause == NULL || task->function->summary != NULL);
	wrong = check_limits(task);
	if (wrong != NULL)
		return wrong;
	if (task->closing)
		return check_closing(task);
	require(task, (task->outcome != NULL) == task->stopping);
	return NULL;
}

static const char *
check_finished(const struct task *task)
{
	require(task, task->outcome != NULL);
	require(task, task->outcome->state == task->state);
	require(task, TAILQ_EMPTY(&task->children));
	require(task, task->nchildren == 0);
	require(task, task->pause == NULL);
	require(task, !task->queued);
	require(task, !timer_is_set(&task->wake));
	require(
	    task, task->limit == NULL || !timer_is_set(&task->limit->timer));
	require(task,
	    task->limit == NULL || !timer_is_set(&task->limit->run_timer));
	require(task, LIST_EMPTY(&task->joiners));
	require(task, task->parent_id < task->id);
	require(task, task->function->summary != NULL);
	return NULL;
}

/* --- all of them -------------------------------------------------------- */

static void
count(struct census *census, const struct task *task)
{
	census->by_state[task->state]++;
	census->queued += task->queued;
	census->timers += timer_is_set(&task->wake);
	if (task->limit != NULL)
		census->timers += timer_is_set(&task->limit->timer) +
				  timer_is_set(&task->limit->run_timer);
	if (task_is_live(task))
		census->live++;
	else
		census->finished++;
}

static const char *
check_task(
    const struct tasks *tasks, const struct task *task, struct census *census)
{
	const char *wrong;

	require(task, task_find(tasks, task->id) == task);
	require(task, *task->in_order.tqe_prev == task);
	require(task, task->outcome == NULL || task->outcome->refs > 0);
	wrong = check_children(task);
	if (wrong == NULL)
		wrong = check_cursors(task);
	if (wrong == NULL)
		wrong = check_name(task, census);
	if (wrong == NULL)
		wrong = task_is_live(task) ? check_live(task) :
					     check_finished(task);
	return wrong;
}

/* From the root every live task is reached once, and no other. */
static const char *
check_tree(const struct tasks *tasks, const struct census *census)
{
	const struct task *root = task_find(tasks, TASK_ROOT_ID), *task;
	size_t count = 0;

	require(NULL, root != NULL);
	require(root, root == tasks_first(tasks));
	require(root, task_is_live(root));
	require(root, root->parent == NULL);
	for (task = root; task != NULL; task = task_next(task, NULL)) {
		require(task, task_is_live(task));
		require(task, count++ < census->live);
	}
	require(NULL, count == census->live);
	require(NULL, count == tasks_live(tasks));
	return NULL;
}

static const char *
check_queue(const struct runqueue *queue, const struct census *census)
{
	const struct task *task;
	size_t count = 0;

	TAILQ_FOREACH (task, &queue->ready, queue) {
		require(task, task->queued);
		require(task, *task->queue.tqe_prev == task);
		count++;
	}
	require(NULL, count == queue->count);
	require(NULL, count == census->queued);
	return NULL;
}

/* The oldest first. */
static const char *
check_retained(const struct scheduler *s, const struct census *census)
{
	const struct task *task;
	uint64_t order = 0;
	size_t count = 0;

	TAILQ_FOREACH (task, &s->retained, queue) {
		require(task, !task_is_live(task));
		require(task, *task->queue.tqe_prev == task);
		require(task, task->outcome->order > order || order == 0);
		order = task->outcome->order;
		count++;
	}
	require(NULL, count == s->counts.retained);
	require(NULL, count == census->finished);
	require(NULL, count <= s->limits.retained);
	require(NULL, s->counts.retained_bytes <= s->limits.retained_bytes);
	require(NULL, (count == 0) == (s->counts.retained_bytes == 0));
	require(NULL, (count == 0) == !timer_is_set(&s->retention));
	return NULL;
}

static const char *
check_counts(const struct scheduler *s, const struct census *census)
{
	uint64_t ever = 0;
	size_t state;

	for (state = 0; state <= TASK_TIMEOUT; state++) {
		if (state < TASK_DONE &&
		    s->counts.live[state] != census->by_state[state])
			return say(NULL, "%zu tasks are %s, not %zu",
			    census->by_state[state],
			    task_state_name((enum task_state)state),
			    s->counts.live[state]);
		ever += s->counts.live[state] + s->counts.finished[state];
	}
	require(NULL, ever == s->counts.spawned);
	require(NULL, census->listed == census->named);
	require(NULL, timers_count(s->timers) >= census->timers);
	return NULL;
}

const char *
invariants_broken(struct scheduler *s)
{
	struct census census = {0};
	const struct task *task;
	const char *wrong = NULL;
	uint64_t id = 0;

	for (task = tasks_first(s->tasks); task != NULL && wrong == NULL;
	     task = TAILQ_NEXT(task, in_order)) {
		require(task, task->id > id);
		id = task->id;
		count(&census, task);
		wrong = check_task(s->tasks, task, &census);
	}
	if (wrong == NULL)
		wrong = check_tree(s->tasks, &census);
	if (wrong == NULL)
		wrong = check_queue(&s->runqueue, &census);
	if (wrong == NULL)
		wrong = check_retained(s, &census);
	if (wrong == NULL)
		wrong = check_counts(s, &census);
	return wrong;
}
