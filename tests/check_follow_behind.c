/* Requests that follow a task's output: when they are told, what they lose, and
   how they end. */
#include "config.h"

#include "daemon/output.h"

#include <stdlib.h>
#include <string.h>

#include "proto/xalloc.h"
#include "tests/follower.h"
#include "tests/unit.h"

/* --- what is lost ------------------------------------------------------- */

/* With an output that keeps 16 bytes. */
static struct task *
forgetful_actor(void)
{
	struct task *task = actor();

	task->output = output_new(16);
	return task;
}

START_TEST(what_is_lost_is_told_once_and_in_the_end)
{
	struct task *task = forgetful_actor();

	follow(1, task, &all);
	write_out(task, "0123456789");
	expect_output(task, "\"stream\":\"stdout\",\"data\":\"0123456789\","
			    "\"next\":10");
	write_out(task, "abcdefghijklmnopqr");
	expect_output(task,
	    "\"stream\":\"stdout\",\"data\":\"cdefghijklmnopqr\","
	    "\"next\":28,\"lost\":2");
	write_out(task, "s");
	expect_output(task, "\"stream\":\"stdout\",\"data\":\"s\",\"next\":29");
	write_out(task, "0123456789abcdefABCDEF0123456789");
	finish_and_tell(task);
	expect_output(task,
	    "\"stream\":\"stdout\",\"data\":\"ABCDEF0123456789\","
	    "\"next\":61,\"lost\":16");
	expect_end(1, 61, 18);
}
END_TEST

START_TEST(a_character_whose_beginning_is_gone_is_lost)
{
	struct task *task = forgetful_actor();

	follow(1, task, &all);
	write_out(task, "ab\xe2\x82");
	expect_output(task, "\"stream\":\"stdout\",\"data\":\"ab\",\"next\":2");
	write_error(task, "0123456789abcde");
	expect_output(task,
	    "\"stream\":\"stderr\",\"data\":\"0123456789abcde\","
	    "\"next\":19,\"lost\":2");
	finish_and_tell(task);
	expect_end(1, 19, 2);
}
END_TEST

START_TEST(what_the_other_stream_wrote_is_not_lost)
{
	struct output_read read = {
	    .part = OUTPUT_STREAM, .stream = STREAM_STDERR, .text = true};
	struct task *task = forgetful_actor();
	int i;

	follow(1, task, &read);
	for (i = 0; i < 100; i++) {
		write_out(task, "0123456789");
		expect_nothing();
	}
	write_error(task, "x");
	expect_output(
	    task, "\"stream\":\"stderr\",\"data\":\"x\",\"next\":1001");
}
END_TEST

/* --- when it is told ---------------------------------------------------- */

START_TEST(many_writes_wake_it_once)
{
	struct task *task = actor();
	int i;

	follow(1, task, &all);
	expect_nothing();
	caller_wakes = 0;
	for (i = 0; i < 1000; i++)
		write_out(task, "x");
	ck_assert_uint_eq(caller_wakes, 1);
	free(take_from(&caller, &(struct address){0}));
}
END_TEST

static char *told;

static bool
has_room(const struct caller *who)
{
	return who == &caller && told == NULL;
}

static void
tell(struct caller *who, char *notification)
{
	ck_assert_ptr_eq(who, &caller);
	ck_assert_ptr_null(told);
	told = notification;
}

/* The caller has room for one notification at once. */
static void
make_room(void)
{
	caller.has_room = has_room;
	caller.tell = tell;
	told = NULL;
}

START_TEST(what_a_write_would_overwrite_is_told_before)
{
	struct task *task = forgetful_actor();

	make_room();
	follow(1, task, &all);
	write_out(task, "0123456789abcdef");
	ck_assert_ptr_null(told);
	write_out(task, "g");
	ck_assert_ptr_nonnull(strstr(told, "\"data\":\"0123456789abcdef\""));
	write_out(task, "hijklmn");
	expect_output(
	    task, "\"stream\":\"stdout\",\"data\":\"ghijklmn\",\"next\":24");
	free(told);
}
END_TEST

START_TEST(nor_is_a_character_lost_that_is_cut_between_two_writes)
{
	struct task *task = forgetful_actor();

	make_room();
	follow(1, task, &all);
	write_out(task, "0123456789abcd\xe2\x82");
	write_out(task, "\xac.0123456789");
	ck_assert_ptr_nonnull(strstr(told, "\"data\":\"0123456789abcd\""));
	expect_output(task, "\"stream\":\"stdout\",\"data\":"
			    "\"\u20ac.0123456789\",\"next\":28");
	free(told);
}
END_TEST

