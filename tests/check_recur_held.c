/* Recurrence: what becomes of it where time stands still or jumps, and where it
   is ended or adopted. */
#include "config.h"

#include "daemon/recur.h"

#include <stdlib.h>

#include "tests/fake_loop.h"
#include "tests/unit.h"

/* --- paused ------------------------------------------------------------- */

START_TEST(what_is_left_of_an_interval_stands_still)
{
	struct task *task = job_recur(RECUR_INTERVAL, 10);

	go_on(14);
	pause_one(task);
	go_on(1000);
	expect_starts(10);
	resume_one(task);
	go_on(20);
	expect_starts(10, 1020, 1030);
}
END_TEST

START_TEST(a_backoff_stands_still)
{
	struct task *task;

	job_plan = job_fails;
	task = job_recur(RECUR_LOOP, 0);
	go_on(3.5);
	pause_one(task);
	go_on(100);
	resume_one(task);
	go_on(12);
	expect_starts(0, 1, 3, 107, 115);
}
END_TEST

START_TEST(a_paused_rate_resumes_without_a_burst)
{
	struct task *task = job_recur(RECUR_RATE, 10);

	go_on(0.25);
	pause_one(task);
	go_on(1000);
	expect_starts(0, 0.1, 0.2);
	resume_one(task);
	settle();
	expect_starts(0, 0.1, 0.2);
	go_on(0.16);
	expect_starts(0, 0.1, 0.2, 1000.3, 1000.4);
	ck_assert_uint_eq(job_recurrence->missed, 0);
}
END_TEST

START_TEST(a_rate_paused_in_the_middle_of_a_run_has_missed_nothing)
{
	struct task *task;

	job_plan = job_takes_half_a_second;
	task = job_recur(RECUR_RATE, 1);
	go_on(0.25);
	pause_one(task);
	go_on(1000);
	resume_one(task);
	go_on(1);
	expect_starts(0, 1001);
	ck_assert_uint_eq(job_recurrence->missed, 0);
}
END_TEST

START_TEST(a_rate_paused_before_its_first_run_runs_when_resumed)
{
	struct task *task = job_recur(RECUR_RATE, 1);

	pause_one(task);
	go_on(7);
	expect_starts();
	resume_one(task);
	go_on(1.5);
	expect_starts(7, 8);
	ck_assert_uint_eq(job_recurrence->missed, 0);
}
END_TEST

START_TEST(a_rate_paused_often_keeps_its_distance)
{
	struct task *task = job_recur(RECUR_RATE, 2);
	int i;

	for (i = 0; i < 10; i++) {
		go_on(0.3);
		pause_one(task);
		go_on(0.9);
		resume_one(task);
	}
	/* Of 12 s it was held 9: 3 s are 6 ticks and the first. */
	ck_assert_uint_eq(job_recurrence->runs, 7);
	ck_assert_uint_eq(job_recurrence->missed, 0);
}
END_TEST

/* --- a machine that was suspended --------------------------------------- */

START_TEST(an_interval_does_not_catch_up)
{
	job_recur(RECUR_INTERVAL, 1);
	go_on(1.5);
	suspend(3600);
	expect_starts(1, 3601.5);
	go_on(1.1);
	expect_starts(1, 3601.5, 3602.5);
}
END_TEST

START_TEST(a_rate_skips_and_counts_and_stays_on_its_ticks)
{
	job_recur(RECUR_RATE, 2);
	go_on(0.6);
	suspend(3600.1);
	expect_starts(0, 0.5, 3600.7);
	ck_assert_uint_eq(job_recurrence->missed, 7199);
	go_on(1);
	expect_starts(0, 0.5, 3600.7, 3601, 3601.5);
	ck_assert_uint_eq(job_recurrence->runs + job_recurrence->missed, 7204);
}
END_TEST

START_TEST(a_backoff_is_over_once)
{
	job_plan = job_fails;
	job_recur(RECUR_LOOP, 0);
	go_on(0.5);
	suspend(3600);
	expect_starts(0, 3600.5);
	go_on(2.1);
	expect_starts(0, 3600.5, 3602.5);
}
END_TEST

/* --- in the middle ------------------------------------------------------ */

