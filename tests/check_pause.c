/* Pausing: what stands still, who is paused too, and what ends meanwhile. */
#include "config.h"

#include "tests/fake_loop.h"
#include "tests/unit.h"

static struct task *
spawn(struct task *parent)
{
	struct spawn spawn = job_spawn(parent);

	return scheduler_spawn(scheduler, &spawn);
}

/* Sleeps, then runs. */
static struct task *
sleeper(struct task *parent, double seconds)
{
	struct spawn spawn = job_spawn(parent);

	spawn.delay = seconds;
	return scheduler_spawn(scheduler, &spawn);
}

static struct task *
limited(double delay, double timeout)
{
	struct spawn spawn = job_spawn(root);

	spawn.delay = delay;
	spawn.timeout = timeout;
	return scheduler_spawn(scheduler, &spawn);
}

/* Its function ends at once, unless it is held first. */
static struct task *
scoped(enum task_scope scope)
{
	struct spawn spawn = job_spawn(root);

	spawn.scope = scope;
	return scheduler_spawn(scheduler, &spawn);
}

static size_t
cancel(struct task *task, bool only)
{
	return scheduler_cancel(
	    scheduler, task, &(struct cancel){.only = only}, NULL, 0);
}

/* --- time --------------------------------------------------------------- */

START_TEST(what_is_left_of_a_sleep_stands_still)
{
	struct task *task = sleeper(root, 10);

	go_on(4);
	ck_assert_uint_eq(hold(task, ONLY), 1);
	ck_assert_uint_eq(paused[0], task->id);
	ck_assert_uint_eq(timers_count(timers), 0);
	go_on(1000);
	expect_state(task, TASK_PAUSED);
	ck_assert_uint_eq(resume(task, ONLY), 1);
	expect_state(task, TASK_SLEEPING);
	go_on(5.9);
	expect_state(task, TASK_SLEEPING);
	go_on(0.2);
	expect_end(task, TASK_DONE, "0", 1010);
}
END_TEST

START_TEST(what_is_left_of_a_timeout_stands_still)
{
	struct task *task = limited(100, 10);

	go_on(4);
	hold(task, ONLY);
	go_on(1000);
	resume(task, ONLY);
	go_on(100);
	expect_end(task, TASK_TIMEOUT, "", 1010);
}
END_TEST

START_TEST(a_sleep_that_was_due_is_over_when_resumed)
{
	struct task *task = sleeper(root, 10);

	go_on(9.999);
	hold(task, ONLY);
	suspend(0.001);
	resume(task, ONLY);
	go_on(0.0011);
	expect_end(task, TASK_DONE, "0", 10.001);
}
END_TEST

START_TEST(paused_and_resumed_at_once_nothing_has_changed)
{
	struct task *task = limited(10, 20);
	int i;

	for (i = 0; i < 9; i++) {
		go_on(1);
		hold(task, ONLY);
		resume(task, ONLY);
	}
	go_on(2);
	expect_end(task, TASK_DONE, "0", 10);
}
END_TEST

START_TEST(a_ready_task_is_held_and_keeps_no_place_in_the_queue)
{
	struct task *first = spawn(root), *second = spawn(root);

	hold(first, ONLY);
	go_on(5);
	expect_state(first, TASK_PAUSED);
	expect_end(second, TASK_DONE, "0", 0);
	resume(first, ONLY);
	expect_state(first, TASK_READY);
	settle();
	expect_end(first, TASK_DONE, "1", 5);
}
END_TEST

/* --- the subtree -------------------------------------------------------- */

START_TEST(a_subtree_is_paused_in_preorder)
{
	struct task *top = sleeper(root, 10), *a = sleeper(top, 10);
	struct task *below_a = sleeper(a, 10), *b = sleeper(top, 10);
	struct task *beside = sleeper(root, 10);

	ck_assert_uint_eq(hold(top, SUBTREE), 4);
	ck_assert_uint_eq(paused[0], top->id);
	ck_assert_uint_eq(paused[1], a->id);
	ck_assert_uint_eq(paused[2], below_a->id);
	ck_assert_uint_eq(paused[3], b->id);
	go_on(100);
	expect_state(below_a, TASK_PAUSED);
	ck_assert(!task_is_live(beside));
	ck_assert_uint_eq(resume(top, SUBTREE), 4);
	go_on(10);
	ck_assert_uint_eq(root->nchildren, 0);
}
END_TEST

START_TEST(only_leaves_those_below_alone)
{
	struct task *top = sleeper(root, 10), *below = sleeper(top, 10);

	ck_assert_uint_eq(hold(top, ONLY), 1);
	expect_state(below, TASK_SLEEPING);
	ck_assert_uint_eq(spawn(top)->state, TASK_READY);
	go_on(20);
	ck_assert(!task_is_live(below));
	expect_state(top, TASK_PAUSED);
}
END_TEST

