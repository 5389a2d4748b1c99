/* Programs that host tasks: what they are told and when, and what becomes of
   their tasks. */
#include "config.h"

#include "daemon/host_impl.h"

#include <stdlib.h>
#include <string.h>

#include "proto/xalloc.h"
#include "tests/programs.h"
#include "tests/unit.h"

static void
cancel_with_grace(struct task *task, double grace)
{
	const struct stop stop = {.grace = grace};

	scheduler_cancel(
	    scheduler, task, &(struct cancel){.stop = &stop}, NULL, 0);
}

/* --- the life of a hosted task ------------------------------------------ */

START_TEST(it_runs_at_once_and_ends_as_its_program_says)
{
	struct task *task = host_one();

	expect_state(task, TASK_RUNNING);
	ck_assert_uint_eq(wakes, 0);
	ck_assert_int_eq(host_finish(&programs[0], task, TASK_DONE, "7"), 0);
	expect_state(task, TASK_DONE);
	ck_assert_str_eq(task->outcome->text, "7");
	ck_assert_int_eq(host_finish(&programs[0], task, TASK_DONE, "8"), -1);
	expect_told_nothing(0);
}
END_TEST

START_TEST(only_its_program_ends_it)
{
	struct task *task = host_one(), *mine = actor();

	host(1, root, SCOPE_DETACH, -1);
	ck_assert_int_eq(host_finish(&programs[1], task, TASK_DONE, "7"), -1);
	ck_assert_int_eq(host_finish(&caller, task, TASK_DONE, "7"), -1);
	ck_assert_int_eq(host_finish(&programs[0], mine, TASK_DONE, "7"), -1);
	ck_assert_int_eq(host_finish(&programs[0], root, TASK_DONE, "7"), -1);
	expect_state(task, TASK_RUNNING);
}
END_TEST

START_TEST(a_bound_on_tasks_holds_for_it)
{
	struct scheduler_limits limits = scheduler_default_limits;

	limits.tasks = 3;
	programs_restart(&limits);
	ck_assert_ptr_nonnull(host_one());
	ck_assert_ptr_nonnull(host_one());
	ck_assert_ptr_null(host_one());
	ck_assert_uint_eq(HASH_COUNT(hosts->functions), 1);
}
END_TEST

START_TEST(a_function_is_kept_as_long_as_a_task_has_it)
{
	struct task *a = host_one(), *b = host_one();

	ck_assert_ptr_eq(a->function, b->function);
	ck_assert_str_eq(a->function->name, "work");
	host_finish(&programs[0], a, TASK_DONE, "1");
	host_finish(&programs[0], b, TASK_DONE, "1");
	ck_assert_uint_eq(HASH_COUNT(hosts->functions), 1);
	scheduler_forget(scheduler, a);
	ck_assert_str_eq(b->function->name, "work");
	scheduler_forget(scheduler, b);
	ck_assert_uint_eq(HASH_COUNT(hosts->functions), 0);
}
END_TEST

/* --- cancel ------------------------------------------------------------- */

START_TEST(a_cancel_is_told_and_waited_for)
{
	struct task *task = host_one();

	scheduler_cancel(
	    scheduler, task, &(struct cancel){.reason = "\"why\""}, NULL, 0);
	ck_assert_uint_eq(program_wakes, 1);
	expect_told(0, "cancel", task, ",\"reason\":\"why\",\"grace\":5.000");
	expect_told_nothing(0);
	stage_advance(4.9);
	expect_state(task, TASK_RUNNING);
	host_finish(&programs[0], task, TASK_DONE, "7");
	expect_state(task, TASK_CANCELLED);
	ck_assert_str_eq(task->outcome->text, "\"why\"");
	stage_advance(1);
}
END_TEST

