/* Runs that take time to stop: what goes on in a process or a program
   elsewhere. */
#include "config.h"

#include <stdlib.h>

#include "daemon/recur.h"
#include "tests/engine.h"
#include "tests/fake_loop.h"
#include "tests/unit.h"

/* --- cancel ------------------------------------------------------------- */

START_TEST(cancelled_it_runs_until_it_has_stopped)
{
	struct task *task = plain(root);

	ck_assert_uint_eq(cancel(task), 1);
	ck_assert_uint_eq(nstops, 1);
	expect_state(task, TASK_RUNNING);
	go_on(10);
	expect_state(task, TASK_RUNNING);
	finish(task);
	expect_end(task, TASK_CANCELLED, "\"enough\"", 10);
}
END_TEST

START_TEST(it_is_told_how_to_stop)
{
	const struct stop stop = {.signal = 2, .grace = 3};
	struct task *task = plain(root);

	cancel(task);
	ck_assert_int_eq(last_stop.signal, 0);
	ck_assert(last_stop.grace < 0);
	cancel_with(task, &(struct cancel){.stop = &stop});
	ck_assert_int_eq(last_stop.signal, 2);
	ck_assert_double_eq(last_stop.grace, 3);
	finish(task);
}
END_TEST

START_TEST(cancelled_again_it_is_told_again_and_keeps_its_reason)
{
	struct task *task = plain(root);

	ck_assert_uint_eq(cancel(task), 1);
	ck_assert_uint_eq(
	    cancel_with(task, &(struct cancel){.reason = "\"more\""}), 0);
	ck_assert_uint_eq(nstops, 2);
	finish(task);
	expect_end(task, TASK_CANCELLED, "\"enough\"", 0);
}
END_TEST

START_TEST(one_that_did_not_start_ends_at_once)
{
	const struct spawn spawn = {.function = &fn_engine,
	    .parent = root,
	    .timeout = FOREVER,
	    .delay = -1};
	struct task *task = scheduler_spawn(scheduler, &spawn);

	cancel(task);
	settle();
	expect_state(task, TASK_CANCELLED);
	ck_assert_uint_eq(nstarts + nstops, 0);
}
END_TEST

START_TEST(those_below_are_told_first)
{
	struct task *top = plain(root), *below = plain(top);
	struct task *deep = plain(below);

	ck_assert_uint_eq(cancel(top), 3);
	ck_assert_ptr_eq(stopped[0], deep);
	ck_assert_ptr_eq(stopped[1], below);
	ck_assert_ptr_eq(stopped[2], top);
	finish(top);
	expect_state(top, TASK_CANCELLED);
	ck_assert_ptr_eq(below->parent, root);
	finish(below);
	finish(deep);
	expect_state(deep, TASK_CANCELLED);
}
END_TEST

START_TEST(cancelled_alone_it_leaves_those_below)
{
	struct task *top = plain(root), *below = plain(top);

	ck_assert_uint_eq(cancel_with(top, &(struct cancel){.only = true}), 1);
	ck_assert_uint_eq(nstops, 1);
	finish(top);
	expect_state(below, TASK_RUNNING);
	ck_assert_ptr_eq(below->parent, root);
	finish(below);
	expect_state(below, TASK_DONE);
}
END_TEST

START_TEST(all_are_cancelled_at_once)
{
	struct task *one = plain(root), *other = plain(one);

	scheduler_cancel_all(scheduler, &(struct cancel){.only = false});
	ck_assert_uint_eq(nstops, 2);
	finish(one);
	finish(other);
	ck_assert_uint_eq(root->nchildren, 0);
}
END_TEST

/* --- timeout ------------------------------------------------------------ */

START_TEST(a_timeout_stops_it)
{
	struct task *task = engine(root, SCOPE_DETACH, 2);

	go_on(3);
	ck_assert_uint_eq(nstops, 1);
	ck_assert(last_stop.grace < 0);
	expect_state(task, TASK_RUNNING);
	finish(task);
	expect_state(task, TASK_TIMEOUT);
}
END_TEST

START_TEST(a_timeout_while_it_stops_changes_nothing)
{
	struct task *task = engine(root, SCOPE_DETACH, 2);

	cancel(task);
	go_on(3);
	ck_assert_uint_eq(nstops, 1);
	finish(task);
	expect_end(task, TASK_CANCELLED, "\"enough\"", 3);
}
END_TEST

START_TEST(cancelled_after_its_timeout_it_is_told_again)
{
	struct task *task = engine(root, SCOPE_DETACH, 2);

	go_on(3);
	ck_assert_uint_eq(cancel(task), 0);
	ck_assert_uint_eq(nstops, 2);
	finish(task);
	expect_state(task, TASK_TIMEOUT);
}
END_TEST

/* --- scopes ------------------------------------------------------------- */

START_TEST(a_scope_waits_for_it)
{
	struct task *top = engine(root, SCOPE_WAIT, FOREVER);
	struct task *below = plain(top);

	finish(top);
	expect_state(top, TASK_WAITING);
	finish(below);
	expect_end(top, TASK_DONE, "1", 0);
}
END_TEST