START_TEST(resumed_alone_those_below_stay_paused)
{
	struct task *top = sleeper(root, 10), *below = sleeper(top, 10);

	hold(top, SUBTREE);
	ck_assert_uint_eq(resume(top, ONLY), 1);
	go_on(20);
	ck_assert(!task_is_live(top));
	expect_state(below, TASK_PAUSED);
	ck_assert_ptr_eq(below->parent, root);
	resume(below, SUBTREE);
	go_on(20);
	ck_assert(!task_is_live(below));
}
END_TEST

START_TEST(who_is_paused_already_is_not_paused_again)
{
	struct task *top = sleeper(root, 10), *below = sleeper(top, 10);

	hold(below, ONLY);
	go_on(5);
	ck_assert_uint_eq(hold(top, SUBTREE), 1);
	ck_assert_uint_eq(hold(top, SUBTREE), 0);
	ck_assert_uint_eq(hold(top, ONLY), 0);
	go_on(5);
	ck_assert_uint_eq(resume(top, SUBTREE), 2);
	ck_assert_uint_eq(resume(top, SUBTREE), 0);
	go_on(5.1);
	ck_assert(!task_is_live(top));
	expect_state(below, TASK_SLEEPING);
	go_on(5);
	ck_assert(!task_is_live(below));
}
END_TEST

START_TEST(new_children_of_a_paused_subtree_start_paused)
{
	struct task *top = sleeper(root, 10), *middle = sleeper(top, 10);
	struct task *ready, *sleeping, *deep;

	hold(top, SUBTREE);
	ready = spawn(middle);
	sleeping = sleeper(middle, 3);
	deep = spawn(ready);
	go_on(100);
	expect_state(ready, TASK_PAUSED);
	expect_state(sleeping, TASK_PAUSED);
	expect_state(deep, TASK_PAUSED);
	ck_assert_uint_eq(job_count, 0);
	ck_assert_uint_eq(resume(top, SUBTREE), 5);
	go_on(2.9);
	expect_state(sleeping, TASK_SLEEPING);
	go_on(0.2);
	expect_end(ready, TASK_DONE, "0", 100);
	expect_end(sleeping, TASK_DONE, "2", 103);
}
END_TEST

START_TEST(the_timeout_of_one_that_starts_paused_has_not_begun)
{
	struct spawn limited = job_spawn(sleeper(root, 10));
	struct task *task;

	hold(limited.parent, SUBTREE);
	limited.timeout = 5;
	limited.delay = 7;
	task = scheduler_spawn(scheduler, &limited);
	go_on(100);
	expect_state(task, TASK_PAUSED);
	resume(limited.parent, SUBTREE);
	go_on(6);
	expect_end(task, TASK_TIMEOUT, "", 105);
}
END_TEST

START_TEST(one_paused_alone_may_become_part_of_a_paused_subtree)
{
	struct task *top = sleeper(root, 10);

	hold(top, ONLY);
	ck_assert_uint_eq(spawn(top)->state, TASK_READY);
	hold(top, SUBTREE);
	ck_assert_uint_eq(spawn(top)->state, TASK_PAUSED);
}
END_TEST

START_TEST(one_below_that_was_paused_alone_becomes_part_of_it_too)
{
	struct task *top = sleeper(root, 10), *below = sleeper(top, 10);

	hold(below, ONLY);
	hold(top, SUBTREE);
	ck_assert_uint_eq(spawn(below)->state, TASK_PAUSED);
}
END_TEST

/* --- ends --------------------------------------------------------------- */

START_TEST(a_paused_task_may_be_cancelled)
{
	struct task *top = limited(10, 20), *below = sleeper(top, 10);

	hold(top, SUBTREE);
	go_on(3);
	ck_assert_uint_eq(cancel(top, SUBTREE), 2);
	expect_end(top, TASK_CANCELLED, "", 3);
	expect_end(below, TASK_CANCELLED, "", 3);
	ck_assert_ptr_null(top->pause);
	ck_assert_uint_eq(timers_count(timers), 1);
	ck_assert_uint_eq(resume(top, ONLY), 0);
	go_on(100);
	ck_assert_uint_eq(job_count, 0);
}
END_TEST

START_TEST(cancelled_alone_it_leaves_its_children_paused)
{
	struct task *top = sleeper(root, 10), *below = sleeper(top, 10);

	hold(top, SUBTREE);
	cancel(top, ONLY);
	ck_assert_ptr_eq(below->parent, root);
	go_on(100);
	expect_state(below, TASK_PAUSED);
	resume(below, ONLY);
	go_on(11);
	expect_end(below, TASK_DONE, "0", 110);
}
END_TEST

START_TEST(children_adopted_from_a_paused_task_are_not_paused)
{
	struct task *top = sleeper(root, 10), *middle = sleeper(top, 10);
	struct task *below = sleeper(middle, 10);

	hold(middle, ONLY);
	cancel(middle, ONLY);
	ck_assert_ptr_eq(below->parent, top);
	expect_state(below, TASK_SLEEPING);
}
END_TEST

/* --- closing ------------------------------------------------------------ */

