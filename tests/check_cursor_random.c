/* Walks over random tasks that come, end, are adopted and freed between the
   pages: each task that stays is seen exactly once. */
#include "config.h"

#include "daemon/cursor.h"

#include <string.h>

#include "tests/naive_tree.h"
#include "tests/plain_tasks.h"
#include "tests/unit.h"

static struct walks walks;

#define MOST	120
#define FAR_IDS 4096

static struct naive_tree naive; /* of the live tasks */
static uint64_t first_new;	/* id of the first task that came meanwhile */

/* By id: what it was when the walk began, and what became of it. */
static struct {
	bool below_top, ended, freed;
	size_t seen;
} notes[FAR_IDS];

static struct task *
random_task(void)
{
	return task_find(tasks, naive.nodes[unit_below(naive.count)].id);
}

static void
spawn_one(void)
{
	struct task *parent = random_task(), *task;

	if (naive.count == MOST)
		return;
	task = new_task(parent, "a");
	naive_tree_add(&naive, parent->id, task->id);
	unit_check(task->id < FAR_IDS);
}

static void
finish_one(void)
{
	struct task *task = random_task();

	if (task == root)
		return;
	naive_tree_remove(&naive, task->id);
	notes[task->id].ended = true;
	finish(task);
}

static void
free_one(void)
{
	struct task *task = task_find(tasks, 1 + unit_below(first_new + 20));

	if (task == NULL || task_is_live(task))
		return;
	notes[task->id].freed = true;
	task_free(tasks, task);
}

static void
disturb(void)
{
	size_t i;

	for (i = unit_below(12); i > 0; i--) {
		spawn_one();
		finish_one();
		if (unit_one_in(3))
			free_one();
	}
	naive_tree_check(&naive, root);
}

static void
make_tree(void)
{
	walks_clear(&walks);
	plain_tasks_teardown();
	plain_tasks_setup();
	memset(&naive, 0, sizeof naive);
	memset(notes, 0, sizeof notes);
	naive_tree_add(&naive, 0, root->id);
	while (naive.count < MOST / 2)
		spawn_one();
	first_new = MOST / 2 + 1;
}

static void
note_below(struct task *top)
{
	struct task *task;

	for (task = top; task != NULL; task = task_next(task, top))
		notes[task->id].below_top = true;
}

/* The level of a page's first row is asked for, the others follow. */
static bool
walk_page(struct walk *walk, uint64_t top)
{
	int64_t level = walk_level(walk);
	size_t rows = unit_below(6) + 1;
	struct task *task;

	for (; rows > 0 && (task = walk_at(walk)) != NULL; rows--) {
		unit_check(task_is_live(task));
		unit_check(notes[task->id].below_top || task->id >= first_new);
		notes[task->id].seen++;
		if (!notes[top].ended)
			unit_check(level == (int64_t)task_depth(task) -
						(int64_t)task_depth(
						    task_find(tasks, top)));
		level += walk_next(walk, false);
	}
	return walk_at(walk) != NULL;
}

static void
walk_random_tree(void)
{
	struct task *task = random_task();
	struct walk *walk = walk_new_tree(&walks, task);
	uint64_t top = task->id, id;

	note_below(task);
	while (walk_page(walk, top)) {
		id = walk_renew(&walks, walk);
		disturb();
		walk = walk_find(&walks, id);
		unit_check(walk != NULL);
	}
	for (id = 1; id < first_new; id++)
		unit_check(notes[id].ended || !notes[id].below_top ?
			       notes[id].seen <= 1 :
			       notes[id].seen == 1);
}

START_TEST(a_tree_walk_sees_each_task_that_stays_exactly_once)
{
	size_t i;

	for (i = 0; i < 2000; i++) {
		make_tree();
		walk_random_tree();
	}
}
END_TEST

static void
walk_random_list(void)
{
	struct walk *walk = walk_new_list(&walks, tasks_first(tasks));
	uint64_t id, last = 0;

	while (walk_at(walk) != NULL) {
		unit_check(walk_at(walk)->id > last);
		last = walk_at(walk)->id;
		notes[last].seen++;
		walk_next(walk, false);
		if (!unit_one_in(8)) /* or new ones come faster */
			continue;
		id = walk_renew(&walks, walk);
		disturb();
		walk = walk_find(&walks, id);
	}
	for (id = 1; id < first_new; id++)
		unit_check(notes[id].freed || notes[id].seen == 1);
}

START_TEST(a_list_walk_sees_each_task_that_stays_exactly_once)
{
	size_t i;

	for (i = 0; i < 500; i++) {
		make_tree();
		walk_random_list();
	}
}
END_TEST

/* Eight walks at once, each of which must not disturb the others. */
static void
walk_at_once(void)
{
	uint64_t tops[CURSORS_MOST], ids[CURSORS_MOST];
	size_t i, open;

	for (i = 0; i < CURSORS_MOST; i++) {
		struct task *task = random_task();

		note_below(task);
		tops[i] = task->id;
		ids[i] = walk_renew(&walks, walk_new_tree(&walks, task));
	}
	do {
		disturb();
		for (i = open = 0; i < CURSORS_MOST; i++) {
			struct walk *walk = walk_find(&walks, ids[i]);

			if (walk != NULL && walk_page(walk, tops[i])) {
				ids[i] = walk_renew(&walks, walk);
				open++;
			} else if (walk != NULL) {
				walk_end(walk);
			}
		}
	} while (open > 0);
}

START_TEST(eight_walks_at_once_do_not_disturb_each_other)
{
	size_t i;
	uint64_t id;

	for (i = 0; i < 300; i++) {
		make_tree();
		walk_at_once();
		for (id = 1; id < first_new; id++)
			unit_check(notes[id].ended || !notes[id].below_top ||
				   notes[id].seen >= 1);
	}
}
END_TEST

static void
teardown(void)
{
	walks_clear(&walks);
	plain_tasks_teardown();
}

int
main(void)
{
	const TTest *const tests[] = {
	    a_tree_walk_sees_each_task_that_stays_exactly_once,
	    a_list_walk_sees_each_task_that_stays_exactly_once,
	    eight_walks_at_once_do_not_disturb_each_other,
	};

	return unit_run("cursor_random", plain_tasks_setup, teardown, tests,
	    sizeof tests / sizeof tests[0]);
}
