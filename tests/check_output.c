/* A task's output: the last bytes of it, and whole characters. */
#include "config.h"

#include "daemon/output.h"

#include <stdbool.h>
#include <string.h>

#include "tests/unit.h"

static struct output *output;
static char data[4096];
static struct output_read read;

static void
setup(void)
{
	output = NULL;
}

static void
teardown(void)
{
	output_unref(output);
}

static void
keep(size_t bytes)
{
	output_unref(output);
	output = output_new(bytes);
}

static void
write_bytes(const char *bytes, size_t length)
{
	output_write(output, STREAM_STDOUT, bytes, length);
}

static void
write_text(const char *text)
{
	write_bytes(text, strlen(text));
}

static void
write_error(const char *text)
{
	output_write(output, STREAM_STDERR, text, strlen(text));
}

static void
expect_read(const char *want, uint64_t lost, uint64_t next)
{
	size_t length = output_read(output, &read, data);

	ck_assert_uint_eq(length, strlen(want));
	ck_assert_mem_eq(data, want, length);
	ck_assert_uint_eq(read.lost, lost);
	ck_assert_uint_eq(read.next, next);
}

/* What a read of all gives as text, and where it begins. */
static void
expect(uint64_t after, size_t limit, const char *want, uint64_t from)
{
	read =
	    (struct output_read){.after = after, .limit = limit, .text = true};
	expect_read(want, from > after ? from - after : 0, from + strlen(want));
}

/* What a read of one stream gives as text, and where it goes on. */
static void
expect_of(enum output_stream stream, uint64_t after, size_t limit,
    const char *want, uint64_t next)
{
	read = (struct output_read){
	    .after = after,
	    .limit = limit,
	    .part = OUTPUT_STREAM,
	    .stream = stream,
	    .text = true,
	};
	expect_read(want, 0, next);
}

/* Which bytes in a row are of which stream. */
static void
expect_run(uint64_t after, enum output_stream stream, const char *want)
{
	read = (struct output_read){
	    .after = after, .limit = 100, .part = OUTPUT_RUN, .text = true};
	expect_read(want, 0, after + strlen(want));
	ck_assert_int_eq(read.stream, stream);
}

/* --- what is kept ------------------------------------------------------- */

START_TEST(an_output_that_nothing_was_written_to_is_empty)
{
	keep(16);
	expect(0, 100, "", 0);
	expect(7, 100, "", 0);
	write_bytes("", 0);
	ck_assert_uint_eq(output_held(output), 0);
	ck_assert_uint_eq(output_end(output), 0);
}
END_TEST

START_TEST(what_was_written_is_read_from_where_one_likes)
{
	keep(16);
	write_text("hello ");
	write_text("world");
	expect(0, 100, "hello world", 0);
	expect(6, 100, "world", 6);
	expect(11, 100, "", 11);
}
END_TEST

START_TEST(past_the_end_is_the_end)
{
	keep(16);
	write_text("hello");
	expect(6, 100, "", 5);
	expect(UINT64_MAX, 100, "", 5);
}
END_TEST

START_TEST(only_the_last_bytes_are_kept)
{
	keep(8);
	write_text("01234567");
	expect(0, 100, "01234567", 0);
	write_text("8");
	expect(0, 100, "12345678", 1);
	write_text("9abcdef");
	expect(0, 100, "89abcdef", 8);
	expect(12, 100, "cdef", 12);
	ck_assert_uint_eq(output_held(output), 8);
	ck_assert_uint_eq(output_end(output), 16);
}
END_TEST

START_TEST(of_one_write_over_the_bound_the_last_bytes_are_kept)
{
	keep(4);
	write_text("0123456789");
	expect(0, 100, "6789", 6);
	write_text("ab");
	expect(0, 100, "89ab", 8);
	ck_assert_uint_eq(output_end(output), 12);
}
END_TEST

START_TEST(an_output_that_keeps_nothing_counts_all_the_same)
{
	keep(0);
	write_text("hello");
	expect(0, 100, "", 5);
	ck_assert_uint_eq(output_held(output), 0);
	ck_assert_uint_eq(output_end(output), 5);
}
END_TEST

START_TEST(a_read_gives_no_more_than_its_limit)
{
	keep(8);
	write_text("0123456789ab");
	expect(0, 3, "456", 4);
	expect(7, 3, "789", 7);
	expect(0, 0, "", 4);
}
END_TEST

START_TEST(nul_bytes_are_bytes)
{
	keep(16);
	write_bytes("a\0\0b", 4);
	read = (struct output_read){.limit = 100, .text = true};
	ck_assert_uint_eq(output_read(output, &read, data), 4);
	ck_assert_mem_eq(data, "a\0\0b", 4);
}
END_TEST

/* --- whole characters --------------------------------------------------- */

