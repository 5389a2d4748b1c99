/* A task's output against a naive model, in random writes and reads. */
#include "config.h"

#include "daemon/output.h"

#include <stdbool.h>
#include <string.h>

#include "tests/unit.h"

#define WRITTEN 60000

/* All that was ever written, and to which stream. */
static char written[WRITTEN];
static enum output_stream stream_of[WRITTEN];
static size_t end;
static bool is_mixed; /* some of it is to stderr */

static struct output *output;
static struct output_read read;
static char data[64];

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

static size_t
kept(size_t bound)
{
	return end < bound ? end : bound;
}

static size_t
character_size(size_t at)
{
	unsigned char first = (unsigned char)written[at];

	return first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/* The next byte of that stream, as a text of its own: UTF-8 of one to four
   bytes to the character. */
static char
make_byte(enum output_stream stream)
{
	static const char *const characters[] = {
	    "a", "\n", "\u00e9", "\u20ac", "\U0001F600"};
	static const char *rest[2] = {"", ""};

	if (end == 0)
		rest[0] = rest[1] = "";
	if (*rest[stream] == '\0')
		rest[stream] = characters[unit_below(5)];
	return *rest[stream]++;
}

static void
write_random(size_t bound)
{
	size_t first = end, length;
	enum output_stream stream = STREAM_STDOUT;

	if (is_mixed && unit_one_in(2))
		stream = STREAM_STDERR;
	length = unit_one_in(20) ? unit_below(3 * bound + 2) :
				   unit_below(bound / 4 + 3);
	for (; end < WRITTEN && end - first < length; end++) {
		written[end] = make_byte(stream);
		stream_of[end] = stream;
	}
	output_write(output, stream, written + first, end - first);
}

static bool
is_wanted(size_t at)
{
	return read.part != OUTPUT_STREAM || stream_of[at] == read.stream;
}

static size_t
to_wanted(size_t at, size_t until)
{
	while (at < until && !is_wanted(at))
		at++;
	return at;
}

/* Appends what is to be read at once, a character or a byte; where that is
   not all there, or too much, returns false. */
static bool
want_one(size_t *at, size_t until, char *want, size_t *length)
{
	size_t size = read.text ? character_size(*at) : 1, p = *at, i;

	if (*length + size > read.limit)
		return false;
	for (i = 0; i < size; i++, p = to_wanted(p + 1, until)) {
		if (p >= until)
			return false;
		want[*length + i] = written[p];
	}
	*length += size;
	*at = p;
	return true;
}

static void
choose_read(void)
{
	static const enum output_part parts[] = {
	    OUTPUT_STREAM, OUTPUT_ALL, OUTPUT_RUN};

	read = (struct output_read){
	    .after = unit_below(end + 8),
	    .limit = unit_below(64),
	    .part = parts[unit_below(3)],
	    .stream = unit_one_in(2) ? STREAM_STDERR : STREAM_STDOUT,
	};
	read.text = unit_one_in(2) && (!is_mixed || read.part == OUTPUT_STREAM);
}

static size_t
run_length(size_t at)
{
	size_t first = at;

	while (at < end && stream_of[at] == stream_of[first])
		at++;
	return at - first;
}

static void
compare_read(size_t bound)
{
	char want[64];
	size_t at = end - kept(bound), length = 0, until = end, lost;

	choose_read();
	lost = read.after < at ? at - read.after : 0;
	at = read.after > at ? read.after : at;
	at = at > end ? end : at;
	if (read.part == OUTPUT_RUN)
		until = at + run_length(at);
	at = to_wanted(at, until);
	while (read.text && at < until && (written[at] & 0xc0) == 0x80) {
		lost++;
		at = to_wanted(at + 1, until);
	}
	while (at < until && want_one(&at, until, want, &length))
		continue;
	unit_check(output_read(output, &read, data) == length);
	unit_check(memcmp(data, want, length) == 0);
	unit_check(read.next == at);
	unit_check(read.lost == lost);
}

static void
compare_with_model(size_t bound)
{
	size_t i;

	keep(bound);
	end = 0;
	while (end < WRITTEN) {
		write_random(bound);
		unit_check(output_end(output) == end);
		unit_check(output_held(output) == kept(bound));
		for (i = 0; i < 4; i++)
			compare_read(bound);
	}
}

static void
compare_for_all_bounds(void)
{
	const size_t bounds[] = {
	    0, 1, 2, 3, 4, 5, 63, 64, 65, 100, 1000, 65536};
	size_t i;

	for (i = 0; i < sizeof bounds / sizeof bounds[0]; i++)
		compare_with_model(bounds[i]);
}

START_TEST(random_writes_and_reads_agree_with_a_naive_model)
{
	is_mixed = false;
	compare_for_all_bounds();
}
END_TEST

START_TEST(so_they_do_with_two_streams)
{
	is_mixed = true;
	compare_for_all_bounds();
}
END_TEST

/* Reads part of it in pages of random size; returns how many bytes. */
static size_t
read_pages(enum output_part part, enum output_stream stream, bool text)
{
	size_t length, sum = 0, at;

	read = (struct output_read){
	    .part = part, .stream = stream, .text = text, .ended = true};
	do {
		read.limit = 4 + unit_below(60);
		at = read.after;
		length = output_read(output, &read, data);
		unit_check(read.lost == 0);
		at = to_wanted(at, end);
		unit_check(length == 0 || data[0] == written[at]);
		read.after = read.next;
		sum += length;
	} while (length > 0);
	unit_check(read.next == end);
	return sum;
}

START_TEST(page_by_page_nothing_is_left_out)
{
	bool text = false;

	keep(65536);
	is_mixed = true;
	end = 0;
	while (end < WRITTEN)
		write_random(100);
	do {
		unit_check(read_pages(OUTPUT_ALL, 0, text) == end);
		unit_check(read_pages(OUTPUT_RUN, 0, text) == end);
		unit_check(read_pages(OUTPUT_STREAM, STREAM_STDOUT, text) +
			       read_pages(OUTPUT_STREAM, STREAM_STDERR, text) ==
			   end);
		text = !text;
	} while (text);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    random_writes_and_reads_agree_with_a_naive_model,
	    so_they_do_with_two_streams,
	    page_by_page_nothing_is_left_out,
	};

	return unit_run("output_random", setup, teardown, tests,
	    sizeof tests / sizeof tests[0]);
}
