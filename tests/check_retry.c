/* Runs that are tried again, and runs that are limited. */
#include "config.h"

#include "daemon/recur.h"

#include <stdlib.h>

#include "tests/fake_loop.h"
#include "tests/unit.h"

static struct spawn
retried(double backoff, uint64_t times)
{
	struct spawn spawn = job_recurring(RECUR_RETRY, backoff);

	job_recurrence->times = times;
	job_recurrence->max_backoff = RECUR_BACKOFF_MOST;
	return spawn;
}

static struct job_run
two_fail(uint64_t run)
{
	return (struct job_run){.fails = run < 2};
}

static struct job_run
take_ten_seconds(uint64_t run)
{
	(void)run;
	return (struct job_run){.takes = 10};
}

static struct job_run
first_takes_ten_seconds(uint64_t run)
{
	return (struct job_run){.takes = run == 0 ? 10 : 0};
}

/* --- retry --------------------------------------------------------------- */

START_TEST(a_success_is_not_repeated)
{
	struct spawn spawn = retried(1, 5);
	struct task *task = job_start(&spawn);

	go_on(10);
	expect_starts(0);
	expect_end(task, TASK_DONE, "0", 0);
	ck_assert_uint_eq(job_recurrence->runs, 1);
	ck_assert_uint_eq(job_recurrence->failures, 0);
}
END_TEST

START_TEST(it_runs_again_until_it_succeeds)
{
	struct spawn spawn = retried(1, 5);
	struct task *task;

	job_plan = two_fail;
	task = job_start(&spawn);
	go_on(10);
	expect_starts(0, 1, 3);
	expect_end(task, TASK_DONE, "2", 3);
	ck_assert_uint_eq(job_recurrence->failures, 2);
	ck_assert_str_eq(job_recurrence->last_error, "1");
}
END_TEST

START_TEST(after_so_many_times_it_has_failed)
{
	struct spawn spawn = retried(0.5, 3);
	struct task *task;

	job_plan = job_fails;
	task = job_start(&spawn);
	go_on(100);
	expect_starts(0, 0.5, 1.5, 3.5);
	expect_end(task, TASK_FAILED, "3", 3.5);
}
END_TEST

START_TEST(no_times_are_one_run)
{
	struct spawn spawn = retried(1, 0);
	struct task *task;

	job_plan = job_fails;
	task = job_start(&spawn);
	go_on(100);
	expect_starts(0);
	expect_end(task, TASK_FAILED, "0", 0);
}
END_TEST

START_TEST(the_backoff_is_bounded)
{
	struct spawn spawn = retried(4, 5);

	job_recurrence->max_backoff = 10;
	job_plan = job_fails;
	job_start(&spawn);
	go_on(100);
	expect_starts(0, 4, 12, 22, 32, 42);
}
END_TEST

START_TEST(without_a_backoff_it_runs_again_at_once)
{
	struct spawn spawn = retried(0, 3);

	job_plan = job_fails;
	job_start(&spawn);
	settle();
	expect_starts(0, 0, 0, 0);
}
END_TEST

START_TEST(after_very_many_failures_the_backoff_is_still_bounded)
{
	struct spawn spawn = retried(1e-300, 5000);
	struct task *task;

	job_recurrence->max_backoff = 1;
	job_plan = job_fails;
	task = job_start(&spawn);
	go_on(10000);
	ck_assert_uint_eq(task->state, TASK_FAILED);
	ck_assert_uint_eq(job_count, 5001);
}
END_TEST

START_TEST(the_last_attempts_are_remembered)
{
	struct spawn spawn = retried(1, 30);
	uint64_t first, i;

	job_plan = job_fails;
	job_start(&spawn);
	settle();
	ck_assert_uint_eq(recur_first_attempt(job_recurrence), 0);
	ck_assert_uint_eq(job_recurrence->runs, 1);
	ck_assert_str_eq(job_recurrence->attempts[0].error, "0");
	go_on(1000);
	first = recur_first_attempt(job_recurrence);
	ck_assert_uint_eq(first, job_recurrence->runs - RECUR_ATTEMPTS);
	for (i = first; i < job_recurrence->runs; i++)
		ck_assert_uint_eq(
		    strtoul(job_recurrence->attempts[i % RECUR_ATTEMPTS].error,
			NULL, 10),
		    i);
	ck_assert_int_le(job_recurrence->attempts[0].started,
	    job_recurrence->attempts[0].finished);
}
END_TEST

START_TEST(the_one_that_succeeds_has_no_error)
{
	struct spawn spawn = retried(1, 30);

	job_plan = two_fail;
	job_start(&spawn);
	go_on(10);
	ck_assert_ptr_nonnull(job_recurrence->attempts[1].error);
	ck_assert_ptr_null(job_recurrence->attempts[2].error);
}
END_TEST

