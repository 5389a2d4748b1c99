/* Requests that wait for someone's answer. */
#include "config.h"

#include "daemon/waiter.h"

#include <stdlib.h>
#include <string.h>

#include "proto/xalloc.h"
#include "tests/asker.h"
#include "tests/unit.h"

static struct waiter *
wait_open(int id, double timeout, struct waiter **slot)
{
	struct address address = {.id = json_integer(id)};

	*slot = NULL;
	waiter_new_open(waiters, &caller, &address, "write", timeout, slot);
	ck_assert_ptr_null(address.id); /* taken over */
	ck_assert_ptr_nonnull(*slot);
	return *slot;
}

START_TEST(it_waits_until_it_is_answered)
{
	struct waiter *slot, *waiter = wait_open(1, -1, &slot);

	stage_advance(1e6);
	expect_nothing();
	ck_assert_uint_eq(caller.nwaiting, 1);
	waiter_answer(waiters, waiter, xstrdup("[1]"));
	ck_assert_ptr_null(slot);
	ck_assert_uint_eq(caller_wakes, 1);
	expect_result(1, "[1]");
	expect_nothing();
	ck_assert_uint_eq(caller.nwaiting, 0);
}
END_TEST

START_TEST(it_may_be_refused)
{
	struct waiter *slot, *waiter = wait_open(1, -1, &slot);
	json_t *data;

	waiter_refuse(waiters, waiter, error_new(ERROR_FUNCTION, "no"));
	ck_assert_ptr_null(slot);
	data = take_error(1, ERROR_FUNCTION);
	expect_data(data, "type", "\"FunctionError\"");
	json_decref(data);
	ck_assert_uint_eq(caller.nwaiting, 0);
}
END_TEST

START_TEST(its_time_may_run_out)
{
	struct waiter *slot;

	wait_open(1, 2, &slot);
	stage_advance(1);
	ck_assert_ptr_nonnull(slot);
	stage_advance(1.5);
	ck_assert_ptr_null(slot);
	json_decref(take_error(1, ERROR_TIMEOUT));
}
END_TEST

START_TEST(answered_its_time_does_not_run_out)
{
	struct waiter *slot, *waiter = wait_open(1, 2, &slot);

	waiter_answer(waiters, waiter, xstrdup("null"));
	stage_advance(10);
	ck_assert_uint_eq(caller_wakes, 1);
	expect_result(1, "null");
	expect_nothing();
}
END_TEST

START_TEST(dropped_it_leaves_its_slot)
{
	struct waiter *slots[3];
	int i;

	for (i = 0; i < 3; i++)
		wait_open(i, i, &slots[i]);
	waiter_answer(waiters, slots[1], xstrdup("null"));
	drop_all();
	ck_assert_uint_eq(ndropped, 3);
	for (i = 0; i < 3; i++)
		ck_assert_ptr_null(slots[i]);
	stage_advance(10);
	expect_nothing();
}
END_TEST

START_TEST(cancelled_with_its_caller_it_leaves_its_slot)
{
	struct waiter *slot;

	wait_open(1, 2, &slot);
	waiters_cancel(waiters, &caller, "gone");
	ck_assert_ptr_null(slot);
	json_decref(take_error(1, ERROR_CANCELLED));
	stage_advance(10);
	expect_nothing();
}
END_TEST

START_TEST(answers_come_in_the_order_in_which_they_are_given)
{
	struct waiter *slots[3];
	int i;

	for (i = 0; i < 3; i++)
		wait_open(i, -1, &slots[i]);
	waiter_answer(waiters, slots[2], xstrdup("2"));
	waiter_answer(waiters, slots[0], xstrdup("0"));
	waiter_answer(waiters, slots[1], xstrdup("1"));
	expect_result(2, "2");
	expect_result(0, "0");
	expect_result(1, "1");
}
END_TEST

START_TEST(among_joins_and_sleeps)
{
	struct waiter *slot, *waiter;
	struct task *task = actor();

	join_one(1, task);
	waiter = wait_open(2, -1, &slot);
	wait_for(3, WAIT_SLEEP, NULL, 0, 1);
	finish_with_id(task);
	tell_all();
	expect_result(1, "2");
	ck_assert_ptr_nonnull(slot);
	stage_advance(2);
	expect_result(3, "null");
	waiter_answer(waiters, waiter, xstrdup("null"));
	expect_result(2, "null");
}
END_TEST

START_TEST(what_is_waited_for_is_told)
{
	struct waiter *slot;
	char *text;
	size_t size;
	FILE *out = xopen_memstream(&text, &size);

	wait_open(1, -1, &slot);
	ck_assert(waiters_describe(out, &caller));
	fclose(out);
	ck_assert_int_eq(strncmp(text, "{\"for\":\"write\",\"since\":", 23), 0);
	free(text);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    it_waits_until_it_is_answered,
	    it_may_be_refused,
	    its_time_may_run_out,
	    answered_its_time_does_not_run_out,
	    dropped_it_leaves_its_slot,
	    cancelled_with_its_caller_it_leaves_its_slot,
	    answers_come_in_the_order_in_which_they_are_given,
	    among_joins_and_sleeps,
	    what_is_waited_for_is_told,
	};

	return unit_run("waiter_open", asker_setup, asker_teardown, tests,
	    sizeof tests / sizeof *tests);
}
