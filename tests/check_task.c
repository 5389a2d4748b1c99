/* Tasks as data: ids, names, states and outcomes. */
#include "config.h"

#include "daemon/task.h"

#include "proto/xalloc.h"
#include "tests/plain_tasks.h"
#include "tests/unit.h"

/* --- ids ---------------------------------------------------------------- */

START_TEST(ids_rise_from_one_and_are_never_reused)
{
	struct task *a = new_task(root, "a");

	ck_assert_uint_eq(root->id, TASK_ROOT_ID);
	ck_assert_uint_eq(a->id, 2);
	finish(a);
	task_free(tasks, a);
	ck_assert_ptr_null(task_find(tasks, 2));
	ck_assert_uint_eq(new_task(root, "b")->id, 3);
}
END_TEST

START_TEST(a_task_is_found_by_its_id_until_it_is_freed)
{
	struct task *a = new_task(root, "a");

	ck_assert_ptr_eq(task_find(tasks, a->id), a);
	finish(a);
	ck_assert_ptr_eq(task_find(tasks, a->id), a);
	ck_assert_ptr_null(task_find(tasks, 0));
	ck_assert_ptr_null(task_find(tasks, 3));
	ck_assert_ptr_null(task_find(tasks, UINT64_MAX));
	/* In the same bucket of a table of 256. */
	ck_assert_ptr_null(task_find(tasks, a->id + 256));
}
END_TEST

START_TEST(the_table_of_ids_grows)
{
	uint64_t id;

	for (id = 2; id <= 5000; id++)
		new_task(root, "a");
	for (id = 2; id <= 5000; id += 2) {
		finish(task_find(tasks, id));
		task_free(tasks, task_find(tasks, id));
	}
	for (id = 1; id <= 5001; id++) {
		struct task *task = task_find(tasks, id);

		ck_assert_int_eq(task != NULL, id <= 5000 && id % 2 == 1);
		ck_assert(task == NULL || task->id == id);
	}
	ck_assert_uint_eq(tasks_live(tasks), 2500);
}
END_TEST

START_TEST(tasks_are_in_the_order_of_their_ids)
{
	struct task *a = new_task(root, "a"), *b = new_task(a, "b");

	finish(a); /* finished ones too */
	ck_assert_ptr_eq(tasks_first(tasks), root);
	ck_assert_ptr_eq(TAILQ_NEXT(root, in_order), a);
	ck_assert_ptr_eq(TAILQ_NEXT(a, in_order), b);
	ck_assert_ptr_null(TAILQ_NEXT(b, in_order));
	ck_assert_uint_eq(tasks_live(tasks), 2);
}
END_TEST

/* --- names -------------------------------------------------------------- */

static void
expect_name(const char *name, const struct task *want, size_t want_live)
{
	size_t live = 99;

	ck_assert_ptr_eq(task_find_name(tasks, name, &live), want);
	ck_assert_uint_eq(live, want_live);
}

START_TEST(a_name_means_the_live_task_that_has_it)
{
	struct task *a = new_task(root, "a");

	finish(new_task(root, "a"));
	expect_name("a", a, 1);
	expect_name("root", root, 1);
	expect_name("b", NULL, 0);
}
END_TEST

START_TEST(where_none_lives_it_means_the_one_that_finished_last)
{
	struct task *a = new_task(root, "a"), *b = new_task(root, "a");

	finish(b);
	finish(a);
	expect_name("a", a, 0);
	task_free(tasks, a);
	expect_name("a", b, 0);
	task_free(tasks, b);
	expect_name("a", NULL, 0);
}
END_TEST

START_TEST(live_namesakes_are_all_found)
{
	struct task *a = new_task(root, "a"), *b = new_task(a, "a");
	struct task *c = new_task(b, "a");

	expect_name("a", a, 3);
	ck_assert_ptr_eq(task_next_namesake(a), b);
	ck_assert_ptr_eq(task_next_namesake(b), c);
	ck_assert_ptr_null(task_next_namesake(c));
	finish(b);
	expect_name("a", a, 2);
	ck_assert_ptr_eq(task_next_namesake(a), c);
}
END_TEST

