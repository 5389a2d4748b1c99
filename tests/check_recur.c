/* Recurrence: when runs begin, and what ends them. */
#include "config.h"

#include "daemon/recur.h"

#include <stdlib.h>

#include "proto/limits.h"
#include "tests/fake_loop.h"
#include "tests/unit.h"

/* --- later -------------------------------------------------------------- */

START_TEST(later_runs_once_after_the_delay)
{
	struct task *task = job_recur(RECUR_LATER, 2.5);

	go_on(2.4);
	ck_assert_uint_eq(task->state, TASK_SLEEPING);
	go_on(100);
	expect_starts(2.5);
	expect_end(task, TASK_DONE, "0", 2.5);
	ck_assert_uint_eq(job_recurrence->runs, 1);
}
END_TEST

START_TEST(later_that_fails_has_failed)
{
	struct task *task = job_recur(RECUR_LATER, 1);

	job_plan = job_fails;
	go_on(100);
	expect_starts(1);
	expect_end(task, TASK_FAILED, "0", 1);
	ck_assert_uint_eq(job_recurrence->failures, 1);
	ck_assert_str_eq(job_recurrence->last_error, "0");
}
END_TEST

START_TEST(later_after_no_delay_runs_from_the_queue)
{
	struct task *task = job_recur(RECUR_LATER, 0);

	ck_assert_uint_eq(job_count, 0);
	settle();
	expect_end(task, TASK_DONE, "0", 0);
}
END_TEST

/* --- interval ----------------------------------------------------------- */

START_TEST(an_interval_sleeps_then_runs)
{
	struct task *task = job_recur(RECUR_INTERVAL, 1);

	go_on(3.5);
	expect_starts(1, 2, 3);
	ck_assert_uint_eq(task->state, TASK_SLEEPING);
	ck_assert_uint_eq(job_recurrence->runs, 3);
}
END_TEST

START_TEST(the_delay_of_an_interval_is_between_runs)
{
	job_plan = job_takes_half_a_second;
	job_recur(RECUR_INTERVAL, 1);
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
	struct spawn spawn = job_recurring(RECUR_INTERVAL, 1);

	job_plan = first_fails;
	job_recurrence->immediate = true;
	job_start(&spawn);
	go_on(2.5);
	expect_starts(0, 1, 2);
	ck_assert_uint_eq(job_recurrence->runs, 3);
	ck_assert_uint_eq(job_recurrence->failures, 1);
	ck_assert_uint_eq(job_recurrence->failures_in_row, 0);
	ck_assert_str_eq(job_recurrence->last_error, "0");
	ck_assert_str_eq(job_recurrence->last_result, "2");
}
END_TEST

START_TEST(an_interval_of_nothing_lets_others_run)
{
	struct task *other;

	job_recur(RECUR_INTERVAL, 0);
	job_recurrence->max_runs = 1000;
	other = job_recur(RECUR_LATER, 0);
	settle();
	ck_assert_uint_eq(job_count, 1001);
	ck_assert_uint_le(strtoull(other->outcome->text, NULL, 10), 1);
}
END_TEST

/* --- loop --------------------------------------------------------------- */

START_TEST(a_loop_runs_again_as_it_ends)
{
	job_plan = job_takes_half_a_second;
	job_recur(RECUR_LOOP, 0);
	go_on(2.2);
	expect_starts(0, 0.5, 1, 1.5, 2);
}
END_TEST

START_TEST(a_failing_loop_backs_off_to_a_minute)
{
	job_plan = job_fails;
	job_recur(RECUR_LOOP, 0);
	go_on(250);
	expect_starts(0, 1, 3, 7, 15, 31, 63, 123, 183, 243);
	ck_assert_uint_eq(job_recurrence->failures_in_row, 10);
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
	job_recur(RECUR_LOOP, 0);
	go_on(8);
	expect_starts(0, 1, 3, 3.5, 4, 5, 7);
	ck_assert_uint_eq(job_recurrence->failures, 5);
	ck_assert_uint_eq(job_recurrence->failures_in_row, 3);
}
END_TEST