START_TEST(the_timeout_is_of_all_attempts)
{
	struct spawn spawn = retried(10, 5);
	struct task *task;

	spawn.timeout = 25;
	job_plan = job_fails;
	task = job_start(&spawn);
	go_on(100);
	expect_starts(0, 10);
	expect_end(task, TASK_TIMEOUT, "", 25);
}
END_TEST

START_TEST(a_copy_begins_anew)
{
	struct spawn spawn = retried(3, 7);
	struct recurrence *again;

	job_plan = job_fails;
	job_start(&spawn);
	settle();
	again = recur_again(job_recurrence);
	ck_assert_double_eq(again->every, 3);
	ck_assert_uint_eq(again->times, 7);
	ck_assert_double_eq(again->max_backoff, RECUR_BACKOFF_MOST);
	ck_assert_uint_eq(again->runs, 0);
	ck_assert_ptr_null(again->attempts[0].error);
	recurrence_delete(again);
}
END_TEST

/* --- run_timeout --------------------------------------------------------- */

static const char *const run_error =
    "{\"code\":2,\"message\":\"the run was not over after its run_timeout of "
    "2 s\",\"data\":{\"type\":\"TimeoutError\"}}";

static struct task *
start_limited(struct spawn *spawn)
{
	spawn->limits_run = true;
	spawn->run_timeout = 2;
	return job_start(spawn);
}

START_TEST(a_run_over_its_time_fails_the_task)
{
	struct spawn spawn = job_spawn(root);
	struct task *task;

	job_plan = take_ten_seconds;
	task = start_limited(&spawn);
	go_on(100);
	expect_end(task, TASK_FAILED, run_error, 2);
	ck_assert_uint_eq(timers_count(timers), 1); /* it is retained */
}
END_TEST

START_TEST(one_that_is_over_before_is_not_touched)
{
	struct spawn spawn = job_spawn(root);
	struct task *task = start_limited(&spawn);

	go_on(100);
	expect_end(task, TASK_DONE, "0", 0);
	ck_assert_uint_eq(timers_count(timers), 1);
}
END_TEST

START_TEST(a_run_over_its_time_is_retried)
{
	struct spawn spawn = retried(1, 5);
	struct task *task;

	job_plan = first_takes_ten_seconds;
	task = start_limited(&spawn);
	go_on(100);
	expect_starts(0, 3);
	expect_end(task, TASK_DONE, "1", 3);
	ck_assert_str_eq(job_recurrence->attempts[0].error, run_error);
}
END_TEST

START_TEST(each_run_has_its_own_time)
{
	struct spawn spawn = job_recurring(RECUR_INTERVAL, 5);
	struct task *task;

	job_recurrence->max_failures = 3;
	job_plan = take_ten_seconds;
	task = start_limited(&spawn);
	go_on(100);
	expect_starts(5, 12, 19);
	expect_end(task, TASK_FAILED, run_error, 21);
}
END_TEST

START_TEST(a_delay_is_no_run)
{
	struct spawn spawn = job_spawn(root);
	struct task *task;

	spawn.recurrence = recur_new(RECUR_LATER, 50);
	task = start_limited(&spawn);
	go_on(100);
	expect_end(task, TASK_DONE, "0", 50);
}
END_TEST

START_TEST(while_it_is_paused_it_stands_still)
{
	struct spawn spawn = job_spawn(root);
	struct task *task;

	job_plan = take_ten_seconds;
	task = start_limited(&spawn);
	go_on(1.5);
	scheduler_pause(scheduler, task, true, NULL, 0);
	go_on(50);
	ck_assert_uint_eq(task->state, TASK_PAUSED);
	scheduler_resume(scheduler, task, true, NULL, 0);
	go_on(50);
	expect_end(task, TASK_FAILED, run_error, 52);
}
END_TEST

START_TEST(the_shorter_of_both_limits_counts)
{
	struct spawn spawn = job_spawn(root);
	struct task *task, *other;

	job_plan = take_ten_seconds;
	spawn.timeout = 1;
	task = start_limited(&spawn);
	spawn.timeout = 3;
	other = start_limited(&spawn);
	go_on(100);
	expect_end(task, TASK_TIMEOUT, "", 1);
	expect_end(other, TASK_FAILED, run_error, 2);
}
END_TEST

