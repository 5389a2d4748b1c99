/* The tree of tasks: its order, adoption, the nearest living ancestor, and
   chains too deep for recursion. */
#include "config.h"

#include "daemon/task.h"

#include <string.h>

#include "tests/naive_tree.h"
#include "tests/plain_tasks.h"
#include "tests/unit.h"

#define DEEP 100000

/* The names of a task's children, in order. */
static void
expect_children(const struct task *task, const char *want)
{
	char got[64] = "";
	const struct task *child;
	size_t count = 0;

	TAILQ_FOREACH (child, &task->children, sibling) {
		strcat(strcat(got, count++ > 0 ? " " : ""), task_name(child));
		ck_assert_ptr_eq(child->parent, task);
	}
	ck_assert_str_eq(got, want);
	ck_assert_uint_eq(task->nchildren, count);
}

/* --- the tree ----------------------------------------------------------- */

START_TEST(a_new_task_is_the_last_child_of_its_parent)
{
	struct task *a = new_task(root, "a");

	new_task(root, "b");
	new_task(a, "a1");
	new_task(root, "c");
	expect_children(root, "a b c");
	expect_children(a, "a1");
	ck_assert_int_eq(a->state, TASK_READY);
	ck_assert_int_gt(a->created, 0);
}
END_TEST

START_TEST(children_take_their_parents_place_in_order)
{
	struct task *b;

	new_task(root, "a");
	b = new_task(root, "b");
	new_task(root, "c");
	new_task(b, "b1");
	new_task(new_task(b, "b2"), "deep");
	new_task(b, "b3");
	finish(b);
	expect_children(root, "a b1 b2 b3 c");
	ck_assert_uint_eq(b->parent_id, root->id);
	ck_assert_uint_eq(b->nchildren, 0);
}
END_TEST

START_TEST(the_first_the_last_and_the_only_child_leave_their_place_too)
{
	struct task *a = new_task(root, "a"), *b = new_task(root, "b");

	new_task(a, "a1");
	new_task(b, "b1");
	finish(b);
	expect_children(root, "a b1");
	finish(a);
	expect_children(root, "a1 b1");
	finish(TAILQ_FIRST(&root->children));
	expect_children(root, "b1");
	finish(TAILQ_FIRST(&root->children));
	expect_children(root, "");
}
END_TEST

/* The names in preorder below `top`. */
static void
expect_preorder(struct task *top, const char *want)
{
	char got[64] = "";
	struct task *task;

	for (task = top; task != NULL; task = task_next(task, top))
		strcat(strcat(got, task == top ? "" : " "), task_name(task));
	ck_assert_str_eq(got, want);
}

START_TEST(preorder_is_a_task_then_what_is_below_it)
{
	struct task *a = new_task(root, "a"), *b = new_task(root, "b");
	struct task *a1 = new_task(a, "a1"), *a2;

	new_task(b, "b1");
	a2 = new_task(a1, "a2");
	expect_preorder(root, "root a a1 a2 b b1");
	expect_preorder(a, "a a1 a2");
	expect_preorder(a2, "a2");
	ck_assert_ptr_eq(task_next(a2, NULL), b);
	ck_assert_ptr_null(task_next(a2, a));
	ck_assert_ptr_eq(task_after(a, NULL), b);
	ck_assert_ptr_eq(task_after(a1, root), b);
	ck_assert_ptr_null(task_after(a, a));
	ck_assert_ptr_null(task_after(a1, a));
	ck_assert_ptr_null(task_after(b, NULL));
	ck_assert_uint_eq(task_depth(a2), 3);
	ck_assert_uint_eq(task_depth(root), 0);
}
END_TEST

/* --- the nearest living ancestor ---------------------------------------- */

START_TEST(a_live_task_is_its_own_nearest_living)
{
	struct task *a = new_task(root, "a");

	ck_assert_ptr_eq(task_living(tasks, a), a);
	ck_assert_ptr_eq(task_living(tasks, root), root);
}
END_TEST

START_TEST(a_finished_task_has_its_nearest_living_ancestor)
{
	struct task *a = new_task(root, "a"), *b = new_task(a, "b");
	struct task *c = new_task(b, "c"), *d = new_task(c, "d");

	finish(d);
	finish(c);
	ck_assert_ptr_eq(task_living(tasks, d), b);
	ck_assert_ptr_eq(task_living(tasks, c), b);
	finish(b);
	ck_assert_ptr_eq(task_living(tasks, d), a);
	finish(a);
	ck_assert_ptr_eq(task_living(tasks, d), root);
	ck_assert_ptr_eq(task_living(tasks, b), root);
}
END_TEST