START_TEST(a_scope_cancels_it_and_waits_until_it_has_stopped)
{
	struct task *top = engine(root, SCOPE_CANCEL, FOREVER);
	struct task *below = plain(top);

	finish(top);
	ck_assert_ptr_eq(stopped[0], below);
	go_on(5);
	expect_state(top, TASK_WAITING);
	finish(below);
	expect_end(top, TASK_DONE, "1", 5);
	expect_state(below, TASK_CANCELLED);
}
END_TEST

START_TEST(cancelled_with_a_scope_it_waits_for_those_below)
{
	struct task *top = engine(root, SCOPE_WAIT, FOREVER);
	struct task *below = plain(top);

	cancel(top);
	finish(top);
	expect_state(top, TASK_WAITING);
	ck_assert_uint_eq(cancel(top), 0);
	ck_assert_uint_eq(nstops, 3);
	finish(below);
	expect_state(top, TASK_CANCELLED);
}
END_TEST

START_TEST(its_timeout_covers_those_its_scope_waits_for)
{
	struct task *top = engine(root, SCOPE_WAIT, 2);
	struct task *below = plain(top);

	finish(top);
	go_on(3);
	ck_assert_ptr_eq(stopped[0], below);
	expect_state(top, TASK_WAITING);
	finish(below);
	expect_state(top, TASK_TIMEOUT);
}
END_TEST

/* --- recurrence --------------------------------------------------------- */

START_TEST(cancelled_in_a_run_there_is_no_other)
{
	struct task *task = interval(1);

	finish(task);
	go_on(1);
	ck_assert_uint_eq(nstarts, 2);
	cancel(task);
	expect_state(task, TASK_RUNNING);
	finish(task);
	expect_state(task, TASK_CANCELLED);
	ck_assert_uint_eq(nstarts, 2);
}
END_TEST

START_TEST(cancelled_between_runs_it_ends_at_once)
{
	struct task *task = interval(1);

	finish(task);
	expect_state(task, TASK_SLEEPING);
	cancel(task);
	expect_state(task, TASK_CANCELLED);
	ck_assert_uint_eq(nstops, 0);
}
END_TEST

/* --- all of it ---------------------------------------------------------- */

static struct task *
random_engine(struct task *const *all, size_t count)
{
	struct task *parent = all[unit_below(count)];
	struct spawn spawn = {.function = &fn_engine, .delay = -1};

	spawn.parent = task_is_live(parent) ? parent : root;
	spawn.scope = (enum task_scope)unit_below(3);
	spawn.timeout = (double)unit_below(8) - 1;
	if (unit_one_in(3)) {
		spawn.recurrence = recur_new(RECUR_INTERVAL, 1);
		spawn.recurrence->immediate = unit_one_in(2);
		recur_prepare(scheduler, &spawn);
	}
	return scheduler_spawn(scheduler, &spawn);
}

/* In a run, as far as its function knows. */
static bool
is_engaged(const struct task *task)
{
	return task_is_live(task) && !task->closing &&
	       (task->state == TASK_RUNNING ||
		   (task->pause != NULL && task->pause->state == TASK_RUNNING));
}

static void
do_anything(struct task *task)
{
	switch (unit_below(5)) {
	case 0:
		go_on(0.1 * (double)unit_below(5));
		break;
	case 1:
		hold(task, SUBTREE);
		break;
	case 2:
		resume(task, SUBTREE);
		break;
	case 3:
		cancel_with(task, &(struct cancel){.only = unit_one_in(2)});
		break;
	default:
		if (is_engaged(task))
			finish(task);
		break;
	}
}

START_TEST(counters_are_exact_whatever_happens)
{
	struct task *all[400];
	size_t count = 1, step, i;

	all[0] = root;
	for (step = 0; step < 4000; step++) {
		struct task *task = all[unit_below(count)];

		if (count < 400 && unit_one_in(4)) {
			all[count] = random_engine(all, count);
			count++;
		} else if (task != root && task_is_live(task)) {
			do_anything(task);
		}
		check_counts();
	}
	for (i = 1; i < count; i++)
		if (task_is_live(all[i]))
			cancel(all[i]);
	for (i = 1; i < count; i++)
		if (is_engaged(all[i]))
			finish(all[i]);
	go_on(1);
	ck_assert_uint_eq(root->nchildren, 0);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    cancelled_it_runs_until_it_has_stopped,
	    it_is_told_how_to_stop,
	    cancelled_again_it_is_told_again_and_keeps_its_reason,
	    one_that_did_not_start_ends_at_once,
	    those_below_are_told_first,
	    cancelled_alone_it_leaves_those_below,
	    all_are_cancelled_at_once,
	    a_timeout_stops_it,
	    a_timeout_while_it_stops_changes_nothing,
	    cancelled_after_its_timeout_it_is_told_again,
	    a_scope_waits_for_it,
	    a_scope_cancels_it_and_waits_until_it_has_stopped,
	    cancelled_with_a_scope_it_waits_for_those_below,
	    its_timeout_covers_those_its_scope_waits_for,
	    cancelled_in_a_run_there_is_no_other,
	    cancelled_between_runs_it_ends_at_once,
	    counters_are_exact_whatever_happens,
	};

	return unit_run("scheduler_stop", engine_setup, fake_loop_teardown,
	    tests, sizeof tests / sizeof *tests);
}
