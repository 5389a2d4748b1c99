/* A task and its place: the tree, the ids, the names, the outcome. */
#include "config.h"

#include "daemon/task.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/cursor.h"
#include "daemon/name.h"
#include "daemon/output.h"
#include "proto/xalloc.h"

struct tasks {
	struct table by_id; /* live and finished */
	size_t live;
	uint64_t last_id;
	uint64_t last_order;
	struct task_list in_order;
	struct names names;
};

static const char *const state_names[] = {
    [TASK_READY] = "ready",
    [TASK_RUNNING] = "running",
    [TASK_SLEEPING] = "sleeping",
    [TASK_WAITING] = "waiting",
    [TASK_PAUSED] = "paused",
    [TASK_DONE] = "done",
    [TASK_FAILED] = "failed",
    [TASK_CANCELLED] = "cancelled",
    [TASK_TIMEOUT] = "timeout",
};

static const char *const scope_names[] = {
    [SCOPE_DETACH] = "detach",
    [SCOPE_WAIT] = "wait",
    [SCOPE_CANCEL] = "cancel",
};

const char *
task_state_name(enum task_state state)
{
	return state_names[state];
}

int
task_state_find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof state_names / sizeof state_names[0]; i++)
		if (strcmp(state_names[i], name) == 0)
			return (int)i;
	return -1;
}

const char *
task_scope_name(enum task_scope scope)
{
	return scope_names[scope];
}

int64_t
task_wall_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec * INT64_C(1000000) + ts.tv_nsec / 1000;
}

/* Ids are dense: the low bits spread them evenly over the buckets, and tasks
   of one time lie side by side. */
static uint64_t
hash_id(const struct table_link *link)
{
	return ((const struct task *)link)->id;
}

struct tasks *
tasks_new(void)
{
	struct tasks *tasks = xcalloc(1, sizeof *tasks);

	table_create(&tasks->by_id, hash_id);
	names_create(&tasks->names);
	TAILQ_INIT(&tasks->in_order);
	return tasks;
}

size_t
tasks_live(const struct tasks *tasks)
{
	return tasks->live;
}

struct task *
tasks_first(const struct tasks *tasks)
{
	return TAILQ_FIRST(&tasks->in_order);
}

struct task *
task_find(const struct tasks *tasks, uint64_t id)
{
	struct table_link *link = table_bucket(&tasks->by_id, id);

	while (link != NULL && ((struct task *)link)->id != id)
		link = link->next;
	return (struct task *)link;
}

static bool
is_nameless(const struct task *task)
{
	return task->of_name.tqe_prev == NULL;
}

struct task *
task_new(struct tasks *tasks, struct task *parent,
    const struct function *function, const char *name, char *args,
    bool nameless)
{
	struct task *task = xcalloc(1, sizeof *task);

	task->id = ++tasks->last_id;
	task->function = function;
	task->args = args;
	task->created = task_wall_clock();
	task->wake.kind = TIMER_WAKE;
	task->fresh = true;
	TAILQ_INIT(&task->children);
	task->parent = parent;
	if (parent != NULL) {
		TAILQ_INSERT_TAIL(&parent->children, task, sibling);
		parent->nchildren++;
	}
	task->name = name_ref(&tasks->names, name);
	if (!nameless) {
		TAILQ_INSERT_TAIL(&task->name->live, task, of_name);
		task->name->nlive++;
	}
	table_add(&tasks->by_id, &task->by_id);
	TAILQ_INSERT_TAIL(&tasks->in_order, task, in_order);
	tasks->live++;
	return task;
}

struct task *
task_find_name(const struct tasks *tasks, const char *text, size_t *live)
{
	struct name *name = name_find(&tasks->names, text);

	*live = 0;
	if (name == NULL)
		return NULL;
	*live = name->nlive;
	return name->nlive > 0 ? TAILQ_FIRST(&name->live) :
				 TAILQ_LAST(&name->finished, task_list);
}

struct task *
task_next_namesake(const struct task *task)
{
	return TAILQ_NEXT(task, of_name);
}

const char *
task_name(const struct task *task)
{
	return task->name->text;
}

bool
task_is_live(const struct task *task)
{
	return task->state < TASK_DONE;
}

struct task *
task_living(const struct tasks *tasks, struct task *task)
{
	struct task *found = task, *next;

	while (found != NULL && !task_is_live(found))
		found = task_find(tasks, found->parent_id);
	if (found == NULL) /* forgotten on the way */
		found = task_find(tasks, TASK_ROOT_ID);
	for (; task != NULL && !task_is_live(task); task = next) {
		next = task_find(tasks, task->parent_id);
		task->parent_id = found->id;
	}
	return found;
}