START_TEST(who_ignores_it_finds_it_ended)
{
	struct task *task = host_one();

	stage_cancel(task);
	stage_advance(4.999);
	expect_state(task, TASK_RUNNING);
	stage_advance(0.001);
	expect_state(task, TASK_CANCELLED);
	ck_assert_int_eq(host_finish(&programs[0], task, TASK_DONE, "7"), -1);
	expect_told_nothing(0); /* too late */
}
END_TEST

START_TEST(the_grace_told_is_what_is_left_of_it)
{
	struct task *task = host_one();

	cancel_with_grace(task, 10);
	stage_advance(4);
	expect_told(0, "cancel", task, ",\"grace\":6.000");
}
END_TEST

START_TEST(a_shorter_grace_hurries_and_a_longer_one_does_not_delay)
{
	struct task *task = host_one();

	cancel_with_grace(task, 10);
	expect_told(0, "cancel", task, ",\"grace\":10.000");
	cancel_with_grace(task, 20);
	expect_told(0, "cancel", task, ",\"grace\":10.000");
	cancel_with_grace(task, 2);
	expect_told(0, "cancel", task, ",\"grace\":2.000");
	stage_advance(2);
	expect_state(task, TASK_CANCELLED);
}
END_TEST

START_TEST(a_finish_may_come_as_the_grace_ends)
{
	struct task *task = host_one();

	cancel_with_grace(task, 1);
	now += NS_PER_SECOND;
	timers_run(timers, STAGE_ALL);
	expect_state(task, TASK_READY);
	cancel_with_grace(task, 0);
	host_finish(&programs[0], task, TASK_DONE, "7");
	expect_state(task, TASK_CANCELLED);
	stage_run();
}
END_TEST

START_TEST(a_timeout_is_told_as_a_cancel)
{
	struct task *task = host(0, root, SCOPE_DETACH, 1);

	stage_advance(1);
	expect_told(0, "cancel", task,
	    ",\"reason\":\"the task's timeout ran out\",\"grace\":5.000");
	stage_advance(5);
	expect_state(task, TASK_TIMEOUT);
}
END_TEST

START_TEST(it_finished_when_it_ended_not_when_it_was_told_to)
{
	struct task *task = host_one(), *other = actor();
	struct task *const which[] = {task, other};

	stage_cancel(task);
	finish_with_id(other);
	host_finish(&programs[0], task, TASK_DONE, "7");
	wait_for(1, WAIT_ANY, which, 2, -1);
	expect_result(1, "{\"task\":3,\"state\":\"done\",\"result\":3}");
}
END_TEST

START_TEST(a_scope_cancels_and_waits)
{
	struct task *task = host(0, root, SCOPE_CANCEL, -1);
	struct task *child = host(1, task, SCOPE_DETACH, -1);

	host_finish(&programs[0], task, TASK_DONE, "7");
	expect_state(task, TASK_WAITING);
	expect_told(1, "cancel", child, ",\"grace\":5.000");
	host_finish(&programs[1], child, TASK_DONE, "7");
	stage_run();
	expect_state(task, TASK_DONE);
}
END_TEST

/* --- pause -------------------------------------------------------------- */

START_TEST(a_pause_and_a_resume_are_told)
{
	struct task *task = host_one();

	scheduler_pause(scheduler, task, false, NULL, 0);
	expect_told(0, "pause", task, "");
	scheduler_resume(scheduler, task, false, NULL, 0);
	expect_told(0, "resume", task, "");
	expect_told_nothing(0);
}
END_TEST

START_TEST(a_pause_that_is_over_is_not_told)
{
	struct task *task = host_one();
	int i;

	for (i = 0; i < 100; i++) {
		scheduler_pause(scheduler, task, false, NULL, 0);
		scheduler_resume(scheduler, task, false, NULL, 0);
	}
	expect_told_nothing(0);
	scheduler_pause(scheduler, task, false, NULL, 0);
	expect_told(0, "pause", task, "");
	expect_told_nothing(0);
}
END_TEST

