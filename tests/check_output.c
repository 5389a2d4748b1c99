/* A task's output: the last bytes of it, and whole characters. */
#include "config.h"

#include "daemon/output.h"

#include <stdbool.h>
#include <string.h>

#include "tests/unit.h"

static struct output *output;
static char data[4096];
static uint64_t from;

static void
setup(void)
{
	output = NULL;
}

static void
teardown(void)
{
	output_delete(output);
}

static void
keep(size_t bytes)
{
	output_delete(output);
	output = output_new(bytes);
}

static void
write_text(const char *text)
{
	output_write(output, text, strlen(text));
}

/* What a read gives, and where it begins. */
static void
expect(uint64_t after, size_t limit, const char *want, uint64_t want_from)
{
	size_t length = output_read(output, after, data, limit, &from);

	ck_assert_uint_eq(length, strlen(want));
	ck_assert_mem_eq(data, want, length);
	ck_assert_uint_eq(from, want_from);
}

/* --- what is kept ------------------------------------------------------- */

START_TEST(an_output_that_nothing_was_written_to_is_empty)
{
	keep(16);
	expect(0, 100, "", 0);
	expect(7, 100, "", 0);
	output_write(output, "", 0);
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
	output_write(output, "a\0\0b", 4);
	ck_assert_uint_eq(output_read(output, 0, data, 100, &from), 4);
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
	expect(3, 1, "", 4);
}
END_TEST

START_TEST(a_character_that_is_not_there_yet_is_left_for_later)
{
	keep(64);
	output_write(output, "a\xf0", 2);
	expect(0, 100, "a", 0);
	output_write(output, "\x9f\x98", 2);
	expect(0, 100, "a", 0);
	expect(1, 100, "", 1);
	output_write(output, "\x80", 1);
	expect(1, 100, "\U0001F600", 1);
}
END_TEST

START_TEST(bytes_that_are_not_utf_8_are_read_as_they_are)
{
	keep(64);
	output_write(output, "a\xff\xfe-\xe9t\xe9-", 8);
	expect(0, 100, "a\xff\xfe-\xe9t\xe9-", 0);
}
END_TEST

/* --- against a naive model ---------------------------------------------- */

#define WRITTEN 60000

/* All that was ever written. */
static char written[WRITTEN];
static size_t end;

static size_t
kept(size_t bound)
{
	return end < bound ? end : bound;
}

/* UTF-8 of one to four bytes to the character. */
static void
make_text(void)
{
	static const char *const characters[] = {
	    "a", "\n", "\u00e9", "\u20ac", "\U0001F600"};
	size_t at = 0;

	while (at < WRITTEN - 4) {
		const char *one = characters[unit_below(5)];

		memcpy(written + at, one, strlen(one));
		at += strlen(one);
	}
	memset(written + at, 'x', WRITTEN - at);
}

static bool
is_inside(size_t at)
{
	return at < end && ((unsigned char)written[at] & 0xc0) == 0x80;
}

static size_t
next_character(size_t at)
{
	do
		at++;
	while (at < WRITTEN && ((unsigned char)written[at] & 0xc0) == 0x80);
	return at;
}

/* The longest run of whole characters from `first` that is written and has
   at most `limit` bytes. */
static size_t
whole(size_t first, size_t limit)
{
	size_t at = first;

	while (at < end && next_character(at) <= end &&
	       next_character(at) - first <= limit)
		at = next_character(at);
	return at - first;
}

/* What is lost at the front counts towards the limit. */
static void
compare_read(size_t bound)
{
	size_t after = unit_below(end + 8), limit = unit_below(64), first;
	size_t length = output_read(output, after, data, limit, &from);

	first = end - kept(bound);
	first = after > first ? after : first;
	first = first > end ? end : first;
	for (; is_inside(first) && limit > 0; limit--)
		first++;
	unit_check(from == first);
	unit_check(length == (is_inside(first) ? 0 : whole(first, limit)));
	unit_check(memcmp(data, written + first, length) == 0);
}

static void
compare_with_model(size_t bound)
{
	size_t length, i;

	keep(bound);
	make_text();
	end = 0;
	while (end < WRITTEN) {
		length = unit_one_in(20) ? unit_below(3 * bound + 2) :
					   unit_below(bound / 4 + 3);
		length = length > WRITTEN - end ? WRITTEN - end : length;
		output_write(output, written + end, length);
		end += length;
		unit_check(output_end(output) == end);
		unit_check(output_held(output) == kept(bound));
		for (i = 0; i < 4; i++)
			compare_read(bound);
	}
}

START_TEST(random_writes_and_reads_agree_with_a_naive_model)
{
	const size_t bounds[] = {
	    0, 1, 2, 3, 4, 5, 63, 64, 65, 100, 1000, 65536};
	size_t i;

	for (i = 0; i < sizeof bounds / sizeof bounds[0]; i++)
		compare_with_model(bounds[i]);
}
END_TEST

START_TEST(page_by_page_nothing_is_left_out)
{
	size_t length, at = 0;

	keep(65536);
	make_text();
	output_write(output, written, WRITTEN);
	while ((length = output_read(
		    output, at, data, 4 + unit_below(60), &from)) > 0) {
		unit_check(from == at);
		unit_check(memcmp(data, written + at, length) == 0);
		at += length;
	}
	unit_check(at == WRITTEN);
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
	    random_writes_and_reads_agree_with_a_naive_model,
	    page_by_page_nothing_is_left_out,
	};

	return unit_run(
	    "output", setup, teardown, tests, sizeof tests / sizeof tests[0]);
}
