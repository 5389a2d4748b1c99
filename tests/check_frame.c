/* Framing: lines whole, in pieces, blank, and at the limit. */
#include "config.h"

#include "proto/frame.h"

#include <string.h>

#include "tests/unit.h"

#define LIMIT 16

static struct frame frame;

static void
feed(const char *bytes)
{
	memcpy(frame_reserve(&frame, strlen(bytes)), bytes, strlen(bytes));
	frame_commit(&frame, strlen(bytes));
}

static void
expect_line(const char *want)
{
	const char *line;
	size_t length;

	ck_assert_int_eq(frame_next(&frame, &line, &length), FRAME_LINE);
	ck_assert_uint_eq(length, strlen(want));
	ck_assert_mem_eq(line, want, length);
}

static void
expect(enum frame_status want)
{
	const char *line;
	size_t length;

	ck_assert_int_eq(frame_next(&frame, &line, &length), want);
}

static void
setup(void)
{
	frame_create(&frame, LIMIT);
}

static void
teardown(void)
{
	frame_destroy(&frame);
}

START_TEST(several_lines_come_out_of_one_read)
{
	feed("one\ntwo\r\nthr");
	expect_line("one");
	expect_line("two");
	expect(FRAME_MORE);
	feed("ee\n");
	expect_line("three");
	expect(FRAME_MORE);
}
END_TEST

START_TEST(a_line_comes_out_whole_when_it_came_byte_by_byte)
{
	const char *p, bytes[] = "{\"id\":1}\n";

	for (p = bytes; *p != '\0'; p++) {
		char one[2] = {*p, '\0'};

		expect(FRAME_MORE);
		feed(one);
	}
	expect_line("{\"id\":1}");
}
END_TEST

START_TEST(blank_lines_are_ignored)
{
	feed("\n\r\n \t \r\nx\n\n");
	expect_line("x");
	expect(FRAME_MORE);
}
END_TEST

START_TEST(a_nul_byte_is_a_byte_of_the_line)
{
	const char *line;
	size_t length;

	memcpy(frame_reserve(&frame, 4), "a\0\0\n", 4);
	frame_commit(&frame, 4);
	ck_assert_int_eq(frame_next(&frame, &line, &length), FRAME_LINE);
	ck_assert_uint_eq(length, 3);
}
END_TEST

START_TEST(a_line_of_the_limit_passes_and_one_more_byte_does_not)
{
	feed("0123456789abcdef\n");
	expect_line("0123456789abcdef");
	feed("0123456789abcdefg\n");
	expect(FRAME_TOO_LONG);
}
END_TEST

START_TEST(a_line_that_never_ends_is_refused_at_the_limit)
{
	feed("0123456789abcdef");
	expect(FRAME_MORE);
	feed("g");
	expect(FRAME_TOO_LONG);
}
END_TEST

START_TEST(an_empty_frame_holds_no_memory)
{
	feed("x\n");
	expect_line("x");
	frame_trim(&frame);
	ck_assert_ptr_null(frame.data);
	feed("y");
	frame_trim(&frame);
	ck_assert_ptr_nonnull(frame.data);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    several_lines_come_out_of_one_read,
	    a_line_comes_out_whole_when_it_came_byte_by_byte,
	    blank_lines_are_ignored,
	    a_nul_byte_is_a_byte_of_the_line,
	    a_line_of_the_limit_passes_and_one_more_byte_does_not,
	    a_line_that_never_ends_is_refused_at_the_limit,
	    an_empty_frame_holds_no_memory,
	};

	return unit_run(
	    "frame", setup, teardown, tests, sizeof tests / sizeof tests[0]);
}