START_TEST(the_limit_cuts_no_character)
{
	keep(64);
	write_text("a\u00e9\u20ac\U0001F600");
	expect(0, 1, "a", 0);
	expect(0, 2, "a", 0);
	expect(0, 3, "a\u00e9", 0);
	expect(0, 4, "a\u00e9", 0);
	expect(0, 5, "a\u00e9", 0);
	expect(0, 6, "a\u00e9\u20ac", 0);
	expect(0, 9, "a\u00e9\u20ac", 0);
	expect(0, 10, "a\u00e9\u20ac\U0001F600", 0);
	expect(6, 3, "", 6); /* longer than the limit */
}
END_TEST

START_TEST(a_character_of_which_the_first_bytes_are_gone_is_lost)
{
	keep(6);
	write_text("\U0001F600abc"); /* 7 bytes */
	expect(0, 100, "abc", 4);
	write_text("d");
	expect(0, 100, "abcd", 4);
	expect(5, 100, "bcd", 5);
}
END_TEST

START_TEST(a_read_from_inside_a_character_begins_at_the_next)
{
	keep(64);
	write_text("\U0001F600a");
	expect(1, 100, "a", 4);
	expect(2, 100, "a", 4);
	expect(3, 100, "a", 4);
	expect(3, 1, "a", 4);
}
END_TEST

START_TEST(a_character_that_is_not_there_yet_is_left_for_later)
{
	keep(64);
	write_bytes("a\xf0", 2);
	expect(0, 100, "a", 0);
	write_bytes("\x9f\x98", 2);
	expect(0, 100, "a", 0);
	expect(1, 100, "", 1);
	write_bytes("\x80", 1);
	expect(1, 100, "\U0001F600", 1);
}
END_TEST

START_TEST(bytes_that_are_not_utf_8_are_read_as_they_are)
{
	keep(64);
	write_bytes("a\xff\xfe-\xe9t\xe9-", 8);
	expect(0, 100, "a\xff\xfe-\xe9t\xe9-", 0);
}
END_TEST

START_TEST(a_character_that_is_cut_is_given_when_no_more_comes)
{
	keep(64);
	write_bytes("a\xe2\x82", 3);
	read = (struct output_read){.limit = 100, .text = true, .ended = true};
	expect_read("a\xe2\x82", 0, 3);
	read.limit = 2; /* the limit cuts it, not the end */
	expect_read("a", 0, 1);
}
END_TEST

START_TEST(bytes_that_no_character_begins_are_given_where_a_read_begins)
{
	keep(64);
	write_bytes("a\x80\x80\x80\x80", 5);
	expect(1, 100, "\x80\x80\x80\x80", 1);
	expect(2, 2, "\x80\x80", 2);
	expect(4, 2, "\x80", 4);
	write_bytes("\xc3\xa9\xa9", 3);
	expect(6, 100, "\xa9", 7);
	expect(7, 100, "\xa9", 7);
}
END_TEST

START_TEST(bytes_are_cut_anywhere_where_they_are_not_read_as_text)
{
	keep(4);
	write_text("\U0001F600\u20ac");
	read = (struct output_read){.limit = 2};
	expect_read("\x80\xe2", 3, 5);
	read.after = read.next;
	expect_read("\x82\xac", 0, 7);
}
END_TEST

/* --- two streams -------------------------------------------------------- */

START_TEST(each_stream_is_read_alone_or_both_together)
{
	keep(64);
	write_text("one ");
	write_error("ERR ");
	write_text("two ");
	write_error("MORE");
	expect(0, 100, "one ERR two MORE", 0);
	expect_of(STREAM_STDOUT, 0, 100, "one two ", 16);
	expect_of(STREAM_STDERR, 0, 100, "ERR MORE", 16);
	expect_of(STREAM_STDERR, 5, 100, "RR MORE", 16);
	expect_of(STREAM_STDOUT, 5, 100, "two ", 16);
	expect_of(STREAM_STDOUT, 12, 100, "", 16);
	expect_of(STREAM_STDERR, 99, 100, "", 16);
}
END_TEST

START_TEST(a_limit_counts_the_bytes_of_the_stream_that_is_read)
{
	keep(64);
	write_text("one ");
	write_error("ERR ");
	write_text("two ");
	expect_of(STREAM_STDOUT, 0, 3, "one", 3);
	expect_of(STREAM_STDOUT, 0, 4, "one ", 8); /* the next byte */
	expect_of(STREAM_STDOUT, 0, 6, "one tw", 10);
	expect_of(STREAM_STDERR, 0, 4, "ERR ", 12);
	expect_of(STREAM_STDERR, 0, 0, "", 4);
}
END_TEST

START_TEST(runs_tell_which_stream_they_are_of)
{
	keep(64);
	expect_run(0, STREAM_STDOUT, "");
	write_text("out");
	expect_run(0, STREAM_STDOUT, "out");
	write_error("err");
	write_text("o");
	expect_run(0, STREAM_STDOUT, "out");
	expect_run(1, STREAM_STDOUT, "ut");
	expect_run(3, STREAM_STDERR, "err");
	expect_run(6, STREAM_STDOUT, "o");
}
END_TEST