START_TEST(cancel_ends_it_between_runs_and_within_one)
{
	struct task *between = job_recur(RECUR_INTERVAL, 10);
	struct task *within;

	job_plan = job_takes_half_a_second;
	within = job_recur(RECUR_LOOP, 0);
	go_on(0.7);
	scheduler_cancel(
	    scheduler, between, &(struct cancel){.only = false}, NULL, 0);
	scheduler_cancel(scheduler, within,
	    &(struct cancel){.only = false, .reason = "\"no\""}, NULL, 0);
	go_on(100);
	expect_end(between, TASK_CANCELLED, "", 0.7);
	expect_end(within, TASK_CANCELLED, "\"no\"", 0.7);
	expect_starts(0, 0.5);
	ck_assert_uint_eq(within->recurrence->runs, 1);
	ck_assert_uint_eq(timers_count(timers), 1);
}
END_TEST

START_TEST(the_timeout_is_of_the_whole_task)
{
	struct spawn spawn = job_recurring(RECUR_INTERVAL, 1);
	struct task *task;

	spawn.timeout = 3.5;
	task = job_start(&spawn);
	go_on(100);
	expect_starts(1, 2, 3);
	expect_end(task, TASK_TIMEOUT, "", 3.5);
	ck_assert_uint_eq(timers_count(timers), 1);
}
END_TEST

START_TEST(a_timeout_within_a_run_ends_that_run)
{
	struct spawn spawn = job_recurring(RECUR_LOOP, 0);
	struct task *task;

	job_plan = job_takes_half_a_second;
	spawn.timeout = 0.7;
	task = job_start(&spawn);
	go_on(100);
	expect_end(task, TASK_TIMEOUT, "", 0.7);
	ck_assert_uint_eq(job_recurrence->runs, 1);
}
END_TEST

/* --- scope -------------------------------------------------------------- */

static struct task *
sleeper(struct task *parent, double seconds)
{
	struct spawn spawn = job_spawn(parent);

	spawn.delay = seconds;
	return scheduler_spawn(scheduler, &spawn);
}

START_TEST(children_live_on_between_runs)
{
	struct spawn spawn = job_recurring(RECUR_INTERVAL, 1);
	struct task *task, *child;

	spawn.scope = SCOPE_CANCEL;
	task = job_start(&spawn);
	child = sleeper(task, 100);
	go_on(3.5);
	ck_assert_uint_eq(job_recurrence->runs, 3);
	ck_assert_ptr_eq(child->parent, task);
	ck_assert_uint_eq(child->state, TASK_SLEEPING);
}
END_TEST

START_TEST(after_its_last_run_it_waits_for_its_children)
{
	struct spawn spawn = job_recurring(RECUR_INTERVAL, 1);
	struct task *task;

	job_recurrence->max_runs = 2;
	spawn.scope = SCOPE_WAIT;
	task = job_start(&spawn);
	sleeper(task, 7);
	go_on(5);
	ck_assert_uint_eq(task->state, TASK_WAITING);
	go_on(5);
	expect_starts(1, 2, 7);
	expect_end(task, TASK_DONE, "1", 7);
}
END_TEST

START_TEST(after_its_last_run_it_cancels_its_children)
{
	struct spawn spawn = job_recurring(RECUR_INTERVAL, 1);
	struct task *task, *child;

	job_recurrence->max_runs = 2;
	spawn.scope = SCOPE_CANCEL;
	task = job_start(&spawn);
	child = sleeper(task, 7);
	go_on(5);
	expect_end(task, TASK_DONE, "1", 2);
	expect_end(child, TASK_CANCELLED, "", 2);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    what_is_left_of_an_interval_stands_still,
	    a_backoff_stands_still,
	    a_paused_rate_resumes_without_a_burst,
	    a_rate_paused_in_the_middle_of_a_run_has_missed_nothing,
	    a_rate_paused_before_its_first_run_runs_when_resumed,
	    a_rate_paused_often_keeps_its_distance,
	    an_interval_does_not_catch_up,
	    a_rate_skips_and_counts_and_stays_on_its_ticks,
	    a_backoff_is_over_once,
	    cancel_ends_it_between_runs_and_within_one,
	    the_timeout_is_of_the_whole_task,
	    a_timeout_within_a_run_ends_that_run,
	    children_live_on_between_runs,
	    after_its_last_run_it_waits_for_its_children,
	    after_its_last_run_it_cancels_its_children,
	};

	return unit_run("recur held", fake_loop_setup, fake_loop_teardown,
	    tests, sizeof tests / sizeof *tests);
}
