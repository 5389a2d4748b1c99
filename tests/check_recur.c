/* Recurrence: when runs begin, what ends them, what time does to them. */
#include "config.h"

#include "daemon/recur.h"

#include <stdlib.h>

#include "tests/fake_loop.h"
#include "tests/unit.h"

static struct recurrence *r; /* of the task that was started last */

static struct spawn
recurring(enum recurrence_kind kind, double every)
{
	struct spawn spawn = job_spawn(root);

	r = spawn.recurrence = recur_new(kind, every);
	return spawn;
}

static struct task *
start(struct spawn *spawn)
{
	recur_prepare(scheduler, spawn);
	return scheduler_spawn(scheduler, spawn);
}

static struct task *
recur(enum recurrence_kind kind, double every)
{
	struct spawn spawn = recurring(kind, every);

	return start(&spawn);
}

static struct job_run
all_fail(uint64_t run)
{
	(void)run;
	return (struct job_run){.fails = true};
}

static struct job_run
take_half_a_second(uint64_t run)
{
	(void)run;
	return (struct job_run){.takes = 0.5};
}

static void
pause_one(struct task *task)
{
	ck_assert_uint_eq(scheduler_pause(scheduler, task, true, NULL, 0), 1);
}

static void
resume_one(struct task *task)
{
	ck_assert_uint_eq(scheduler_resume(scheduler, task, true, NULL, 0), 1);
}

/* --- later -------------------------------------------------------------- */

START_TEST(later_runs_once_after_the_delay)
{
	struct task *task = recur(RECUR_LATER, 2.5);

	go_on(2.4);
	ck_assert_uint_eq(task->state, TASK_SLEEPING);
	go_on(100);
	expect_starts(2.5);
	expect_end(task, TASK_DONE, "0", 2.5);
	ck_assert_uint_eq(r->runs, 1);
}
END_TEST

START_TEST(later_that_fails_has_failed)
{
	struct task *task = recur(RECUR_LATER, 1);

	job_plan = all_fail;
	go_on(100);
	expect_starts(1);
	expect_end(task, TASK_FAILED, "0", 1);
	ck_assert_uint_eq(r->failures, 1);
	ck_assert_str_eq(r->last_error, "0");
}
END_TEST

START_TEST(later_after_no_delay_runs_from_the_queue)
{
	struct task *task = recur(RECUR_LATER, 0);

	ck_assert_uint_eq(job_count, 0);
	settle();
	expect_end(task, TASK_DONE, "0", 0);
}
END_TEST

/* --- interval ----------------------------------------------------------- */

START_TEST(an_interval_sleeps_then_runs)
{
	struct task *task = recur(RECUR_INTERVAL, 1);

	go_on(3.5);
	expect_starts(1, 2, 3);
	ck_assert_uint_eq(task->state, TASK_SLEEPING);
	ck_assert_uint_eq(r->runs, 3);
}
END_TEST

START_TEST(the_delay_of_an_interval_is_between_runs)
{
	job_plan = take_half_a_second;
	recur(RECUR_INTERVAL, 1);
	go_on(5);
	expect_starts(1, 2.5, 4);
}
END_TEST

static struct job_run
first_fails(uint64_t run)
{
	return (struct job_run){.fails = run == 0};
}

START_TEST(an_interval_goes_on_when_its_immediate_run_fails)
{
	struct spawn spawn = recurring(RECUR_INTERVAL, 1);

	job_plan = first_fails;
	r->immediate = true;
	start(&spawn);
	go_on(2.5);
	expect_starts(0, 1, 2);
	ck_assert_uint_eq(r->runs, 3);
	ck_assert_uint_eq(r->failures, 1);
	ck_assert_uint_eq(r->failures_in_row, 0);
	ck_assert_str_eq(r->last_error, "0");
	ck_assert_str_eq(r->last_result, "2");
}
END_TEST

START_TEST(an_interval_of_nothing_lets_others_run)
{
	struct task *other;

	recur(RECUR_INTERVAL, 0);
	r->max_runs = 1000;
	other = recur(RECUR_LATER, 0);
	settle();
	ck_assert_uint_eq(job_count, 1001);
	ck_assert_uint_le(strtoull(other->outcome->text, NULL, 10), 1);
}
END_TEST

/* --- loop --------------------------------------------------------------- */