START_TEST(where_the_way_up_was_forgotten_it_is_the_root)
{
	struct task *a = new_task(root, "a"), *b = new_task(a, "b");
	struct task *c = new_task(b, "c");

	finish(c);
	finish(b);
	task_free(tasks, b);
	ck_assert_ptr_eq(task_living(tasks, c), root);
}
END_TEST

START_TEST(the_way_up_is_made_shorter)
{
	struct task *a = new_task(root, "a"), *b = new_task(a, "b");
	struct task *c = new_task(b, "c");

	finish(c);
	finish(b);
	ck_assert_uint_eq(c->parent_id, b->id);
	ck_assert_ptr_eq(task_living(tasks, c), a);
	ck_assert_uint_eq(c->parent_id, a->id);
	task_free(tasks, b);
	ck_assert_ptr_eq(task_living(tasks, c), a);
}
END_TEST

/* --- depth -------------------------------------------------------------- */

static struct task *
make_chain(void)
{
	struct task *task = root;
	size_t i;

	unit_limit_stack();
	for (i = 0; i < DEEP; i++)
		task = new_task(task, "a");
	return task;
}

START_TEST(a_deep_chain_is_walked_without_recursion)
{
	struct task *last = make_chain(), *task;
	size_t count = 0;

	for (task = root; task != NULL; task = task_next(task, root))
		count++;
	ck_assert_uint_eq(count, DEEP + 1);
	ck_assert_uint_eq(task_depth(last), DEEP);
	ck_assert_ptr_null(task_after(last, NULL));
}
END_TEST

START_TEST(a_deep_chain_ends_from_the_top)
{
	uint64_t id;

	make_chain();
	for (id = 2; id <= DEEP; id++)
		finish(task_find(tasks, id));
	expect_children(root, "a");
	ck_assert_uint_eq(tasks_live(tasks), 2);
}
END_TEST

START_TEST(a_deep_chain_ends_from_the_bottom_and_its_way_up_is_found)
{
	struct task *last = make_chain();
	uint64_t id;

	for (id = DEEP + 1; id >= 2; id--)
		finish(task_find(tasks, id));
	ck_assert_uint_eq(tasks_live(tasks), 1);
	ck_assert_ptr_eq(task_living(tasks, last), root);
	for (id = 2; id <= DEEP + 1; id++)
		unit_check(task_find(tasks, id)->parent_id == TASK_ROOT_ID);
}
END_TEST

/* --- against a naive model ---------------------------------------------- */

static struct naive_tree naive;

static struct task *
random_task(void)
{
	return task_find(tasks, naive.nodes[unit_below(naive.count)].id);
}

static void
random_step(size_t most)
{
	struct task *task = random_task();

	if (naive.count < most && unit_one_in(2)) {
		naive_tree_add(&naive, task->id, new_task(task, "a")->id);
	} else if (task != root) {
		naive_tree_remove(&naive, task->id);
		finish(task);
		if (unit_one_in(2))
			task_free(tasks, task);
	}
}

START_TEST(random_trees_agree_with_a_naive_model)
{
	size_t i;

	memset(&naive, 0, sizeof naive);
	naive_tree_add(&naive, 0, root->id);
	for (i = 0; i < 20000; i++) {
		random_step(1 + i / 200);
		naive_tree_check(&naive, root);
		unit_check(tasks_live(tasks) == naive.count);
	}
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    a_new_task_is_the_last_child_of_its_parent,
	    children_take_their_parents_place_in_order,
	    the_first_the_last_and_the_only_child_leave_their_place_too,
	    preorder_is_a_task_then_what_is_below_it,
	    a_live_task_is_its_own_nearest_living,
	    a_finished_task_has_its_nearest_living_ancestor,
	    where_the_way_up_was_forgotten_it_is_the_root,
	    the_way_up_is_made_shorter,
	    a_deep_chain_is_walked_without_recursion,
	    a_deep_chain_ends_from_the_top,
	    a_deep_chain_ends_from_the_bottom_and_its_way_up_is_found,
	    random_trees_agree_with_a_naive_model,
	};

	return unit_run("task_tree", plain_tasks_setup, plain_tasks_teardown,
	    tests, sizeof tests / sizeof tests[0]);
}
