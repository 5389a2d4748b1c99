/* Pausing runs that go on elsewhere, in a process or a program: they are told
   to stand still. */
#include "config.h"

#include <stdlib.h>

#include "tests/engine.h"
#include "tests/fake_loop.h"
#include "tests/unit.h"

START_TEST(paused_and_resumed_it_is_told)
{
	struct task *task = plain(root);

	ck_assert_uint_eq(hold(task, SUBTREE), 1);
	expect_state(task, TASK_PAUSED);
	ck_assert_uint_eq(hold(task, SUBTREE), 0);
	ck_assert_uint_eq(resume(task, SUBTREE), 1);
	expect_state(task, TASK_RUNNING);
	ck_assert_uint_eq(resume(task, SUBTREE), 0);
	settle();
	ck_assert_uint_eq(npauses, 1);
	ck_assert_uint_eq(nresumes, 1);
	ck_assert_uint_eq(nstarts, 1);
	finish(task);
}
END_TEST

START_TEST(its_timeout_stands_still)
{
	struct task *task = engine(root, SCOPE_DETACH, 2);

	go_on(1.5);
	hold(task, SUBTREE);
	go_on(100);
	resume(task, SUBTREE);
	go_on(0.4);
	ck_assert_uint_eq(nstops, 0);
	go_on(0.2);
	ck_assert_uint_eq(nstops, 1);
	finish(task);
	expect_state(task, TASK_TIMEOUT);
}
END_TEST

START_TEST(paused_and_cancelled_it_goes_on_to_stop)
{
	struct task *task = plain(root);

	hold(task, SUBTREE);
	ck_assert_uint_eq(cancel(task), 1);
	ck_assert_uint_eq(nresumes, 1);
	ck_assert_uint_eq(nstops, 1);
	expect_state(task, TASK_RUNNING);
	finish(task);
	expect_state(task, TASK_CANCELLED);
}
END_TEST

START_TEST(one_that_stops_is_not_paused)
{
	struct task *task = plain(root);

	cancel(task);
	ck_assert_uint_eq(hold(task, SUBTREE), 0);
	ck_assert_uint_eq(npauses, 0);
	expect_state(task, TASK_RUNNING);
	finish(task);
}
END_TEST

START_TEST(cancelled_it_waits_for_those_below_without_a_pause)
{
	struct task *top = engine(root, SCOPE_WAIT, FOREVER);
	struct task *below = plain(top);

	cancel(top);
	finish(top);
	expect_state(top, TASK_WAITING);
	ck_assert_uint_eq(hold(top, SUBTREE), 0);
	finish(below);
	expect_state(top, TASK_CANCELLED);
}
END_TEST

START_TEST(it_may_end_while_it_is_paused)
{
	struct task *task = plain(root);

	hold(task, SUBTREE);
	finish(task);
	expect_end(task, TASK_DONE, "1", 0);
	ck_assert_uint_eq(nresumes, 0);
}
END_TEST

START_TEST(paused_with_what_is_below_it)
{
	struct task *top = plain(root), *below = plain(top);

	ck_assert_uint_eq(hold(top, SUBTREE), 2);
	ck_assert_uint_eq(npauses, 2);
	finish(top);
	expect_state(below, TASK_PAUSED);
	ck_assert_uint_eq(resume(below, SUBTREE), 1);
	finish(below);
}
END_TEST

START_TEST(a_run_may_end_while_it_is_paused)
{
	struct task *task = interval(1);

	hold(task, SUBTREE);
	finish(task);
	expect_state(task, TASK_PAUSED);
	go_on(10);
	ck_assert_uint_eq(nstarts, 1);
	resume(task, SUBTREE);
	expect_state(task, TASK_SLEEPING);
	ck_assert_uint_eq(nresumes, 0);
	go_on(1);
	ck_assert_uint_eq(nstarts, 2);
	cancel(task);
	finish(task);
}
END_TEST

START_TEST(paused_in_a_run_and_between_runs)
{
	struct task *task = interval(1);

	hold(task, SUBTREE);
	resume(task, SUBTREE);
	ck_assert_uint_eq(nresumes, 1);
	finish(task);
	hold(task, SUBTREE);
	resume(task, SUBTREE);
	ck_assert_uint_eq(npauses, 1);
	expect_state(task, TASK_SLEEPING);
	cancel(task);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    paused_and_resumed_it_is_told,
	    its_timeout_stands_still,
	    paused_and_cancelled_it_goes_on_to_stop,
	    one_that_stops_is_not_paused,
	    cancelled_it_waits_for_those_below_without_a_pause,
	    it_may_end_while_it_is_paused,
	    paused_with_what_is_below_it,
	    a_run_may_end_while_it_is_paused,
	    paused_in_a_run_and_between_runs,
	};

	return unit_run("pause_engine", engine_setup, fake_loop_teardown, tests,
	    sizeof tests / sizeof *tests);
}
