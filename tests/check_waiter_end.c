/* Requests that wait for a time, run out of it, are cancelled or dropped; and
   what is known of them meanwhile. */
#include "config.h"

#include "daemon/waiter.h"

#include <stdlib.h>
#include <string.h>

#include "proto/xalloc.h"
#include "tests/asker.h"
#include "tests/unit.h"

/* --- a time ------------------------------------------------------------- */

START_TEST(a_join_that_runs_out_of_time_names_what_is_pending)
{
	struct task *a = actor(), *b = actor(), *c = actor();
	struct task *const which[] = {a, b, c};
	json_t *data;

	wait_for(1, WAIT_ALL, which, 3, 1.5);
	finish_with_id(b);
	tell_all();
	stage_advance(1.4);
	expect_nothing();
	stage_advance(0.1);
	data = take_error(1, ERROR_TIMEOUT);
	expect_data(data, "pending", "[2,4]");
	json_decref(data);
	ck_assert_int_eq(a->state, TASK_WAITING);
	ck_assert(LIST_EMPTY(&a->joiners) && LIST_EMPTY(&c->joiners));
	ck_assert_uint_eq(caller.nwaiting, 0);
}
END_TEST

START_TEST(what_ends_between_the_time_and_the_reply_changes_nothing)
{
	struct task *task = actor();

	wait_for(1, WAIT_ONE, &task, 1, 0);
	stage_advance(0);
	finish_with_id(task);
	tell_all();
	ck_assert_uint_eq(caller_wakes, 1);
	json_decref(take_error(1, ERROR_TIMEOUT));
	expect_nothing();
}
END_TEST

START_TEST(a_join_that_ends_in_time_leaves_no_timer)
{
	struct task *task = actor();

	wait_for(1, WAIT_ONE, &task, 1, 1);
	ck_assert_uint_eq(timers_count(timers), 1);
	finish_with_id(task);
	tell_all();
	ck_assert_uint_eq(timers_count(timers), 1); /* that of retention */
	stage_advance(2);
	expect_result(1, "2");
	expect_nothing();
}
END_TEST

START_TEST(a_sleep_is_answered_null_after_its_time)
{
	wait_for(1, WAIT_SLEEP, NULL, 0, 2);
	wait_for(2, WAIT_SLEEP, NULL, 0, 1);
	stage_advance(1);
	expect_result(2, "null");
	expect_nothing();
	stage_advance(1);
	expect_result(1, "null");
}
END_TEST

/* --- cancelled and dropped ---------------------------------------------- */

START_TEST(requests_of_a_caller_that_is_cancelled_fail)
{
	struct task *task = actor(), *ended = actor();

	finish_with_id(ended);
	join_one(1, ended);
	join_one(2, task);
	wait_for(3, WAIT_SLEEP, NULL, 0, 60);
	waiters_cancel(waiters, &caller, "bye");
	expect_result(1, "3"); /* it was ready before */
	json_decref(take_error(2, ERROR_CANCELLED));
	expect_reply(3, "error",
	    "{\"code\":8,\"message\":\"bye\",\"data\":{\"type\":\"Cancelled\"}"
	    "}");
	ck_assert(LIST_EMPTY(&task->joiners));
	ck_assert_uint_eq(timers_count(timers), 1);
}
END_TEST

START_TEST(a_request_can_be_dropped_while_it_waits)
{
	struct task *a = actor(), *b = actor();
	struct task *const which[] = {a, b, a};

	wait_for(1, WAIT_ALL, which, 3, 60);
	wait_for(2, WAIT_SLEEP, NULL, 0, 60);
	drop_all();
	ck_assert_uint_eq(ndropped, 2);
	ck_assert(LIST_EMPTY(&a->joiners));
	ck_assert_uint_eq(timers_count(timers), 0);
	finish_with_id(a);
	tell_all();
	expect_nothing();
}
END_TEST

START_TEST(a_request_can_be_dropped_when_its_task_has_ended)
{
	struct task *a = actor(), *b = actor();
	struct task *const which[] = {a, b};

	wait_for(1, WAIT_ALL, which, 2, -1);
	join_one(2, a);
	finish_with_id(a);
	ck_assert(waiters_run(waiters, 1));
	drop_all();
	ck_assert_uint_eq(ndropped, 2);
	tell_all();
	ck_assert(LIST_EMPTY(&b->joiners));
	expect_nothing();
}
END_TEST

