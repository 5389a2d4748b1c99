/* What a task wrote: the last bytes of it, counted from its first. */
#include "config.h"

#include "daemon/output.h"

#include <stdlib.h>
#include <string.h>

#include "proto/xalloc.h"

enum first {
	FIRST_AWAITED, /* nobody has followed it */
	FIRST_READS,
	FIRST_GONE
};

/* Byte `at`, counted from the first one written, stands at at % size, and so
   does the bit that says which stream it is of. */
struct output {
	unsigned refs;
	char *ring;
	unsigned char *marks; /* a bit is 1 for stderr; NULL: all is stdout */
	size_t size;	      /* allocated */
	size_t keep;	      /* most it may be */
	size_t held;	      /* the last ones before end */
	uint64_t end;	      /* bytes written ever */
	struct follow_list followers;
	enum first first;
	const uint64_t *reader;	  /* FIRST_READS: where it is */
	bool is_held;		  /* who writes waits for that one */
	void (*moved)(void *arg); /* NULL: nobody writes */
	void *moved_arg;
};

const char *
output_stream_name(enum output_stream stream)
{
	return stream == STREAM_STDERR ? "stderr" : "stdout";
}

struct output *
output_new(size_t keep)
{
	struct output *output = xcalloc(1, sizeof *output);

	output->refs = 1;
	output->keep = keep;
	TAILQ_INIT(&output->followers);
	return output;
}

struct output *
output_ref(struct output *output)
{
	output->refs++;
	return output;
}

void
output_unref(struct output *output)
{
	if (output == NULL || --output->refs > 0)
		return;
	free(output->ring);
	free(output->marks);
	free(output);
}

size_t
output_held(const struct output *output)
{
	return output->held;
}

uint64_t
output_end(const struct output *output)
{
	return output->end;
}

size_t
output_keeps(const struct output *output)
{
	return output->keep;
}

bool
output_overwrites(const struct output *output, uint64_t at, size_t length)
{
	return output->end + length > at + output->keep;
}

struct follow_list *
output_followers(struct output *output)
{
	return &output->followers;
}

/* --- who writes waits --------------------------------------------------- */

void
output_hold(struct output *output, void (*moved)(void *arg), void *arg)
{
	output->is_held = moved != NULL;
	output->moved = moved;
	output->moved_arg = arg;
}

size_t
output_room(const struct output *output)
{
	uint64_t unread = output->end;

	if (!output->is_held || output->first == FIRST_GONE)
		return SIZE_MAX;
	if (output->first == FIRST_READS)
		unread -= *output->reader;
	return unread < output->keep ? output->keep - (size_t)unread : 0;
}

void
output_has_moved(const struct output *output)
{
	if (output->moved != NULL)
		output->moved(output->moved_arg);
}

bool
output_is_first(struct output *output, const uint64_t *at)
{
	if (output->first != FIRST_AWAITED)
		return false;
	output->first = FIRST_READS;
	output->reader = at;
	output_has_moved(output);
	return true;
}

void
output_end_first(struct output *output)
{
	output->first = FIRST_GONE;
	output->reader = NULL;
	output_has_moved(output);
}

/* --- what is kept ------------------------------------------------------- */

static uint64_t
oldest(const struct output *output)
{
	return output->end - output->held;
}

/* --- which stream ------------------------------------------------------- */

static enum output_stream
stream_at(const struct output *output, uint64_t at)
{
	size_t slot;

	if (output->marks == NULL)
		return STREAM_STDOUT;
	slot = (size_t)(at % output->size);
	return (output->marks[slot / 8] >> slot % 8 & 1) != 0 ? STREAM_STDERR :
								STREAM_STDOUT;
}

static void
mark_one(unsigned char *marks, size_t slot, enum output_stream stream)
{
	unsigned char bit = (unsigned char)(1U << slot % 8);

	if (stream == STREAM_STDERR)
		marks[slot / 8] |= bit;
	else
		marks[slot / 8] &= (unsigned char)~bit;
}