START_TEST(a_loop_that_fails_for_years_does_not_overflow)
{
	job_plan = job_fails;
	job_recur(RECUR_LOOP, 0);
	job_recurrence->failures_in_row = UINT64_MAX / 2;
	go_on(125);
	expect_starts(0, 60, 120);
}
END_TEST

/* --- rate --------------------------------------------------------------- */

START_TEST(a_rate_runs_at_its_ticks_from_now)
{
	job_recur(RECUR_RATE, 4);
	go_on(1.1);
	expect_starts(0, 0.25, 0.5, 0.75, 1);
	ck_assert_uint_eq(job_recurrence->missed, 0);
}
END_TEST

START_TEST(a_rate_below_one_is_a_rate)
{
	job_recur(RECUR_RATE, 0.1);
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
	job_recur(RECUR_RATE, 3);
	go_on(999999.5 / 3);
	ck_assert_uint_eq(job_recurrence->runs, 1000000);
	ck_assert_uint_eq(job_recurrence->missed, 0);
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
	job_recur(RECUR_RATE, 10);
	go_on(1.21);
	expect_starts(0, 0.4, 0.8, 1.2);
	ck_assert_uint_eq(job_recurrence->missed, 9);
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
	job_recur(RECUR_RATE, 4);
	go_on(1.1);
	expect_starts(0, 0.25, 0.5, 0.75, 1);
	ck_assert_uint_eq(job_recurrence->missed, 0);
}
END_TEST

START_TEST(a_failing_rate_keeps_its_ticks)
{
	job_plan = job_fails;
	job_recur(RECUR_RATE, 2);
	go_on(1.1);
	expect_starts(0, 0.5, 1);
	ck_assert_uint_eq(job_recurrence->failures, 3);
}
END_TEST

START_TEST(the_slowest_rate_runs_once_in_31_years)
{
	struct task *task = job_recur(RECUR_RATE, LIMIT_HERTZ_LEAST);

	go_on(1e6);
	pause_one(task);
	go_on(1e6);
	resume_one(task);
	go_on(5e8);
	expect_starts(0);
	ck_assert_uint_eq(job_recurrence->missed, 0);
}
END_TEST

START_TEST(the_fastest_rate_runs_each_microsecond)
{
	job_recur(RECUR_RATE, LIMIT_HERTZ);
	go_on(1);
	ck_assert_uint_eq(
	    job_recurrence->runs + job_recurrence->missed, 1000001);
	ck_assert_uint_eq(job_recurrence->missed, 0);
}
END_TEST

/* --- bounds ------------------------------------------------------------- */

START_TEST(max_runs_ends_it_with_the_last_result)
{
	struct task *task = job_recur(RECUR_INTERVAL, 1);

	job_recurrence->max_runs = 3;
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
	struct task *task = job_recur(RECUR_RATE, 1);

	job_plan = last_fail;
	job_recurrence->max_runs = 3;
	go_on(10);
	expect_end(task, TASK_DONE, "0", 2);
}
END_TEST

START_TEST(where_all_failed_the_last_result_is_null)
{
	struct task *task = job_recur(RECUR_RATE, 1);

	job_plan = job_fails;
	job_recurrence->max_runs = 2;
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
	struct task *task = job_recur(RECUR_INTERVAL, 1);

	job_plan = each_third_succeeds;
	job_recurrence->max_failures = 3;
	go_on(100);
	expect_end(task, TASK_FAILED, "11", 12);
	ck_assert_uint_eq(job_recurrence->runs, 12);
	ck_assert_uint_eq(job_recurrence->failures, 9);
}
END_TEST

START_TEST(the_last_run_that_fails_once_too_often_fails_the_task)
{
	struct task *task = job_recur(RECUR_LOOP, 0);

	job_plan = job_fails;
	job_recurrence->max_runs = job_recurrence->max_failures = 2;
	go_on(100);
	expect_end(task, TASK_FAILED, "1", 1);
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
	};

	return unit_run("recur", fake_loop_setup, fake_loop_teardown, tests,
	    sizeof tests / sizeof *tests);
}