START_TEST(a_nameless_task_has_a_name_but_is_not_found_by_it)
{
	struct task *a = task_new(tasks, root, NULL, "a", NULL, true);

	ck_assert_str_eq(task_name(a), "a");
	expect_name("a", NULL, 0);
	finish(a);
	expect_name("a", NULL, 0);
	task_free(tasks, a);
	expect_name("a", NULL, 0);
}
END_TEST

/* --- states and outcomes ------------------------------------------------ */

START_TEST(states_and_scopes_have_the_names_of_the_wire)
{
	const char *const names[] = {"ready", "running", "sleeping", "waiting",
	    "paused", "done", "failed", "cancelled", "timeout"};
	int i;

	for (i = TASK_READY; i <= TASK_TIMEOUT; i++) {
		ck_assert_str_eq(task_state_name(i), names[i]);
		ck_assert_int_eq(task_state_find(names[i]), i);
	}
	ck_assert_int_eq(task_state_find("Done"), -1);
	ck_assert_int_eq(task_state_find(""), -1);
	ck_assert_str_eq(task_scope_name(SCOPE_DETACH), "detach");
	ck_assert_str_eq(task_scope_name(SCOPE_WAIT), "wait");
	ck_assert_str_eq(task_scope_name(SCOPE_CANCEL), "cancel");
}
END_TEST

START_TEST(a_task_takes_its_state_from_its_outcome)
{
	int state;

	for (state = TASK_DONE; state <= TASK_TIMEOUT; state++) {
		struct task *a = new_task(root, "a");

		ck_assert(task_is_live(a));
		task_finish(tasks, a, outcome_new(tasks, state, "x", 7));
		ck_assert(!task_is_live(a));
		ck_assert_int_eq(a->state, state);
		ck_assert_int_eq(a->outcome->ended, 7);
		ck_assert_int_gt(a->outcome->finished, 0);
	}
}
END_TEST

START_TEST(an_outcome_outlives_its_task)
{
	struct task *a = new_task(root, "a");
	struct outcome *outcome;

	finish(a);
	outcome = outcome_ref(a->outcome);
	task_free(tasks, a);
	ck_assert_str_eq(outcome->text, "null");
	ck_assert_uint_eq(outcome->refs, 1);
	outcome_unref(outcome);
	outcome_unref(NULL);
}
END_TEST

START_TEST(outcomes_are_numbered_as_they_come)
{
	struct outcome *a = outcome_new(tasks, TASK_DONE, NULL, 0);
	struct outcome *b = outcome_new(tasks, TASK_DONE, "", 0);

	ck_assert_uint_lt(a->order, b->order);
	ck_assert_str_eq(a->text, "");
	ck_assert_str_eq(b->text, "");
	outcome_unref(a);
	outcome_unref(b);
}
END_TEST

START_TEST(a_table_frees_what_is_left_in_it)
{
	struct task *a =
	    task_new(tasks, root, NULL, "a", xstrdup("[1]"), false);

	a->limit = xcalloc(1, sizeof *a->limit);
	finish(new_task(a, "b"));
	new_task(new_task(a, "c"), "d");
	finish(a);
	ck_assert_uint_eq(tasks_live(tasks), 3);
	/* The teardown deletes the table, a checker of leaks looks. */
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    ids_rise_from_one_and_are_never_reused,
	    a_task_is_found_by_its_id_until_it_is_freed,
	    the_table_of_ids_grows,
	    tasks_are_in_the_order_of_their_ids,
	    a_name_means_the_live_task_that_has_it,
	    where_none_lives_it_means_the_one_that_finished_last,
	    live_namesakes_are_all_found,
	    a_nameless_task_has_a_name_but_is_not_found_by_it,
	    states_and_scopes_have_the_names_of_the_wire,
	    a_task_takes_its_state_from_its_outcome,
	    an_outcome_outlives_its_task,
	    outcomes_are_numbered_as_they_come,
	    a_table_frees_what_is_left_in_it,
	};

	return unit_run("task", plain_tasks_setup, plain_tasks_teardown, tests,
	    sizeof tests / sizeof tests[0]);
}