START_TEST(below_what_is_paused_it_starts_paused)
{
	struct task *top = actor(), *task;

	scheduler_pause(scheduler, top, false, NULL, 0);
	task = host(0, top, SCOPE_DETACH, -1);
	expect_state(task, TASK_PAUSED);
	expect_told(0, "pause", task, "");
	scheduler_resume(scheduler, top, false, NULL, 0);
	expect_state(task, TASK_RUNNING);
	expect_told(0, "resume", task, "");
}
END_TEST

START_TEST(one_that_is_paused_is_told_to_go_on_and_end)
{
	struct task *task = host_one();

	scheduler_pause(scheduler, task, false, NULL, 0);
	expect_told(0, "pause", task, "");
	stage_cancel(task);
	expect_told(0, "resume", task, "");
	expect_told(0, "cancel", task, ",\"grace\":5.000");
}
END_TEST

START_TEST(one_that_is_paused_may_finish)
{
	struct task *task = host(0, root, SCOPE_WAIT, -1);
	struct task *child = host(0, task, SCOPE_DETACH, -1);

	scheduler_pause(scheduler, task, true, NULL, 0);
	host_finish(&programs[0], task, TASK_DONE, "7");
	expect_state(task, TASK_WAITING);
	expect_told_nothing(0);
	host_finish(&programs[0], child, TASK_DONE, "7");
	stage_run();
	expect_state(task, TASK_DONE);
}
END_TEST

/* --- provided functions ------------------------------------------------- */

START_TEST(a_run_is_told)
{
	struct task *task;

	ck_assert_ptr_null(hosts_find_function(hosts, "f"));
	provide(0, "f");
	task = run_provided("f");
	expect_state(task, TASK_RUNNING);
	expect_told(0, "run", task, RUN);
	ck_assert_int_eq(host_finish(&programs[0], task, TASK_DONE, "7"), 0);
	expect_state(task, TASK_DONE);
}
END_TEST

START_TEST(programs_take_turns)
{
	struct task *runs[5];
	size_t i;

	provide(0, "f");
	provide(1, "f");
	for (i = 0; i < 5; i++)
		runs[i] = run_provided("f");
	for (i = 0; i < 5; i++)
		expect_told(i % 2, "run", runs[i], RUN);
	host_leave(&programs[1]); /* whose turn it is */
	for (i = 0; i < 2; i++)
		expect_told(0, "run", run_provided("f"), RUN);
}
END_TEST

START_TEST(a_run_that_is_cancelled_unheard_is_never_told)
{
	struct task *task;

	provide(0, "f");
	task = run_provided("f");
	stage_cancel(task);
	expect_told_nothing(0);
	stage_advance(0);
	expect_state(task, TASK_CANCELLED);
	expect_told_nothing(0);
}
END_TEST

START_TEST(a_run_is_told_before_its_pause)
{
	struct task *task;

	provide(0, "f");
	task = run_provided("f");
	scheduler_pause(scheduler, task, false, NULL, 0);
	expect_told(0, "run", task, RUN);
	expect_told(0, "pause", task, "");
}
END_TEST

START_TEST(without_a_program_a_run_fails)
{
	struct task *task;

	provide(0, "f");
	task = stage_spawn(
	    hosts_find_function(hosts, "f"), root, SCOPE_DETACH, NULL);
	host_leave(&programs[0]);
	ck_assert_ptr_null(hosts_find_function(hosts, "f"));
	stage_run();
	expect_state(task, TASK_FAILED);
	ck_assert_ptr_nonnull(strstr(task->outcome->text, "no program"));
}
END_TEST

START_TEST(a_function_is_as_the_newest_program_says)
{
	struct provided provided = {
	    .name = xstrdup("f"), .summary = xstrdup("newer")};
	const struct function *function;

	provide(0, "f");
	function = hosts_find_function(hosts, "f");
	ck_assert_ptr_null(host_provide(hosts, &programs[1], &provided, 1));
	ck_assert_str_eq(function->summary, "newer");
	host_leave(&programs[1]);
	ck_assert_str_eq(function->summary, "Works.");
}
END_TEST