START_TEST(those_who_follow_take_turns_and_replies_come_first)
{
	struct task *task = actor(), *other = actor();
	char text[2 * ASKER_REPLY / 8 + 1];

	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	follow(1, task, &all);
	follow(2, other, &all);
	join_one(3, other);
	write_out(task, text);
	write_out(other, "y");
	finish_with_id(other);
	tell_all();
	expect_result(3, "3");
	free(take_from(&caller, &(struct address){0}));
	expect_output(other, "\"stream\":\"stdout\",\"data\":\"y\",\"next\":1");
	free(take_from(&caller, &(struct address){0}));
	expect_result(2, "{\"data\":\"\",\"next\":1,\"lost\":0}");
	expect_nothing();
	finish_and_tell(task);
	expect_end(1, sizeof text - 1, 0);
}
END_TEST

START_TEST(what_a_task_wrote_outlives_it_for_them)
{
	struct task *task = actor();
	struct task same = *task;

	write_out(task, "last words");
	follow(1, task, &all);
	stage_finish(task);
	scheduler_forget(scheduler, task);
	tell_all();
	expect_output(&same, "\"stream\":\"stdout\",\"data\":\"last words\","
			     "\"next\":10");
	expect_end(1, 10, 0);
}
END_TEST

START_TEST(of_a_task_that_has_ended_all_is_told_and_then_its_end)
{
	struct task *task = actor();

	write_out(task, "x\xc3");
	finish_and_tell(task);
	follow(1, task, &all);
	expect_output(
	    task, "\"stream\":\"stdout\",\"data\":\"x\ufffd\",\"next\":2");
	expect_end(1, 2, 0);
}
END_TEST

/* --- their end ---------------------------------------------------------- */

static void
expect_cancelled(int id)
{
	json_t *data = take_error(id, ERROR_CANCELLED);

	expect_data(data, "type", "\"Cancelled\"");
	json_decref(data);
}

START_TEST(a_cancel_ends_those_who_listen_and_those_who_are_behind)
{
	struct task *task = actor(), *quiet = actor(), *ended = actor();

	follow(1, quiet, &all);
	expect_nothing();
	write_out(ended, "x");
	follow(2, ended, &all);
	finish_and_tell(ended);
	write_out(task, "x");
	follow(3, task, &all);
	waiters_cancel(waiters, &caller, "enough");
	expect_cancelled(1);
	expect_cancelled(3);
	expect_output(ended, "\"stream\":\"stdout\",\"data\":\"x\",\"next\":1");
	expect_end(2, 1, 0);
	write_out(task, "y");
	write_out(quiet, "y");
	expect_nothing();
}
END_TEST

START_TEST(those_who_are_gone_are_told_nothing)
{
	struct task *task = actor();

	follow(1, task, &all);
	expect_nothing();
	follow(2, task, &all);
	drop_all();
	ck_assert_uint_eq(ndropped, 2);
	write_out(task, "x");
	finish_and_tell(task);
	expect_nothing();
}
END_TEST

START_TEST(what_they_keep_of_a_task_that_has_ended_counts)
{
	struct task *task = actor();
	char text[10 * 1024 + 1];

	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	write_out(task, text);
	follow(1, task, &all);
	ck_assert_uint_eq(caller.nwaiting, 2);
	finish_and_tell(task);
	ck_assert_uint_eq(caller.nwaiting, 2 + 10);
	drop_all();
}
END_TEST

static void
expect_described(const char *want)
{
	char *text = NULL, *full;
	size_t size;
	FILE *out = xopen_memstream(&text, &size);
	bool any = waiters_describe(out, &caller);

	fclose(out);
	full = xasprintf("{\"for\":\"output\",\"tasks\":[%s],\"since\":", want);
	ck_assert(any);
	ck_assert_mem_eq(text, full, strlen(full));
	free(full);
	free(text);
}

START_TEST(they_are_described_whether_they_listen_or_are_behind)
{
	struct task *task = actor();

	follow(1, task, &all);
	expect_described("2");
	expect_nothing();
	expect_described("2");
	write_out(task, "x");
	expect_described("2");
	drop_all();
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    what_is_lost_is_told_once_and_in_the_end,
	    a_character_whose_beginning_is_gone_is_lost,
	    what_the_other_stream_wrote_is_not_lost,
	    many_writes_wake_it_once,
	    what_a_write_would_overwrite_is_told_before,
	    nor_is_a_character_lost_that_is_cut_between_two_writes,
	    those_who_follow_take_turns_and_replies_come_first,
	    what_a_task_wrote_outlives_it_for_them,
	    of_a_task_that_has_ended_all_is_told_and_then_its_end,
	    a_cancel_ends_those_who_listen_and_those_who_are_behind,
	    those_who_are_gone_are_told_nothing,
	    what_they_keep_of_a_task_that_has_ended_counts,
	    they_are_described_whether_they_listen_or_are_behind,
	};

	return unit_run("follow_behind", asker_setup, asker_teardown, tests,
	    sizeof tests / sizeof tests[0]);
}