START_TEST(a_loop_runs_again_as_it_ends)
{
	job_plan = take_half_a_second;
	recur(RECUR_LOOP, 0);
	go_on(2.2);
	expect_starts(0, 0.5, 1, 1.5, 2);
}
END_TEST

START_TEST(a_failing_loop_backs_off_to_a_minute)
{
	job_plan = all_fail;
	recur(RECUR_LOOP, 0);
	go_on(250);
	expect_starts(0, 1, 3, 7, 15, 31, 63, 123, 183, 243);
	ck_assert_uint_eq(r->failures_in_row, 10);
}
END_TEST

static struct job_run
third_and_fourth_succeed(uint64_t run)
{
	bool good = run == 2 || run == 3;

	return (struct job_run){.fails = !good, .takes = good ? 0.5 : 0};
}

START_TEST(a_success_resets_the_backoff)
{
	job_plan = third_and_fourth_succeed;
	recur(RECUR_LOOP, 0);
	go_on(8);
	expect_starts(0, 1, 3, 3.5, 4, 5, 7);
	ck_assert_uint_eq(r->failures, 5);
	ck_assert_uint_eq(r->failures_in_row, 3);
}
END_TEST

START_TEST(a_loop_that_fails_for_years_does_not_overflow)
{
	job_plan = all_fail;
	recur(RECUR_LOOP, 0);
	r->failures_in_row = UINT64_MAX / 2;
	go_on(125);
	expect_starts(0, 60, 120);
}
END_TEST

/* --- rate --------------------------------------------------------------- */

START_TEST(a_rate_runs_at_its_ticks_from_now)
{
	recur(RECUR_RATE, 4);
	go_on(1.1);
	expect_starts(0, 0.25, 0.5, 0.75, 1);
	ck_assert_uint_eq(r->missed, 0);
}
END_TEST

START_TEST(a_rate_below_one_is_a_rate)
{
	recur(RECUR_RATE, 0.1);
	go_on(35);
	expect_starts(0, 10, 20, 30);
}
END_TEST

/* Thirds of a second are no whole ns; a tick is never early. */
static struct job_run
check_tick(uint64_t run)
{
	static const struct job_run plain = {0};
	__int128 exact = (__int128)run * NS_PER_SECOND;

	unit_check(ns_now() == (exact + 2) / 3);
	return plain;
}

START_TEST(a_rate_does_not_drift_in_a_million_ticks)
{
	job_plan = check_tick;
	recur(RECUR_RATE, 3);
	go_on(999999.5 / 3);
	ck_assert_uint_eq(r->runs, 1000000);
	ck_assert_uint_eq(r->missed, 0);
}
END_TEST

static struct job_run
take_a_third(uint64_t run)
{
	(void)run;
	return (struct job_run){.takes = 0.35};
}

START_TEST(ticks_missed_are_skipped_and_counted)
{
	job_plan = take_a_third;
	recur(RECUR_RATE, 10);
	go_on(1.21);
	expect_starts(0, 0.4, 0.8, 1.2);
	ck_assert_uint_eq(r->missed, 9);
}
END_TEST

static struct job_run
take_a_tick(uint64_t run)
{
	(void)run;
	return (struct job_run){.takes = 0.25};
}

START_TEST(a_run_as_long_as_a_tick_misses_none)
{
	job_plan = take_a_tick;
	recur(RECUR_RATE, 4);
	go_on(1.1);
	expect_starts(0, 0.25, 0.5, 0.75, 1);
	ck_assert_uint_eq(r->missed, 0);
}
END_TEST

START_TEST(a_failing_rate_keeps_its_ticks)
{
	job_plan = all_fail;
	recur(RECUR_RATE, 2);
	go_on(1.1);
	expect_starts(0, 0.5, 1);
	ck_assert_uint_eq(r->failures, 3);
}
END_TEST

START_TEST(the_slowest_rate_runs_once_in_31_years)
{
	struct task *task = recur(RECUR_RATE, RECUR_HERTZ_LEAST);

	go_on(1e6);
	pause_one(task);
	go_on(1e6);
	resume_one(task);
	go_on(5e8);
	expect_starts(0);
	ck_assert_uint_eq(r->missed, 0);
}
END_TEST