/* The children take their parent's place among its siblings. */
static void
adopt(struct task *heir, struct task *task)
{
	struct task *child;

	while ((child = TAILQ_FIRST(&task->children)) != NULL) {
		TAILQ_REMOVE(&task->children, child, sibling);
		TAILQ_INSERT_BEFORE(task, child, sibling);
		child->parent = heir;
	}
	heir->nchildren += task->nchildren;
	task->nchildren = 0;
}

static void
leave_tree(struct task *task)
{
	struct task *parent = task->parent;

	if (parent == NULL)
		return;
	adopt(parent, task);
	TAILQ_REMOVE(&parent->children, task, sibling);
	parent->nchildren--;
	task->parent_id = parent->id;
}

void
task_finish(struct tasks *tasks, struct task *task, struct outcome *outcome)
{
	cursor_task_leaves(task);
	leave_tree(task);
	task->outcome = outcome;
	task->state = (uint8_t)outcome->state;
	if (!is_nameless(task)) {
		TAILQ_REMOVE(&task->name->live, task, of_name);
		task->name->nlive--;
		TAILQ_INSERT_TAIL(&task->name->finished, task, of_name);
	}
	tasks->live--;
}

void
task_free(struct tasks *tasks, struct task *task)
{
	cursor_task_goes(task, TAILQ_NEXT(task, in_order));
	if (!is_nameless(task))
		TAILQ_REMOVE(&task->name->finished, task, of_name);
	name_unref(&tasks->names, task->name);
	table_remove(&tasks->by_id, &task->by_id);
	TAILQ_REMOVE(&tasks->in_order, task, in_order);
	outcome_unref(task->outcome);
	output_unref(task->output);
	free(task->limit);
	recurrence_delete(task->recurrence);
	free(task->pause);
	gate_delete(task->gate);
	free(task->args);
	free(task->options);
	free(task);
}

void
tasks_delete(struct tasks *tasks)
{
	struct task *task;

	/* The youngest first, so that none has children to be adopted. */
	while ((task = TAILQ_LAST(&tasks->in_order, task_list)) != NULL) {
		if (task_is_live(task)) {
			outcome_unref(task->outcome); /* it was closing */
			task_finish(tasks, task,
			    outcome_new(tasks, TASK_CANCELLED, NULL, 0));
		}
		task_free(tasks, task);
	}
	table_destroy(&tasks->by_id);
	names_destroy(&tasks->names);
	free(tasks);
}

struct task *
task_next(const struct task *task, const struct task *top)
{
	if (!TAILQ_EMPTY(&task->children))
		return TAILQ_FIRST(&task->children);
	return task_after(task, top);
}

struct task *
task_after(const struct task *task, const struct task *top)
{
	while (task != NULL && task != top) {
		if (TAILQ_NEXT(task, sibling) != NULL)
			return TAILQ_NEXT(task, sibling);
		task = task->parent;
	}
	return NULL;
}

size_t
task_depth(const struct task *task)
{
	size_t depth = 0;

	while ((task = task->parent) != NULL)
		depth++;
	return depth;
}

void
gate_delete(struct gate *gate)
{
	if (gate == NULL)
		return;
	free(gate->after);
	free(gate->awaited);
	free(gate);
}

void
recurrence_delete(struct recurrence *recurrence)
{
	size_t i;

	if (recurrence == NULL)
		return;
	for (i = 0; recurrence->kind == RECUR_RETRY && i < RECUR_ATTEMPTS; i++)
		free(recurrence->attempts[i].error);
	free(recurrence->last_error);
	free(recurrence->last_result);
	free(recurrence);
}

struct outcome *
outcome_new(
    struct tasks *tasks, enum task_state state, const char *text, int64_t now)
{
	size_t length = text == NULL ? 0 : strlen(text);
	struct outcome *outcome = xmalloc(sizeof *outcome + length + 1);

	outcome->refs = 1;
	outcome->state = state;
	outcome_renew(tasks, outcome, now);
	memcpy(outcome->text, length == 0 ? "" : text, length + 1);
	return outcome;
}

void
outcome_renew(struct tasks *tasks, struct outcome *outcome, int64_t now)
{
	outcome->order = ++tasks->last_order;
	outcome->ended = now;
	outcome->finished = task_wall_clock();
}

struct outcome *
outcome_ref(struct outcome *outcome)
{
	outcome->refs++;
	return outcome;
}

void
outcome_unref(struct outcome *outcome)
{
	if (outcome != NULL && --outcome->refs == 0)
		free(outcome);
}