START_TEST(one_that_waits_for_its_children_has_run)
{
	struct spawn spawn = job_spawn(root), below;
	struct task *task;

	job_plan = first_takes_ten_seconds;
	spawn.scope = SCOPE_WAIT;
	spawn.run_timeout = 20;
	spawn.limits_run = true;
	task = job_start(&spawn);
	below = job_spawn(task);
	below.delay = 50;
	job_start(&below);
	go_on(100);
	expect_end(task, TASK_DONE, "0", 50);
}
END_TEST

/* --- runs that take time to stop ----------------------------------------- */

static size_t nstops;

static void
slow_start(struct scheduler *s, struct task *task)
{
	(void)s;
	(void)task;
}

static void
slow_stop(struct scheduler *s, struct task *task, const struct stop *stop)
{
	(void)s;
	(void)task;
	(void)stop;
	nstops++;
}

static void
slow_hold(struct scheduler *s, struct task *task)
{
	(void)s;
	(void)task;
}

static const struct function fn_slow = {
    .name = "slow",
    .summary = "",
    .start = slow_start,
    .stop = slow_stop,
    .pause = slow_hold,
    .resume = slow_hold,
};

static struct task *
start_slow(struct recurrence *recurrence)
{
	struct spawn spawn = job_spawn(root);

	nstops = 0;
	spawn.function = &fn_slow;
	spawn.recurrence = recurrence;
	return start_limited(&spawn);
}

START_TEST(such_a_run_is_stopped_and_has_failed_when_it_has)
{
	struct task *task = start_slow(NULL);

	go_on(5);
	ck_assert_uint_eq(nstops, 1);
	ck_assert_uint_eq(task->state, TASK_RUNNING);
	scheduler_finish(scheduler, task, TASK_DONE, "7");
	expect_end(task, TASK_FAILED, run_error, 5);
}
END_TEST

START_TEST(then_it_is_retried)
{
	struct spawn spawn = retried(1, 1);
	struct task *task;

	spawn.function = &fn_slow;
	nstops = 0;
	task = start_limited(&spawn);
	go_on(5);
	scheduler_finish(scheduler, task, TASK_FAILED, "{}");
	ck_assert_uint_eq(task->state, TASK_SLEEPING);
	ck_assert_ptr_null(task->outcome);
	go_on(1.5);
	ck_assert_uint_eq(task->state, TASK_RUNNING);
	scheduler_finish(scheduler, task, TASK_DONE, "8");
	expect_end(task, TASK_DONE, "8", 6.5);
}
END_TEST

START_TEST(a_cancel_meanwhile_ends_the_task)
{
	struct spawn spawn = retried(1, 1);
	struct task *task;

	spawn.function = &fn_slow;
	nstops = 0;
	task = start_limited(&spawn);
	go_on(5);
	ck_assert_uint_eq(
	    scheduler_cancel(scheduler, task, &(struct cancel){0}, NULL, 0), 1);
	ck_assert_uint_eq(nstops, 2);
	scheduler_finish(scheduler, task, TASK_FAILED, "{}");
	expect_end(task, TASK_CANCELLED, "", 5);
}
END_TEST

START_TEST(one_that_is_being_cancelled_is_not_stopped_for_its_time)
{
	struct task *task = start_slow(NULL);

	go_on(1);
	scheduler_cancel(scheduler, task, &(struct cancel){0}, NULL, 0);
	go_on(5);
	ck_assert_uint_eq(nstops, 1);
	scheduler_finish(scheduler, task, TASK_FAILED, "{}");
	expect_end(task, TASK_CANCELLED, "", 6);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    a_success_is_not_repeated,
	    it_runs_again_until_it_succeeds,
	    after_so_many_times_it_has_failed,
	    no_times_are_one_run,
	    the_backoff_is_bounded,
	    without_a_backoff_it_runs_again_at_once,
	    after_very_many_failures_the_backoff_is_still_bounded,
	    the_last_attempts_are_remembered,
	    the_one_that_succeeds_has_no_error,
	    the_timeout_is_of_all_attempts,
	    a_copy_begins_anew,
	    a_run_over_its_time_fails_the_task,
	    one_that_is_over_before_is_not_touched,
	    a_run_over_its_time_is_retried,
	    each_run_has_its_own_time,
	    a_delay_is_no_run,
	    while_it_is_paused_it_stands_still,
	    the_shorter_of_both_limits_counts,
	    one_that_waits_for_its_children_has_run,
	    such_a_run_is_stopped_and_has_failed_when_it_has,
	    then_it_is_retried,
	    a_cancel_meanwhile_ends_the_task,
	    one_that_is_being_cancelled_is_not_stopped_for_its_time,
	};

	return unit_run("retry", fake_loop_setup, fake_loop_teardown, tests,
	    sizeof tests / sizeof tests[0]);
}
