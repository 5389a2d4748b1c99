/* What a task wrote: the last bytes of it, counted from its first. */
#include "config.h"

#include "daemon/output.h"

#include <stdlib.h>
#include <string.h>

#include "proto/xalloc.h"

struct output {
	char *ring;
	size_t size;  /* allocated */
	size_t keep;  /* most it may be */
	size_t held;  /* the last ones before end */
	uint64_t end; /* bytes written ever */
};

struct output *
output_new(size_t keep)
{
	struct output *output = xcalloc(1, sizeof *output);

	output->keep = keep;
	return output;
}

void
output_delete(struct output *output)
{
	if (output == NULL)
		return;
	free(output->ring);
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

/* Byte `at` of the output stands at at % size. */
static void
copy_out(const struct output *output, uint64_t at, char *data, size_t length)
{
	size_t begin, first;

	if (length == 0 || output->size == 0)
		return;
	begin = (size_t)(at % output->size);
	first = output->size - begin;
	if (first > length)
		first = length;
	memcpy(data, output->ring + begin, first);
	memcpy(data + first, output->ring, length - first);
}

static void
copy_in(struct output *output, const char *data, size_t length)
{
	size_t begin = (size_t)(output->end % output->size);
	size_t first = output->size - begin;

	if (first > length)
		first = length;
	memcpy(output->ring + begin, data, first);
	memcpy(output->ring, data + first, length - first);
	output->end += length;
	output->held += length;
	if (output->held > output->size)
		output->held = output->size;
}

/* By doubling, up to what is kept. */
static void
make_room(struct output *output, size_t length)
{
	size_t held = output->held, size = output->size;
	uint64_t end = output->end;
	char *old;

	if (size == output->keep || size - held >= length)
		return;
	while (size < output->keep && size - held < length)
		size = size == 0 ? 64 : 2 * size;
	if (size > output->keep)
		size = output->keep;
	old = xmalloc(held);
	copy_out(output, end - held, old, held);
	output->ring = xrealloc(output->ring, size);
	output->size = size;
	output->end = end - held;
	output->held = 0;
	if (held > 0)
		copy_in(output, old, held);
	free(old);
}

void
output_write(struct output *output, const char *data, size_t length)
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
	copy_in(output, data, length);
}

static int
is_continuation(char byte)
{
	return ((unsigned char)byte & 0xc0) == 0x80;
}

/* The length of a character by its first byte; 1 for what is none. */
static size_t
character_length(char first)
{
	unsigned char byte = (unsigned char)first;

	return byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
}

/* Drops a last character of which bytes are missing. */
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

/* At most three bytes of a character whose first byte is gone. */
static size_t
lost_characters(const char *data, size_t length)
{
	size_t i = 0;

	while (i < 3 && i < length && is_continuation(data[i]))
		i++;
	return i;
}

size_t
output_read(const struct output *output, uint64_t after, char *data,
    size_t limit, uint64_t *from)
{
	uint64_t oldest = output->end - output->held;
	size_t length, lost;

	*from = after < oldest ? oldest : after;
	if (*from > output->end)
		*from = output->end;
	length =
	    output->end - *from < limit ? (size_t)(output->end - *from) : limit;
	copy_out(output, *from, data, length);
	lost = lost_characters(data, length);
	*from += lost;
	length -= lost;
	memmove(data, data + lost, length);
	return whole_characters(data, length);
}
