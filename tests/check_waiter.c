/* Requests that wait for one task, for all of several, for any. */
#include "config.h"

#include "daemon/waiter.h"

#include <stdlib.h>
#include <string.h>

#include "tests/asker.h"
#include "tests/unit.h"

/* --- one ---------------------------------------------------------------- */

START_TEST(a_join_gives_the_result_when_the_task_ends)
{
	struct task *task = actor();

	join_one(1, task);
	tell_all();
	expect_nothing();
	finish_with_id(task);
	expect_nothing(); /* O(1): who waits is told from the loop */
	ck_assert_uint_eq(waiters_wakes, 1);
	tell_all();
	ck_assert_uint_eq(caller_wakes, 1);
	expect_result(1, "2");
	expect_nothing();
	ck_assert_uint_eq(caller.nwaiting, 0);
}
END_TEST

START_TEST(a_join_of_a_finished_task_is_ready_at_once)
{
	struct task *task = actor();

	finish_with_id(task);
	ck_assert_uint_eq(waiters_wakes, 0); /* none waited */
	join_one(1, task);
	ck_assert_uint_eq(caller_wakes, 1);
	expect_result(1, "2");
}
END_TEST

START_TEST(a_join_of_a_task_that_failed_tells_the_cause)
{
	struct task *task = actor();
	json_t *data;

	join_one(1, task);
	finish_failed(task);
	tell_all();
	data = take_error(1, ERROR_JOIN);
	expect_data(data, "type", "\"JoinError\"");
	expect_data(data, "task", "2");
	expect_data(data, "state", "\"failed\"");
	expect_data(data, "cause",
	    "{\"code\":9,\"message\":\"boom\","
	    "\"data\":{\"type\":\"FunctionError\"}}");
	json_decref(data);
}
END_TEST

START_TEST(a_join_of_a_cancelled_task_tells_the_reason)
{
	struct task *task = actor();
	json_t *data, *cause;

	join_one(1, task);
	scheduler_cancel(scheduler, task,
	    &(struct cancel){.only = false, .reason = "\"enough\""}, NULL, 0);
	tell_all();
	data = take_error(1, ERROR_JOIN);
	expect_data(data, "state", "\"cancelled\"");
	cause = json_object_get(data, "cause");
	expect_data(cause, "code", "8");
	expect_data(cause, "message", "\"enough\"");
	json_decref(data);
}
END_TEST

START_TEST(a_join_of_a_task_that_timed_out_tells_so)
{
	struct task *task = stage_actor_with_timeout(SCOPE_DETACH, 1);
	json_t *data;

	join_one(1, task);
	stage_advance(1);
	tell_all();
	data = take_error(1, ERROR_JOIN);
	expect_data(data, "state", "\"timeout\"");
	expect_data(json_object_get(data, "cause"), "code", "2");
	json_decref(data);
}
END_TEST

START_TEST(any_number_may_join_a_task)
{
	struct task *task = actor();
	int i, seen = 0;

	for (i = 0; i < 1000; i++)
		join_one(i, task);
	finish_with_id(task);
	tell_all();
	ck_assert_uint_eq(waiters_wakes, 1);
	for (i = 0; i < 1000; i++) {
		struct address address;
		char *text = take_from(&caller, &address);

		ck_assert_ptr_nonnull(strstr(text, "\"result\":2}"));
		seen += (int)json_integer_value(address.id);
		json_decref(address.id);
		free(text);
	}
	ck_assert_int_eq(seen, 999 * 1000 / 2);
	expect_nothing();
}
END_TEST

START_TEST(a_run_tells_no_more_than_it_is_told_to)
{
	struct task *a = actor(), *b = actor();

	join_one(1, a);
	join_one(2, a);
	join_one(3, b);
	finish_with_id(a);
	finish_with_id(b);
	ck_assert_uint_eq(waiters_wakes, 1);
	ck_assert(waiters_run(waiters, 0));
	ck_assert_uint_eq(caller_wakes, 0);
	ck_assert(waiters_run(waiters, 2));
	ck_assert_uint_eq(caller_wakes, 2);
	ck_assert(!waiters_run(waiters, 2));
	ck_assert_uint_eq(caller_wakes, 3);
}
END_TEST

START_TEST(replies_come_in_the_order_in_which_they_are_ready)
{
	struct task *a = actor(), *b = actor();

	join_one(1, a);
	join_one(2, b);
	finish_with_id(b);
	finish_with_id(a);
	tell_all();
	expect_result(2, "3");
	expect_result(1, "2");
}
END_TEST

START_TEST(an_outcome_is_kept_for_who_waits_when_its_task_is_let_go)
{
	struct task *task = actor();

	join_one(1, task);
	finish_with_id(task);
	stage_advance(2 * scheduler_default_limits.retained_age);
	ck_assert_ptr_null(task_find(tasks, 2));
	tell_all();
	expect_result(1, "2");
}
END_TEST

/* --- all ---------------------------------------------------------------- */

START_TEST(a_join_of_all_gives_the_outcomes_in_the_order_asked)
{
	struct task *a = actor(), *b = actor();
	struct task *const which[] = {b, a};

	wait_for(1, WAIT_ALL, which, 2, -1);
	finish_with_id(a);
	tell_all();
	expect_nothing();
	finish_failed(b);
	tell_all();
	expect_result(1, "[{\"task\":3,\"state\":\"failed\",\"error\":"
			 "{\"code\":9,\"message\":\"boom\","
			 "\"data\":{\"type\":\"FunctionError\"}}},"
			 "{\"task\":2,\"state\":\"done\",\"result\":2}]");
}
END_TEST