START_TEST(the_fastest_rate_runs_each_microsecond)
{
	recur(RECUR_RATE, RECUR_HERTZ_MOST);
	go_on(1);
	ck_assert_uint_eq(r->runs + r->missed, 1000001);
	ck_assert_uint_eq(r->missed, 0);
}
END_TEST

/* --- bounds ------------------------------------------------------------- */

START_TEST(max_runs_ends_it_with_the_last_result)
{
	struct task *task = recur(RECUR_INTERVAL, 1);

	r->max_runs = 3;
	go_on(10);
	expect_starts(1, 2, 3);
	expect_end(task, TASK_DONE, "2", 3);
	ck_assert_uint_eq(timers_count(timers), 1); /* its retention */
}
END_TEST

static struct job_run
last_fail(uint64_t run)
{
	return (struct job_run){.fails = run > 0};
}

START_TEST(failures_count_as_runs_and_leave_the_last_result)
{
	struct task *task = recur(RECUR_RATE, 1);

	job_plan = last_fail;
	r->max_runs = 3;
	go_on(10);
	expect_end(task, TASK_DONE, "0", 2);
}
END_TEST

START_TEST(where_all_failed_the_last_result_is_null)
{
	struct task *task = recur(RECUR_RATE, 1);

	job_plan = all_fail;
	r->max_runs = 2;
	go_on(10);
	expect_end(task, TASK_DONE, "null", 1);
}
END_TEST

static struct job_run
each_third_succeeds(uint64_t run)
{
	return (struct job_run){.fails = run % 3 != 2 || run > 8};
}

START_TEST(max_failures_are_in_a_row)
{
	struct task *task = recur(RECUR_INTERVAL, 1);

	job_plan = each_third_succeeds;
	r->max_failures = 3;
	go_on(100);
	expect_end(task, TASK_FAILED, "11", 12);
	ck_assert_uint_eq(r->runs, 12);
	ck_assert_uint_eq(r->failures, 9);
}
END_TEST

START_TEST(the_last_run_that_fails_once_too_often_fails_the_task)
{
	struct task *task = recur(RECUR_LOOP, 0);

	job_plan = all_fail;
	r->max_runs = r->max_failures = 2;
	go_on(100);
	expect_end(task, TASK_FAILED, "1", 1);
}
END_TEST

/* --- paused ------------------------------------------------------------- */

START_TEST(what_is_left_of_an_interval_stands_still)
{
	struct task *task = recur(RECUR_INTERVAL, 10);

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

	job_plan = all_fail;
	task = recur(RECUR_LOOP, 0);
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
	struct task *task = recur(RECUR_RATE, 10);

	go_on(0.25);
	pause_one(task);
	go_on(1000);
	expect_starts(0, 0.1, 0.2);
	resume_one(task);
	settle();
	expect_starts(0, 0.1, 0.2);
	go_on(0.16);
	expect_starts(0, 0.1, 0.2, 1000.3, 1000.4);
	ck_assert_uint_eq(r->missed, 0);
}
END_TEST

START_TEST(a_rate_paused_in_the_middle_of_a_run_has_missed_nothing)
{
	struct task *task;

	job_plan = take_half_a_second;
	task = recur(RECUR_RATE, 1);
	go_on(0.25);
	pause_one(task);
	go_on(1000);
	resume_one(task);
	go_on(1);
	expect_starts(0, 1001);
	ck_assert_uint_eq(r->missed, 0);
}
END_TEST

START_TEST(a_rate_paused_before_its_first_run_runs_when_resumed)
{
	struct task *task = recur(RECUR_RATE, 1);

	pause_one(task);
	go_on(7);
	expect_starts();
	resume_one(task);
	go_on(1.5);
	expect_starts(7, 8);
	ck_assert_uint_eq(r->missed, 0);
}
END_TEST

START_TEST(a_rate_paused_often_keeps_its_distance)
{
	struct task *task = recur(RECUR_RATE, 2);
	int i;

	for (i = 0; i < 10; i++) {
		go_on(0.3);
		pause_one(task);
		go_on(0.9);
		resume_one(task);
	}
	/* Of 12 s it was held 9: 3 s are 6 ticks and the first. */
	ck_assert_uint_eq(r->runs, 7);
	ck_assert_uint_eq(r->missed, 0);
}
END_TEST

