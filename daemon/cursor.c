/* Cursors: where a walk over the tasks goes on. */
#include "config.h"

#include "daemon/cursor.h"

#include <string.h>

static void
stand(struct cursor *cursor, struct task *task)
{
	if (cursor->at != NULL)
		LIST_REMOVE(cursor, link);
	cursor->at = task;
	if (task != NULL)
		LIST_INSERT_HEAD(&task->cursors, cursor, link);
}

void
walk_end(struct walk *walk)
{
	stand(&walk->next, NULL);
	stand(&walk->bound, NULL);
	memset(walk, 0, sizeof *walk);
}

void
walks_clear(struct walks *walks)
{
	size_t i;

	for (i = 0; i <= CURSORS_MOST; i++)
		walk_end(&walks->walks[i]);
}

/* The one that is free, or else the oldest. */
static struct walk *
oldest(struct walks *walks)
{
	struct walk *walk = &walks->walks[0];
	size_t i;

	for (i = 1; i <= CURSORS_MOST; i++)
		if (walks->walks[i].id < walk->id)
			walk = &walks->walks[i];
	return walk;
}

static struct walk *
walk_new(struct walks *walks, enum cursor_kind kind, struct task *at)
{
	struct walk *walk = oldest(walks);

	walk->kind = kind;
	walk->next.walk = walk->bound.walk = walk;
	stand(&walk->next, at);
	walk->id = ++walks->last_id;
	return walk;
}

struct walk *
walk_new_tree(struct walks *walks, struct task *top)
{
	struct walk *walk = walk_new(walks, CURSOR_TREE, top);

	stand(&walk->bound, top);
	walk->top_depth = task_depth(top);
	return walk;
}

struct walk *
walk_new_list(struct walks *walks, struct task *first)
{
	return walk_new(walks, CURSOR_LIST, first);
}

struct walk *
walk_find(struct walks *walks, uint64_t id)
{
	size_t i;

	for (i = 0; i <= CURSORS_MOST; i++)
		if (id != 0 && walks->walks[i].id == id)
			return &walks->walks[i];
	return NULL;
}

uint64_t
walk_renew(struct walks *walks, struct walk *walk)
{
	walk->id = ++walks->last_id;
	if (oldest(walks)->id != 0)
		walk_end(oldest(walks));
	return walk->id;
}

struct task *
walk_at(const struct walk *walk)
{
	if (walk->top_gone && walk->next.at == walk->bound.at)
		return NULL;
	return walk->next.at;
}

static const struct task *
top_of(const struct walk *walk)
{
	return walk->top_gone ? NULL : walk->bound.at;
}

int64_t
walk_level(struct walk *walk)
{
	int64_t level;

	if (walk->next.at == NULL)
		return 0;
	/* Who stands above the top may have left, and raised it. */
	if (!walk->top_gone)
		walk->top_depth = task_depth(walk->bound.at);
	level = (int64_t)(task_depth(walk->next.at) - walk->top_depth);
	return level > 0 ? level : 0;
}

/* From a task to one that follows it in preorder; amortised O(1). */
static int64_t
level_change(const struct task *from, const struct task *to)
{
	int64_t change = 0;

	if (to->parent == from)
		return 1;
	while (from->parent != to->parent) {
		from = from->parent;
		change--;
	}
	return change;
}

int64_t
walk_next(struct walk *walk, bool over_descendants)
{
	struct task *from = walk->next.at, *to;

	if (walk->kind == CURSOR_LIST)
		to = TAILQ_NEXT(from, in_order);
	else if (over_descendants)
		to = task_after(from, top_of(walk));
	else
		to = task_next(from, top_of(walk));
	stand(&walk->next, to);
	if (to == NULL || walk->kind == CURSOR_LIST)
		return 0;
	return level_change(from, to);
}

/* The top goes: from now on the walk ends where what was below it ended. */
static void
lose_top(struct walk *walk, struct task *top)
{
	walk->top_gone = true;
	stand(&walk->bound, task_after(top, NULL));
}

void
cursor_task_leaves(struct task *task)
{
	struct cursor *cursor, *next;

	for (cursor = LIST_FIRST(&task->cursors); cursor != NULL;
	     cursor = next) {
		struct walk *walk = cursor->walk;

		next = LIST_NEXT(cursor, link);
		if (walk->kind == CURSOR_LIST)
			continue;
		if (cursor == &walk->bound && !walk->top_gone)
			lose_top(walk, task);
		else
			stand(cursor, task_next(task, top_of(walk)));
	}
}

void
cursor_task_goes(struct task *task, struct task *next)
{
	while (!LIST_EMPTY(&task->cursors))
		stand(LIST_FIRST(&task->cursors), next);
}