START_TEST(what_is_kept_remembers_its_stream)
{
	size_t i;

	keep(20); /* no multiple of eight */
	for (i = 0; i < 1000; i++) {
		write_text("ab");
		write_error("c");
	}
	read = (struct output_read){
	    .limit = 100, .part = OUTPUT_STREAM, .stream = STREAM_STDERR};
	expect_read("ccccccc", 2980, 3000);
	read = (struct output_read){.limit = 100, .part = OUTPUT_STREAM};
	expect_read("babababababab", 2980, 3000);
}
END_TEST

START_TEST(a_character_is_whole_in_its_stream_across_the_other)
{
	keep(64);
	write_text("a\xe2");
	write_error("E");
	expect_of(STREAM_STDOUT, 0, 100, "a", 1);
	write_text("\x82");
	write_error("\xac");
	expect_of(STREAM_STDOUT, 0, 100, "a", 1);
	write_text("\xac.");
	expect_of(STREAM_STDOUT, 0, 100, "a\u20ac.", 7);
	expect_of(STREAM_STDOUT, 0, 3, "a", 1);
	read.after = 3; /* within it */
	expect_read(".", 2, 7);
}
END_TEST

START_TEST(a_character_in_a_run_is_cut_by_the_other_stream)
{
	keep(64);
	write_text("a\xc3");
	expect_run(0, STREAM_STDOUT, "a");
	write_error("\xa9");
	expect_run(0, STREAM_STDOUT, "a\xc3");
	expect_run(2, STREAM_STDERR, "\xa9");
	write_text("\xa9");
	expect_run(3, STREAM_STDOUT, "\xa9");
}
END_TEST

static void
count_cb(void *arg)
{
	++*(int *)arg;
}

START_TEST(who_writes_may_wait_for_the_first_who_follows)
{
	uint64_t at = 0, later = 0;
	int moved = 0;

	keep(8);
	ck_assert_uint_eq(output_room(output), SIZE_MAX);
	output_hold(output, count_cb, &moved);
	ck_assert_uint_eq(output_room(output), 8);
	write_text("abc");
	ck_assert_uint_eq(output_room(output), 8 - 3);
	ck_assert(output_is_first(output, &at));
	ck_assert(!output_is_first(output, &later));
	ck_assert_int_eq(moved, 1);
	ck_assert_uint_eq(output_room(output), 8 - 3);
	at = 2;
	output_has_moved(output);
	ck_assert_int_eq(moved, 2);
	ck_assert_uint_eq(output_room(output), 8 - 1);
	output_end_first(output);
	ck_assert_int_eq(moved, 3);
	ck_assert_uint_eq(output_room(output), SIZE_MAX);
	ck_assert(!output_is_first(output, &later));
}
END_TEST

START_TEST(nobody_waits_who_did_not_say_so)
{
	uint64_t at = 0;

	keep(8);
	ck_assert(output_is_first(output, &at));
	write_text("abc");
	ck_assert_uint_eq(output_room(output), SIZE_MAX);
	output_has_moved(output);
	output_end_first(output);
}
END_TEST

START_TEST(an_output_lives_as_long_as_someone_refers_to_it)
{
	keep(16);
	output_ref(output);
	write_text("still here");
	output_unref(output);
	expect(0, 100, "still here", 0);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    an_output_that_nothing_was_written_to_is_empty,
	    what_was_written_is_read_from_where_one_likes,
	    past_the_end_is_the_end,
	    only_the_last_bytes_are_kept,
	    of_one_write_over_the_bound_the_last_bytes_are_kept,
	    an_output_that_keeps_nothing_counts_all_the_same,
	    a_read_gives_no_more_than_its_limit,
	    nul_bytes_are_bytes,
	    the_limit_cuts_no_character,
	    a_character_of_which_the_first_bytes_are_gone_is_lost,
	    a_read_from_inside_a_character_begins_at_the_next,
	    a_character_that_is_not_there_yet_is_left_for_later,
	    bytes_that_are_not_utf_8_are_read_as_they_are,
	    a_character_that_is_cut_is_given_when_no_more_comes,
	    bytes_that_no_character_begins_are_given_where_a_read_begins,
	    bytes_are_cut_anywhere_where_they_are_not_read_as_text,
	    each_stream_is_read_alone_or_both_together,
	    a_limit_counts_the_bytes_of_the_stream_that_is_read,
	    runs_tell_which_stream_they_are_of,
	    what_is_kept_remembers_its_stream,
	    a_character_is_whole_in_its_stream_across_the_other,
	    a_character_in_a_run_is_cut_by_the_other_stream,
	    who_writes_may_wait_for_the_first_who_follows,
	    nobody_waits_who_did_not_say_so,
	    an_output_lives_as_long_as_someone_refers_to_it,
	};

	return unit_run(
	    "output", setup, teardown, tests, sizeof tests / sizeof tests[0]);
}
