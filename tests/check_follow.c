/* Requests that follow a task's output: what they are told. */
#include "config.h"

#include "daemon/output.h"

#include <stdlib.h>
#include <string.h>

#include "tests/follower.h"
#include "tests/unit.h"

/* --- what is told ------------------------------------------------------- */

START_TEST(what_is_there_is_told_and_then_what_comes)
{
	struct task *task = actor();

	write_out(task, "one ");
	follow(1, task, &all);
	write_out(task, "two ");
	expect_output(task, "\"stream\":\"stdout\",\"data\":\"one two \","
			    "\"next\":8");
	expect_nothing();
	write_out(task, "three");
	expect_output(
	    task, "\"stream\":\"stdout\",\"data\":\"three\",\"next\":13");
	expect_nothing();
	finish_and_tell(task);
	expect_end(1, 13, 0);
}
END_TEST

START_TEST(each_is_of_one_stream_and_in_order)
{
	struct task *task = actor();

	follow(1, task, &all);
	write_out(task, "a");
	write_error(task, "b");
	write_error(task, "c");
	write_out(task, "d");
	expect_output(task, "\"stream\":\"stdout\",\"data\":\"a\",\"next\":1");
	expect_output(task, "\"stream\":\"stderr\",\"data\":\"bc\",\"next\":3");
	expect_output(task, "\"stream\":\"stdout\",\"data\":\"d\",\"next\":4");
	expect_nothing();
}
END_TEST

START_TEST(one_stream_is_followed_alone)
{
	struct output_read read = {
	    .part = OUTPUT_STREAM, .stream = STREAM_STDERR, .text = true};
	struct task *task = actor();

	follow(1, task, &read);
	write_out(task, "a");
	expect_nothing();
	write_error(task, "b");
	write_out(task, "c");
	write_error(task, "d");
	write_out(task, "e");
	expect_output(task, "\"stream\":\"stderr\",\"data\":\"bd\",\"next\":5");
	finish_and_tell(task);
	expect_end(1, 5, 0);
}
END_TEST

START_TEST(it_begins_where_it_was_told_to)
{
	struct output_read read = all;
	struct task *task = actor();

	write_out(task, "hello");
	read.after = 3;
	follow(1, task, &read);
	expect_output(task, "\"stream\":\"stdout\",\"data\":\"lo\",\"next\":5");
	read.after = INT64_MAX; /* the end, wherever that is */
	follow(2, task, &read);
	expect_nothing();
	write_out(task, "!");
	expect_output(task, "\"stream\":\"stdout\",\"data\":\"!\",\"next\":6");
	expect_output(task, "\"stream\":\"stdout\",\"data\":\"!\",\"next\":6");
	expect_nothing();
}
END_TEST

START_TEST(in_base64_it_is_exact)
{
	struct output_read read = {.part = OUTPUT_RUN};
	struct task *task = actor();

	follow(1, task, &read);
	write_out(task, "\xe2\x82");
	expect_output(task,
	    "\"stream\":\"stdout\",\"data\":\"4oI=\",\"next\":2,"
	    "\"encoding\":\"base64\"");
	write_out(task, "\xac");
	expect_output(task,
	    "\"stream\":\"stdout\",\"data\":\"rA==\",\"next\":3,"
	    "\"encoding\":\"base64\"");
}
END_TEST

START_TEST(one_tells_no_more_than_a_reply_has_room_for)
{
	struct task *task = actor();
	char zeroes[ASKER_REPLY] = {0}, *text;
	struct address address;
	size_t count = 0;

	follow(1, task, &all);
	scheduler_write(scheduler, task, STREAM_STDOUT, zeroes, sizeof zeroes);
	while ((text = take_from(&caller, &address)) != NULL) {
		ck_assert_uint_le(strlen(text), ASKER_REPLY);
		free(text);
		count++;
	}
	ck_assert_uint_eq(count, 8);
}
END_TEST

/* --- characters --------------------------------------------------------- */

START_TEST(a_character_is_told_when_it_is_whole)
{
	struct task *task = actor();

	follow(1, task, &all);
	write_out(task, "a\xe2");
	expect_output(task, "\"stream\":\"stdout\",\"data\":\"a\",\"next\":1");
	expect_nothing();
	write_out(task, "\x82");
	expect_nothing();
	write_out(task, "\xac");
	expect_output(
	    task, "\"stream\":\"stdout\",\"data\":\"\u20ac\",\"next\":4");
}
END_TEST

START_TEST(a_character_that_stays_cut_is_told_at_the_end)
{
	struct task *task = actor();

	follow(1, task, &all);
	write_out(task, "\xe2\x82");
	expect_nothing();
	finish_and_tell(task);
	expect_output(
	    task, "\"stream\":\"stdout\",\"data\":\"\ufffd\ufffd\",\"next\":2");
	expect_end(1, 2, 0);
}
END_TEST

START_TEST(a_character_that_is_cut_is_told_before_the_other_stream)
{
	struct task *task = actor();

	follow(1, task, &all);
	write_out(task, "\xe2");
	expect_nothing();
	write_error(task, "no");
	expect_output(
	    task, "\"stream\":\"stdout\",\"data\":\"\ufffd\",\"next\":1");
	expect_output(task, "\"stream\":\"stderr\",\"data\":\"no\",\"next\":3");
	expect_nothing();
}
END_TEST

START_TEST(of_one_stream_a_character_is_whole_across_the_other)
{
	struct output_read read = {.part = OUTPUT_STREAM, .text = true};
	struct task *task = actor();

	follow(1, task, &read);
	write_out(task, "\xe2");
	write_error(task, "no");
	expect_nothing();
	write_out(task, "\x82\xac");
	expect_output(
	    task, "\"stream\":\"stdout\",\"data\":\"\u20ac\",\"next\":5");
	finish_and_tell(task);
	expect_end(1, 5, 0);
}
END_TEST

START_TEST(bytes_that_are_not_utf_8_are_replaced)
{
	struct task *task = actor();

	follow(1, task, &all);
	write_out(task, "a\xff");
	expect_output(
	    task, "\"stream\":\"stdout\",\"data\":\"a\ufffd\",\"next\":2");
	write_out(task, "\x80-\xc3.");
	expect_output(task, "\"stream\":\"stdout\",\"data\":\"\ufffd-\ufffd.\","
			    "\"next\":6");
	expect_nothing();
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    what_is_there_is_told_and_then_what_comes,
	    each_is_of_one_stream_and_in_order,
	    one_stream_is_followed_alone,
	    it_begins_where_it_was_told_to,
	    in_base64_it_is_exact,
	    one_tells_no_more_than_a_reply_has_room_for,
	    a_character_is_told_when_it_is_whole,
	    a_character_that_stays_cut_is_told_at_the_end,
	    a_character_that_is_cut_is_told_before_the_other_stream,
	    of_one_stream_a_character_is_whole_across_the_other,
	    bytes_that_are_not_utf_8_are_replaced,
	};

	return unit_run("follow", asker_setup, asker_teardown, tests,
	    sizeof tests / sizeof tests[0]);
}