START_TEST(another_users_function_is_its_own)
{
	struct provided provided[] = {
	    {.name = xstrdup("g"), .summary = xstrdup("x")},
	    {.name = xstrdup("f"), .summary = xstrdup("x")}};
	json_t *error;

	programs[1].uid = 7;
	provide(0, "f");
	error = host_provide(hosts, &programs[1], provided, 2);
	ck_assert_ptr_nonnull(error);
	json_decref(error);
	ck_assert_ptr_null(hosts_find_function(hosts, "g"));
	host_leave(&programs[0]);
	provide(1, "f");
}
END_TEST

/* --- the end of a program ----------------------------------------------- */

START_TEST(its_tasks_end_a_bounded_number_at_a_time)
{
	struct task *all[10], *other = host(1, root, SCOPE_DETACH, -1);
	size_t i;

	for (i = 0; i < 10; i++)
		all[i] = host_one();
	host_leave(&programs[0]);
	ck_assert_uint_eq(hosts_wakes, 1);
	ck_assert(hosts_run(hosts, 4));
	for (i = 0; i < 10; i++) /* the youngest first */
		expect_state(all[i], i < 6 ? TASK_RUNNING : TASK_FAILED);
	ck_assert(hosts_run(hosts, 5));
	ck_assert(!hosts_run(hosts, 5));
	expect_state(all[0], TASK_FAILED);
	ck_assert_ptr_nonnull(strstr(
	    all[0]->outcome->text, "the program that hosted it went away"));
	expect_state(other, TASK_RUNNING);
	ck_assert(!hosts_run(hosts, 5));
}
END_TEST

START_TEST(what_happens_to_them_meanwhile_is_told_to_nobody)
{
	struct task *a = host_one(), *b = host_one(), *c = host_one();

	host_leave(&programs[0]);
	stage_cancel(a);
	scheduler_pause(scheduler, b, false, NULL, 0);
	cancel_with_grace(c, 0);
	stage_advance(0);
	expect_state(c, TASK_CANCELLED);
	ck_assert(!hosts_run(hosts, STAGE_ALL));
	expect_state(a, TASK_CANCELLED);
	expect_state(b, TASK_FAILED);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    it_runs_at_once_and_ends_as_its_program_says,
	    only_its_program_ends_it,
	    a_bound_on_tasks_holds_for_it,
	    a_function_is_kept_as_long_as_a_task_has_it,
	    a_cancel_is_told_and_waited_for,
	    who_ignores_it_finds_it_ended,
	    the_grace_told_is_what_is_left_of_it,
	    a_shorter_grace_hurries_and_a_longer_one_does_not_delay,
	    a_finish_may_come_as_the_grace_ends,
	    a_timeout_is_told_as_a_cancel,
	    it_finished_when_it_ended_not_when_it_was_told_to,
	    a_scope_cancels_and_waits,
	    a_pause_and_a_resume_are_told,
	    a_pause_that_is_over_is_not_told,
	    below_what_is_paused_it_starts_paused,
	    one_that_is_paused_is_told_to_go_on_and_end,
	    one_that_is_paused_may_finish,
	    a_run_is_told,
	    programs_take_turns,
	    a_run_that_is_cancelled_unheard_is_never_told,
	    a_run_is_told_before_its_pause,
	    without_a_program_a_run_fails,
	    a_function_is_as_the_newest_program_says,
	    another_users_function_is_its_own,
	    its_tasks_end_a_bounded_number_at_a_time,
	    what_happens_to_them_meanwhile_is_told_to_nobody,
	};

	return unit_run("host", programs_setup, programs_teardown, tests,
	    sizeof tests / sizeof tests[0]);
}