static unsigned char
eight_marks(enum output_stream stream)
{
	return stream == STREAM_STDERR ? 0xff : 0;
}

static void
mark(
    unsigned char *marks, size_t slot, size_t length, enum output_stream stream)
{
	size_t end = slot + length;

	while (slot < end && slot % 8 != 0)
		mark_one(marks, slot++, stream);
	memset(marks + slot / 8, eight_marks(stream), (end - slot) / 8);
	slot += (end - slot) / 8 * 8;
	while (slot < end)
		mark_one(marks, slot++, stream);
}

/* Where the bytes of one stream that begin at `at` end, `until` at most. */
static uint64_t
run_end(const struct output *output, uint64_t at, uint64_t until)
{
	enum output_stream stream = stream_at(output, at);
	size_t slot;

	if (output->marks == NULL)
		return until;
	while (at < until && stream_at(output, at) == stream) {
		slot = (size_t)(at % output->size);
		if (slot % 8 == 0 && output->size - slot >= 8 &&
		    output->marks[slot / 8] == eight_marks(stream))
			at += 8;
		else
			at++;
	}
	return at < until ? at : until;
}

/* --- bytes -------------------------------------------------------------- */

static char
byte_at(const struct output *output, uint64_t at)
{
	return output->ring[at % output->size];
}

/* How many bytes from there on, `length` at most, are in a row in the ring. */
static size_t
in_a_row(const struct output *output, uint64_t at, size_t length)
{
	size_t row = output->size - (size_t)(at % output->size);

	return row < length ? row : length;
}

static void
copy_out(const struct output *output, uint64_t at, char *data, size_t length)
{
	size_t first;

	if (length == 0)
		return;
	first = in_a_row(output, at, length);
	memcpy(data, output->ring + at % output->size, first);
	memcpy(data + first, output->ring, length - first);
}

static void
put(struct output *output, enum output_stream stream, const char *data,
    size_t length)
{
	size_t slot = (size_t)(output->end % output->size);

	memcpy(output->ring + slot, data, length);
	if (output->marks != NULL)
		mark(output->marks, slot, length, stream);
	output->end += length;
}

/* There is room for it. */
static void
copy_in(struct output *output, enum output_stream stream, const char *data,
    size_t length)
{
	size_t first = in_a_row(output, output->end, length);

	put(output, stream, data, first);
	put(output, stream, data + first, length - first);
	output->held += length;
	if (output->held > output->size)
		output->held = output->size;
}

static unsigned char *
new_marks(size_t size)
{
	return xcalloc(size / 8 + 1, 1);
}

static void
grow(struct output *output, size_t size)
{
	struct output old = *output;
	uint64_t at = oldest(output);
	size_t length;

	output->ring = xmalloc(size);
	if (old.marks != NULL)
		output->marks = new_marks(size);
	output->size = size;
	output->end = at;
	output->held = 0;
	for (; at < old.end; at += length) {
		length = (size_t)(run_end(&old, at, old.end) - at);
		length = in_a_row(&old, at, length);
		copy_in(output, stream_at(&old, at), old.ring + at % old.size,
		    length);
	}
	free(old.ring);
	free(old.marks);
}

/* By doubling, up to what is kept. */
static void
make_room(struct output *output, size_t length)
{
	size_t held = output->held, size = output->size;

	if (size == output->keep || size - held >= length)
		return;
	while (size < output->keep && size - held < length)
		size = size == 0 ? 64 : 2 * size;
	grow(output, size < output->keep ? size : output->keep);
}

void
output_write(struct output *output, enum output_stream stream, const char *data,
    size_t length)
{
	if (length == 0)
		return;
	if (length > output->keep) {
		output->end += length - output->keep;
		output->held = 0;
		data += length - output->keep;
		length = output->keep;
		if (length == 0)
			return;
	}
	make_room(output, length);
	if (stream == STREAM_STDERR && output->marks == NULL)
		output->marks = new_marks(output->size);
	copy_in(output, stream, data, length);
}