START_TEST(a_closing_task_waits_on_when_it_is_resumed)
{
	struct task *top = scoped(SCOPE_WAIT), *below = sleeper(top, 10);

	go_on(1);
	expect_state(top, TASK_WAITING);
	ck_assert_uint_eq(hold(top, SUBTREE), 2);
	expect_state(top, TASK_PAUSED);
	go_on(100);
	ck_assert_uint_eq(resume(top, SUBTREE), 2);
	expect_state(top, TASK_WAITING);
	go_on(8.9);
	expect_state(top, TASK_WAITING);
	go_on(0.2);
	expect_end(below, TASK_DONE, "1", 110);
	expect_end(top, TASK_DONE, "0", 110);
}
END_TEST

START_TEST(children_that_end_meanwhile_do_not_end_it)
{
	struct task *top = scoped(SCOPE_WAIT), *below = sleeper(top, 10);

	go_on(1);
	hold(top, ONLY);
	go_on(100);
	ck_assert(!task_is_live(below));
	expect_state(top, TASK_PAUSED);
	resume(top, ONLY);
	settle();
	expect_end(top, TASK_DONE, "0", 101);
}
END_TEST

START_TEST(a_closing_task_that_was_about_to_end_ends_when_it_is_resumed)
{
	struct task *top = scoped(SCOPE_WAIT), *below = sleeper(top, 10);

	go_on(1);
	cancel(below, ONLY); /* that queued its parent */
	hold(top, ONLY);
	go_on(100);
	expect_state(top, TASK_PAUSED);
	resume(top, ONLY);
	settle();
	expect_end(top, TASK_DONE, "0", 101);
}
END_TEST

START_TEST(a_closing_task_that_is_paused_may_be_cancelled)
{
	struct task *top = scoped(SCOPE_WAIT), *below = sleeper(top, 10);

	go_on(1);
	hold(top, SUBTREE);
	cancel(top, ONLY);
	expect_state(below, TASK_PAUSED);
	go_on(100);
	expect_state(top, TASK_WAITING);
	resume(below, ONLY);
	go_on(10);
	expect_end(top, TASK_CANCELLED, "", 110);
}
END_TEST

START_TEST(a_scope_waits_for_a_paused_child)
{
	struct task *top = scoped(SCOPE_WAIT), *below = sleeper(top, 10);

	hold(below, ONLY);
	go_on(100);
	expect_state(top, TASK_WAITING);
	cancel(below, ONLY);
	settle();
	expect_end(top, TASK_DONE, "0", 100);
}
END_TEST

START_TEST(a_scope_cancels_a_paused_child)
{
	struct task *top = scoped(SCOPE_CANCEL), *below = sleeper(top, 10);

	hold(below, ONLY);
	settle();
	expect_end(top, TASK_DONE, "0", 0);
	expect_end(below, TASK_CANCELLED, "", 0);
}
END_TEST

START_TEST(the_timeout_of_a_closing_task_stands_still)
{
	struct spawn closing = job_spawn(root);
	struct task *top, *below;

	closing.scope = SCOPE_WAIT;
	closing.timeout = 10;
	top = scheduler_spawn(scheduler, &closing);
	below = sleeper(top, 1000);
	go_on(4);
	hold(top, ONLY);
	go_on(100);
	resume(top, ONLY);
	go_on(7);
	expect_end(top, TASK_TIMEOUT, "", 110);
	expect_end(below, TASK_CANCELLED, "", 110);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    what_is_left_of_a_sleep_stands_still,
	    what_is_left_of_a_timeout_stands_still,
	    a_sleep_that_was_due_is_over_when_resumed,
	    paused_and_resumed_at_once_nothing_has_changed,
	    a_ready_task_is_held_and_keeps_no_place_in_the_queue,
	    a_subtree_is_paused_in_preorder,
	    only_leaves_those_below_alone,
	    resumed_alone_those_below_stay_paused,
	    who_is_paused_already_is_not_paused_again,
	    new_children_of_a_paused_subtree_start_paused,
	    the_timeout_of_one_that_starts_paused_has_not_begun,
	    one_paused_alone_may_become_part_of_a_paused_subtree,
	    one_below_that_was_paused_alone_becomes_part_of_it_too,
	    a_paused_task_may_be_cancelled,
	    cancelled_alone_it_leaves_its_children_paused,
	    children_adopted_from_a_paused_task_are_not_paused,
	    a_closing_task_waits_on_when_it_is_resumed,
	    children_that_end_meanwhile_do_not_end_it,
	    a_closing_task_that_was_about_to_end_ends_when_it_is_resumed,
	    a_closing_task_that_is_paused_may_be_cancelled,
	    a_scope_waits_for_a_paused_child,
	    a_scope_cancels_a_paused_child,
	    the_timeout_of_a_closing_task_stands_still,
	};

	return unit_run("pause", fake_loop_setup, fake_loop_teardown, tests,
	    sizeof tests / sizeof *tests);
}