START_TEST(a_task_may_be_asked_for_twice)
{
	struct task *a = actor(), *b = actor();
	struct task *const which[] = {a, b, a};

	finish_with_id(b);
	wait_for(1, WAIT_ALL, which, 3, -1);
	wait_for(2, WAIT_ANY, which, 3, -1);
	finish_with_id(a);
	tell_all();
	expect_result(2, "{\"task\":3,\"state\":\"done\",\"result\":3}");
	expect_result(1, "[{\"task\":2,\"state\":\"done\",\"result\":2},"
			 "{\"task\":3,\"state\":\"done\",\"result\":3},"
			 "{\"task\":2,\"state\":\"done\",\"result\":2}]");
}
END_TEST

START_TEST(all_of_none_is_an_empty_array_at_once)
{
	wait_for(1, WAIT_ALL, NULL, 0, -1);
	expect_result(1, "[]");
}
END_TEST

/* --- any ---------------------------------------------------------------- */

START_TEST(a_join_of_any_gives_the_first_to_finish)
{
	struct task *a = actor(), *b = actor();
	struct task *const which[] = {a, b};

	wait_for(1, WAIT_ANY, which, 2, -1);
	finish_with_id(b);
	finish_with_id(a);
	tell_all();
	ck_assert_uint_eq(caller_wakes, 1);
	expect_result(1, "{\"task\":3,\"state\":\"done\",\"result\":3}");
	expect_nothing();
}
END_TEST

START_TEST(of_several_that_have_finished_it_is_the_first_too)
{
	struct task *a = actor(), *b = actor(), *c = actor();
	struct task *const which[] = {a, b, c};

	finish_with_id(b);
	finish_with_id(c);
	wait_for(1, WAIT_ANY, which, 3, -1);
	expect_result(1, "{\"task\":3,\"state\":\"done\",\"result\":3}");
	ck_assert(LIST_EMPTY(&a->joiners));
}
END_TEST

START_TEST(who_finished_first_is_not_who_began_first_to_wait_for_children)
{
	struct task *parent = stage_actor(root, SCOPE_WAIT), *other = actor();
	struct task *child = stage_actor(parent, SCOPE_DETACH);
	struct task *const which[] = {parent, other};

	finish_with_id(parent);
	finish_with_id(other);
	finish_with_id(child);
	stage_run();
	wait_for(1, WAIT_ANY, which, 2, -1);
	expect_result(1, "{\"task\":3,\"state\":\"done\",\"result\":3}");
}
END_TEST

/* --- too much for one reply --------------------------------------------- */

/* Ends it `done` with a result of so many bytes. */
static void
finish_with_bytes(struct task *task, size_t length)
{
	char text[ASKER_REPLY + 2];

	memset(text, '1', length);
	text[length] = '\0';
	scheduler_finish(scheduler, task, TASK_DONE, text);
}

/* The next reply is a result of about so many bytes. */
static void
expect_reply_of(int id, size_t length)
{
	struct address address;
	char *text = take_from(&caller, &address);

	ck_assert_int_eq(json_integer_value(address.id), id);
	ck_assert_ptr_nonnull(strstr(text, "\"result\":111"));
	ck_assert_uint_gt(strlen(text), length);
	json_decref(address.id);
	free(text);
}

START_TEST(outcomes_over_the_bound_are_not_put_together)
{
	struct task *a = actor(), *b = actor();
	struct task *const which[] = {a, b};
	json_t *data;

	finish_with_bytes(a, ASKER_REPLY);
	wait_for(1, WAIT_ALL, which, 1, -1);
	finish_with_bytes(b, 1);
	wait_for(2, WAIT_ALL, which, 2, -1);
	expect_reply_of(1, ASKER_REPLY);
	data = take_error(2, ERROR_LIMIT_EXCEEDED);
	expect_data(data, "limit", "\"reply\"");
	json_decref(data);
}
END_TEST

START_TEST(of_any_only_the_first_outcome_has_to_fit)
{
	struct task *a = actor(), *b = actor();
	struct task *const which[] = {a, b};

	finish_with_bytes(a, ASKER_REPLY);
	finish_with_bytes(b, ASKER_REPLY);
	wait_for(1, WAIT_ANY, which, 2, -1);
	expect_reply_of(1, ASKER_REPLY);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    a_join_gives_the_result_when_the_task_ends,
	    a_join_of_a_finished_task_is_ready_at_once,
	    a_join_of_a_task_that_failed_tells_the_cause,
	    a_join_of_a_cancelled_task_tells_the_reason,
	    a_join_of_a_task_that_timed_out_tells_so,
	    any_number_may_join_a_task,
	    a_run_tells_no_more_than_it_is_told_to,
	    replies_come_in_the_order_in_which_they_are_ready,
	    an_outcome_is_kept_for_who_waits_when_its_task_is_let_go,
	    a_join_of_all_gives_the_outcomes_in_the_order_asked,
	    a_task_may_be_asked_for_twice,
	    all_of_none_is_an_empty_array_at_once,
	    a_join_of_any_gives_the_first_to_finish,
	    of_several_that_have_finished_it_is_the_first_too,
	    who_finished_first_is_not_who_began_first_to_wait_for_children,
	    outcomes_over_the_bound_are_not_put_together,
	    of_any_only_the_first_outcome_has_to_fit,
	};

	return unit_run("waiter", asker_setup, asker_teardown, tests,
	    sizeof tests / sizeof tests[0]);
}