/* --- characters --------------------------------------------------------- */

static bool
is_continuation(char byte)
{
	return ((unsigned char)byte & 0xc0) == 0x80;
}

/* The length of a character by its first byte; 1 for what is none. */
static size_t
character_length(char first)
{
	unsigned char byte = (unsigned char)first;

	if (byte < 0xc2 || byte > 0xf4)
		return 1;
	return byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
}

/* Without a last character of which bytes are missing. */
static size_t
whole_characters(const char *data, size_t length)
{
	size_t last = length;

	while (last > 0 && length - last < 3 && is_continuation(data[last - 1]))
		last--;
	if (last > 0 && last - 1 + character_length(data[last - 1]) > length)
		return last - 1;
	return length;
}

/* Whether the character of that byte begins before it, in the same part. What
   is gone may have been its beginning. */
static bool
is_inside(
    const struct output *output, const struct output_read *read, uint64_t at)
{
	size_t behind = 1;

	if (!is_continuation(byte_at(output, at)))
		return false;
	while (at-- > oldest(output)) {
		if (read->part != OUTPUT_ALL &&
		    stream_at(output, at) != read->stream) {
			if (read->part == OUTPUT_RUN)
				return false;
			continue;
		}
		if (behind == 3 || !is_continuation(byte_at(output, at)))
			return character_length(byte_at(output, at)) > behind;
		behind++;
	}
	return oldest(output) > 0;
}

/* --- reading ------------------------------------------------------------ */

/* To a byte of the stream that is read, or to `until`. */
static uint64_t
skip_others(const struct output *output, const struct output_read *read,
    uint64_t at, uint64_t until)
{
	if (at < until && read->part == OUTPUT_STREAM &&
	    stream_at(output, at) != read->stream)
		return run_end(output, at, until);
	return at;
}

/* Up to `limit` bytes from *at on, which then is that of the next one. */
static size_t
gather(const struct output *output, const struct output_read *read,
    uint64_t *at, uint64_t until, size_t limit, char *data)
{
	size_t length = 0, some;
	uint64_t stop;

	for (;;) {
		*at = skip_others(output, read, *at, until);
		if (*at == until || length == limit)
			return length;
		some = limit - length;
		stop = until - *at < some ? until : *at + some;
		if (read->part == OUTPUT_STREAM)
			stop = run_end(output, *at, stop);
		some = (size_t)(stop - *at);
		copy_out(output, *at, data + length, some);
		*at += some;
		length += some;
	}
}

/* Leaves the rest of a character behind. */
static uint64_t
to_character(const struct output *output, struct output_read *read, uint64_t at,
    uint64_t until)
{
	at = skip_others(output, read, at, until);
	while (at < until && is_inside(output, read, at)) {
		read->lost++;
		at = skip_others(output, read, at + 1, until);
	}
	return at;
}

size_t
output_read(const struct output *output, struct output_read *read, char *data)
{
	uint64_t first = read->after, until = output->end;
	size_t length, whole;

	if (first < oldest(output))
		first = oldest(output);
	read->lost = first - read->after;
	if (first > output->end)
		first = output->end;
	if (read->part == OUTPUT_RUN && first < until) {
		read->stream = stream_at(output, first);
		until = run_end(output, first, until);
	}
	if (read->text)
		first = to_character(output, read, first, until);
	read->next = first;
	length = gather(output, read, &read->next, until, read->limit, data);
	if (!read->text ||
	    (read->next == until && (read->ended || until < output->end)))
		return length;
	whole = whole_characters(data, length);
	if (whole == length)
		return length;
	read->next = first;
	return gather(output, read, &read->next, until, whole, data);
}
