/* Walks over the tasks: their order, their ends, and cursors of a caller. */
#include "config.h"

#include "daemon/cursor.h"

#include <string.h>

#include "tests/plain_tasks.h"
#include "tests/unit.h"

static struct walks walks;

static void
setup(void)
{
	plain_tasks_setup();
	memset(&walks, 0, sizeof walks);
}

static void
teardown(void)
{
	walks_clear(&walks);
	plain_tasks_teardown();
}

static void
expect_at(const struct walk *walk, const struct task *want)
{
	ck_assert_ptr_eq(walk_at(walk), want);
}

/* The task it stands on and its level, then moves on. */
static void
expect_step(struct walk *walk, const struct task *want, int64_t want_level)
{
	expect_at(walk, want);
	ck_assert_int_eq(walk_level(walk), want_level);
	walk_next(walk, false);
}

/* --- the tree ----------------------------------------------------------- */

START_TEST(a_walk_of_the_tree_is_in_preorder_with_levels)
{
	struct task *a = new_task(root, "a"), *b = new_task(root, "b");
	struct task *a1 = new_task(a, "a1"), *a2 = new_task(a1, "a2");
	struct walk *walk = walk_new_tree(&walks, root);

	expect_step(walk, root, 0);
	expect_step(walk, a, 1);
	expect_step(walk, a1, 2);
	expect_step(walk, a2, 3);
	expect_step(walk, b, 1);
	expect_at(walk, NULL);
}
END_TEST

START_TEST(a_walk_ends_with_what_is_below_its_top)
{
	struct task *a = new_task(root, "a");
	struct task *a1 = new_task(a, "a1");
	struct walk *walk = walk_new_tree(&walks, a);

	new_task(root, "b");
	expect_step(walk, a, 0);
	expect_step(walk, a1, 1);
	expect_at(walk, NULL);
	ck_assert_int_eq(walk_level(walk), 0);
}
END_TEST

START_TEST(each_step_tells_how_the_level_changes)
{
	struct task *a = new_task(root, "a"), *b;
	struct walk *walk = walk_new_tree(&walks, root);

	new_task(new_task(a, "a1"), "a2");
	b = new_task(root, "b");
	ck_assert_int_eq(walk_next(walk, false), 1);
	ck_assert_int_eq(walk_next(walk, false), 1);
	ck_assert_int_eq(walk_next(walk, false), 1);
	ck_assert_int_eq(walk_next(walk, false), -2);
	expect_at(walk, b);
	ck_assert_int_eq(walk_next(walk, false), 0);
	expect_at(walk, NULL);
}
END_TEST

START_TEST(a_step_can_leave_out_what_is_below)
{
	struct task *a = new_task(root, "a"), *b = new_task(root, "b");
	struct walk *walk = walk_new_tree(&walks, root);

	new_task(a, "a1");
	walk_next(walk, false);
	expect_at(walk, a);
	ck_assert_int_eq(walk_next(walk, true), 0);
	expect_at(walk, b);
	walk_next(walk, true);
	expect_at(walk, NULL);
	walk_end(walk);
	walk = walk_new_tree(&walks, root);
	walk_next(walk, true);
	expect_at(walk, NULL);
}
END_TEST

START_TEST(where_a_task_ends_its_children_are_next)
{
	struct task *a = new_task(root, "a"), *b = new_task(root, "b");
	struct task *a1 = new_task(a, "a1"), *a2 = new_task(a, "a2");
	struct walk *walk = walk_new_tree(&walks, root);

	walk_next(walk, false);
	expect_at(walk, a);
	finish(a);
	expect_at(walk, a1);
	ck_assert_int_eq(walk_level(walk), 1);
	finish(a1);
	expect_step(walk, a2, 1);
	expect_at(walk, b);
	finish(b);
	expect_at(walk, NULL);
}
END_TEST

START_TEST(where_the_top_ends_the_walk_stays_with_its_children)
{
	struct task *a = new_task(root, "a"), *b = new_task(root, "b");
	struct task *a1 = new_task(a, "a1"), *a2 = new_task(a, "a2");
	struct walk *walk = walk_new_tree(&walks, a);

	walk_next(walk, false);
	expect_at(walk, a1);
	finish(a);
	expect_step(walk, a1, 0);
	finish(b); /* where the walk would end */
	expect_step(walk, a2, 0);
	expect_at(walk, NULL);
}
END_TEST

START_TEST(where_the_top_ends_at_the_first_step_its_children_are_walked)
{
	struct task *a = new_task(root, "a"), *a1 = new_task(a, "a1");
	struct walk *walk = walk_new_tree(&walks, a);

	finish(a);
	expect_step(walk, a1, 0);
	expect_at(walk, NULL);
}
END_TEST

START_TEST(where_a_top_without_children_ends_so_does_the_walk)
{
	struct task *a = new_task(root, "a");
	struct walk *walk = walk_new_tree(&walks, a);

	new_task(root, "b");
	finish(a);
	expect_at(walk, NULL);
}
END_TEST

START_TEST(where_all_below_a_lost_top_ends_so_does_the_walk)
{
	struct task *a = new_task(root, "a"), *a1 = new_task(a, "a1");
	struct walk *walk = walk_new_tree(&walks, a);

	new_task(root, "b");
	finish(a);
	finish(a1);
	expect_at(walk, NULL);
}
END_TEST