/* --- a machine that was suspended --------------------------------------- */

START_TEST(an_interval_does_not_catch_up)
{
	recur(RECUR_INTERVAL, 1);
	go_on(1.5);
	suspend(3600);
	expect_starts(1, 3601.5);
	go_on(1.1);
	expect_starts(1, 3601.5, 3602.5);
}
END_TEST

START_TEST(a_rate_skips_and_counts_and_stays_on_its_ticks)
{
	recur(RECUR_RATE, 2);
	go_on(0.6);
	suspend(3600.1);
	expect_starts(0, 0.5, 3600.7);
	ck_assert_uint_eq(r->missed, 7199);
	go_on(1);
	expect_starts(0, 0.5, 3600.7, 3601, 3601.5);
	ck_assert_uint_eq(r->runs + r->missed, 7204);
}
END_TEST

START_TEST(a_backoff_is_over_once)
{
	job_plan = all_fail;
	recur(RECUR_LOOP, 0);
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
	struct task *between = recur(RECUR_INTERVAL, 10);
	struct task *within;

	job_plan = take_half_a_second;
	within = recur(RECUR_LOOP, 0);
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
	struct spawn spawn = recurring(RECUR_INTERVAL, 1);
	struct task *task;

	spawn.timeout = 3.5;
	task = start(&spawn);
	go_on(100);
	expect_starts(1, 2, 3);
	expect_end(task, TASK_TIMEOUT, "", 3.5);
	ck_assert_uint_eq(timers_count(timers), 1);
}
END_TEST

START_TEST(a_timeout_within_a_run_ends_that_run)
{
	struct spawn spawn = recurring(RECUR_LOOP, 0);
	struct task *task;

	job_plan = take_half_a_second;
	spawn.timeout = 0.7;
	task = start(&spawn);
	go_on(100);
	expect_end(task, TASK_TIMEOUT, "", 0.7);
	ck_assert_uint_eq(r->runs, 1);
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
	struct spawn spawn = recurring(RECUR_INTERVAL, 1);
	struct task *task, *child;

	spawn.scope = SCOPE_CANCEL;
	task = start(&spawn);
	child = sleeper(task, 100);
	go_on(3.5);
	ck_assert_uint_eq(r->runs, 3);
	ck_assert_ptr_eq(child->parent, task);
	ck_assert_uint_eq(child->state, TASK_SLEEPING);
}
END_TEST

START_TEST(after_its_last_run_it_waits_for_its_children)
{
	struct spawn spawn = recurring(RECUR_INTERVAL, 1);
	struct task *task;

	r->max_runs = 2;
	spawn.scope = SCOPE_WAIT;
	task = start(&spawn);
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
	struct spawn spawn = recurring(RECUR_INTERVAL, 1);
	struct task *task, *child;

	r->max_runs = 2;
	spawn.scope = SCOPE_CANCEL;
	task = start(&spawn);
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
	    later_runs_once_after_the_delay,
	    later_that_fails_has_failed,
	    later_after_no_delay_runs_from_the_queue,
	    an_interval_sleeps_then_runs,
	    the_delay_of_an_interval_is_between_runs,
	    an_interval_goes_on_when_its_immediate_run_fails,
	    an_interval_of_nothing_lets_others_run,
	    a_loop_runs_again_as_it_ends,
	    a_failing_loop_backs_off_to_a_minute,
	    a_success_resets_the_backoff,
	    a_loop_that_fails_for_years_does_not_overflow,
	    a_rate_runs_at_its_ticks_from_now,
	    a_rate_below_one_is_a_rate,
	    a_rate_does_not_drift_in_a_million_ticks,
	    ticks_missed_are_skipped_and_counted,
	    a_run_as_long_as_a_tick_misses_none,
	    a_failing_rate_keeps_its_ticks,
	    the_slowest_rate_runs_once_in_31_years,
	    the_fastest_rate_runs_each_microsecond,
	    max_runs_ends_it_with_the_last_result,
	    failures_count_as_runs_and_leave_the_last_result,
	    where_all_failed_the_last_result_is_null,
	    max_failures_are_in_a_row,
	    the_last_run_that_fails_once_too_often_fails_the_task,
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

	return unit_run("recur", fake_loop_setup, fake_loop_teardown, tests,
	    sizeof tests / sizeof *tests);
}
