/* Mutations by whole lines, as most cuts within a line make it no request:
   half of the time libFuzzer's own, else a line comes, goes or moves. */
#include "config.h"

#include <string.h>

#include "proto/xalloc.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/mutate_lines.h"

/* libFuzzer's hooks, and what it lends them. */
size_t LLVMFuzzerCustomMutator(
    uint8_t *data, size_t size, size_t most, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);

static unsigned state;

/* As POSIX suggests for rand(). */
static size_t
below(size_t bound)
{
	state = state * 1103515245 + 12345;
	return (state >> 16) % bound;
}

/* A random place where a line begins. */
static size_t
random_line(const uint8_t *data, size_t size)
{
	size_t at = below(size + 1);

	while (at > 0 && data[at - 1] != '\n')
		at--;
	return at;
}

static size_t
line_length(const uint8_t *data, size_t size, size_t at)
{
	size_t end = at;

	while (end < size && data[end++] != '\n')
		continue;
	return end - at;
}

static size_t
insert(
    uint8_t *data, size_t size, size_t most, const uint8_t *line, size_t length)
{
	size_t at = random_line(data, size), i;

	if (size + length > most)
		return size;
	memmove(data + at + length, data + at, size - at);
	for (i = 0; i < length; i++)
		data[at + i] =
		    line[i] == '#' ? (uint8_t)('0' + below(10)) : line[i];
	return size + length;
}

static size_t
drop(uint8_t *data, size_t size, size_t at)
{
	size_t length = line_length(data, size, at);

	memmove(data + at, data + at + length, size - at - length);
	return size - length;
}

/* Copies a line to elsewhere; may take it from where it was. */
static size_t
copy(uint8_t *data, size_t size, size_t most, int moves)
{
	size_t at = random_line(data, size);
	size_t length = line_length(data, size, at);
	uint8_t *line = xmalloc(length + 1);

	memcpy(line, data + at, length);
	if (moves)
		size = drop(data, size, at);
	size = insert(data, size, most, line, length);
	free(line);
	return size;
}

size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
	const char *line;

	state = seed;
	switch (below(8)) {
	case 0:
	case 1:
		line = mutate_lines[below(mutate_line_count)];
		return insert(
		    data, size, most, (const uint8_t *)line, strlen(line));
	case 2:
		return drop(data, size, random_line(data, size));
	case 3:
		return copy(data, size, most, below(2) == 0);
	default:
		return LLVMFuzzerMutate(data, size, most);
	}
}