START_TEST(levels_count_from_the_top_when_those_above_it_end)
{
	struct task *a = new_task(root, "a"), *b = new_task(a, "b");
	struct task *c = new_task(b, "c"), *d = new_task(c, "d");
	struct walk *walk = walk_new_tree(&walks, b);

	walk_next(walk, false);
	finish(a);
	expect_step(walk, c, 1);
	expect_step(walk, d, 2);
}
END_TEST

/* --- the list ----------------------------------------------------------- */

START_TEST(a_list_walk_is_by_id_over_all_tasks)
{
	struct task *a = new_task(root, "a"), *b = new_task(a, "b");
	struct walk *walk = walk_new_list(&walks, tasks_first(tasks));
	struct task *c;

	finish(a);
	expect_at(walk, root);
	ck_assert_int_eq(walk_next(walk, false), 0);
	expect_at(walk, a);
	walk_next(walk, false);
	expect_at(walk, b);
	c = new_task(root, "c");
	walk_next(walk, false);
	expect_at(walk, c);
	walk_next(walk, false);
	expect_at(walk, NULL);
}
END_TEST

START_TEST(a_list_walk_moves_on_when_its_task_is_freed_not_when_it_ends)
{
	struct task *a = new_task(root, "a"), *b = new_task(root, "b");
	struct walk *walk = walk_new_list(&walks, a);

	finish(a);
	expect_at(walk, a);
	task_free(tasks, a);
	expect_at(walk, b);
	finish(b);
	task_free(tasks, b);
	expect_at(walk, NULL);
}
END_TEST

/* --- cursors of a caller ------------------------------------------------ */

START_TEST(an_old_cursor_is_not_answered_twice)
{
	struct walk *walk = walk_new_tree(&walks, root);
	uint64_t first = walk_renew(&walks, walk), second;

	ck_assert_ptr_eq(walk_find(&walks, first), walk);
	second = walk_renew(&walks, walk);
	ck_assert_uint_ne(first, second);
	ck_assert_ptr_null(walk_find(&walks, first));
	ck_assert_ptr_eq(walk_find(&walks, second), walk);
	walk_end(walk);
	ck_assert_ptr_null(walk_find(&walks, second));
	ck_assert_ptr_null(walk_find(&walks, 0));
}
END_TEST

START_TEST(eight_cursors_are_kept_the_ninth_ends_the_oldest)
{
	uint64_t ids[CURSORS_MOST + 2];
	size_t i;

	for (i = 0; i < CURSORS_MOST; i++)
		ids[i] = walk_renew(&walks, walk_new_tree(&walks, root));
	for (i = 0; i < CURSORS_MOST; i++)
		ck_assert_ptr_nonnull(walk_find(&walks, ids[i]));
	ids[8] = walk_renew(&walks, walk_new_list(&walks, root));
	ck_assert_ptr_null(walk_find(&walks, ids[0]));
	ids[1] = walk_renew(&walks, walk_find(&walks, ids[1]));
	ids[9] = walk_renew(&walks, walk_new_tree(&walks, root));
	ck_assert_ptr_null(walk_find(&walks, ids[2]));
	for (i = 3; i < CURSORS_MOST + 2; i++)
		ck_assert_ptr_nonnull(walk_find(&walks, ids[i]));
	ck_assert_ptr_nonnull(walk_find(&walks, ids[1]));
}
END_TEST

START_TEST(a_page_in_progress_is_not_counted_with_those_kept)
{
	uint64_t oldest = walk_renew(&walks, walk_new_tree(&walks, root));
	struct walk *walk;
	size_t i;

	for (i = 1; i < CURSORS_MOST; i++)
		walk_renew(&walks, walk_new_tree(&walks, root));
	walk = walk_new_tree(&walks, root);
	expect_at(walk, root);
	walk_end(walk); /* it was the last page */
	ck_assert_ptr_nonnull(walk_find(&walks, oldest));
}
END_TEST

START_TEST(cleared_walks_stand_on_nothing)
{
	struct task *a = new_task(root, "a");
	uint64_t id = walk_renew(&walks, walk_new_tree(&walks, a));

	walk_renew(&walks, walk_new_list(&walks, a));
	walks_clear(&walks);
	ck_assert(LIST_EMPTY(&a->cursors));
	ck_assert_ptr_null(walk_find(&walks, id));
	finish(a);
	task_free(tasks, a);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    a_walk_of_the_tree_is_in_preorder_with_levels,
	    a_walk_ends_with_what_is_below_its_top,
	    each_step_tells_how_the_level_changes,
	    a_step_can_leave_out_what_is_below,
	    where_a_task_ends_its_children_are_next,
	    where_the_top_ends_the_walk_stays_with_its_children,
	    where_the_top_ends_at_the_first_step_its_children_are_walked,
	    where_a_top_without_children_ends_so_does_the_walk,
	    where_all_below_a_lost_top_ends_so_does_the_walk,
	    levels_count_from_the_top_when_those_above_it_end,
	    a_list_walk_is_by_id_over_all_tasks,
	    a_list_walk_moves_on_when_its_task_is_freed_not_when_it_ends,
	    an_old_cursor_is_not_answered_twice,
	    eight_cursors_are_kept_the_ninth_ends_the_oldest,
	    a_page_in_progress_is_not_counted_with_those_kept,
	    cleared_walks_stand_on_nothing,
	};

	return unit_run(
	    "cursor", setup, teardown, tests, sizeof tests / sizeof tests[0]);
}