START_TEST(a_request_can_be_dropped_when_its_reply_is_ready)
{
	struct task *a = actor(), *b = actor();
	struct task *const which[] = {a, b};

	wait_for(1, WAIT_ANY, which, 2, 60);
	wait_for(2, WAIT_ONE, which, 1, 0);
	finish_with_id(a);
	tell_all();
	drop_all();
	ck_assert_uint_eq(ndropped, 2);
	ck_assert(LIST_EMPTY(&b->joiners));
	expect_nothing();
}
END_TEST

START_TEST(endings_that_none_was_told_of_are_given_back)
{
	struct task *task = actor();

	join_one(1, task);
	finish_with_id(task);
	drop_all();
	/* The teardown deletes the waiters, a checker of leaks looks. */
	ck_assert_uint_eq(task->outcome->refs, 2);
}
END_TEST

/* --- what a caller waits for -------------------------------------------- */

START_TEST(what_waits_is_counted_until_its_reply_is_taken)
{
	struct task *a = actor(), *b = actor();
	struct task *const which[] = {a, b};

	wait_for(1, WAIT_ALL, which, 2, -1);
	ck_assert_uint_eq(caller.nwaiting, 3);
	wait_for(2, WAIT_SLEEP, NULL, 0, 1);
	ck_assert_uint_eq(caller.nwaiting, 4);
	stage_advance(1);
	ck_assert_uint_eq(caller.nwaiting, 4);
	expect_result(2, "null");
	ck_assert_uint_eq(caller.nwaiting, 3);
}
END_TEST

START_TEST(a_long_id_counts_as_the_memory_it_takes)
{
	char id[1281];
	struct address address;

	memset(id, 'x', sizeof id);
	address = (struct address){.id = json_stringn(id, 1280)};
	waiter_new(waiters, &caller, &address, WAIT_SLEEP, NULL, 0, 1);
	ck_assert_uint_eq(caller.nwaiting, 11);
	stage_advance(1);
	free(take_from(&caller, &address));
	json_decref(address.id);
	ck_assert_uint_eq(caller.nwaiting, 0);
}
END_TEST

static void
expect_described(const char *want)
{
	char *text = NULL;
	size_t size;
	FILE *out = xopen_memstream(&text, &size);
	bool any = waiters_describe(out, &caller);

	fclose(out);
	ck_assert_int_eq(any, *want != '\0');
	ck_assert_int_eq(strncmp(text, want, strlen(want)), 0);
	free(text);
}

START_TEST(a_caller_is_described_by_its_first_request_that_waits)
{
	struct task *a = actor(), *b = actor();
	struct task *const which[] = {a, b};

	expect_described("");
	wait_for(1, WAIT_ALL, which, 2, -1);
	wait_for(2, WAIT_SLEEP, NULL, 0, 1);
	expect_described(
	    "{\"for\":\"join\",\"tasks\":[2,3],\"count\":2,\"since\":");
	finish_with_id(a);
	tell_all();
	expect_described(
	    "{\"for\":\"join\",\"tasks\":[3],\"count\":1,\"since\":");
	finish_with_id(b);
	tell_all();
	expect_described("{\"for\":\"sleep\",\"since\":");
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    a_join_that_runs_out_of_time_names_what_is_pending,
	    what_ends_between_the_time_and_the_reply_changes_nothing,
	    a_join_that_ends_in_time_leaves_no_timer,
	    a_sleep_is_answered_null_after_its_time,
	    requests_of_a_caller_that_is_cancelled_fail,
	    a_request_can_be_dropped_while_it_waits,
	    a_request_can_be_dropped_when_its_task_has_ended,
	    a_request_can_be_dropped_when_its_reply_is_ready,
	    endings_that_none_was_told_of_are_given_back,
	    what_waits_is_counted_until_its_reply_is_taken,
	    a_long_id_counts_as_the_memory_it_takes,
	    a_caller_is_described_by_its_first_request_that_waits,
	};

	return unit_run("waiter_end", asker_setup, asker_teardown, tests,
	    sizeof tests / sizeof tests[0]);
}
