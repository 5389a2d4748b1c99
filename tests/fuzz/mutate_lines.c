/* Mutations by whole lines, as most cuts within a line make it no request:
   half of the time libFuzzer's own, else a line comes, goes or moves. */
#include "config.h"

#include <string.h>

#include "proto/xalloc.h"
#include "tests/fuzz/fuzz.h"

/* libFuzzer's hooks, and what it lends them. */
size_t LLVMFuzzerCustomMutator(
    uint8_t *data, size_t size, size_t most, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);

#define CALL(method, params) \
	"{\"jsonrpc\":\"2.0\",\"method\":\"" method "\",\"params\":{" params \
	"},\"id\":#}\n"
#define TASK "\"task\":#"

/* Lines that come; each '#' becomes a number from 0 to 9. */
static const char *const lines[] = {
    CALL("spawn", "\"function\":\"sleep\",\"args\":[#]"),
    CALL("spawn", "\"function\":\"sleep\",\"args\":[#],\"parent\":#"),
    CALL("spawn", "\"function\":\"sleep\",\"args\":[#],\"parent\":#,"
		  "\"scope\":\"wait\""),
    CALL("spawn", "\"function\":\"sleep\",\"args\":[#],\"parent\":#,"
		  "\"scope\":\"cancel\",\"timeout\":#"),
    CALL("spawn", "\"function\":\"sleep\",\"args\":[9],\"name\":\"a#\","
		  "\"timeout\":#,\"unique\":true"),
    CALL("spawn", "\"function\":\"echo\",\"args\":[#],\"parent\":#"),
    CALL("spawn", "\"function\":\"print\",\"args\":[\"p\",#]"),
    CALL("later", "\"function\":\"sleep\",\"args\":[#],\"seconds\":#"),
    CALL("loop", "\"function\":\"fail\",\"args\":[\"no\"],"
		 "\"max_failures\":#,\"parent\":#"),
    CALL("loop", "\"function\":\"sleep\",\"args\":[#],\"max_runs\":#,"
		 "\"scope\":\"wait\""),
    CALL("interval", "\"function\":\"echo\",\"seconds\":#,"
		     "\"immediate\":true,\"timeout\":#"),
    CALL("rate", "\"function\":\"sleep\",\"args\":[0.#],\"hertz\":#,"
		 "\"max_runs\":#"),
    CALL("host", ""),
    CALL("host", "\"function\":\"h#\",\"parent\":#,\"scope\":\"wait\""),
    CALL("host", "\"parent\":#,\"timeout\":#,\"scope\":\"cancel\""),
    CALL("finish", TASK ",\"result\":#"),
    CALL("finish", TASK ",\"error\":{\"message\":\"no\"}"),
    CALL("provide", "\"functions\":[{\"name\":\"p\",\"summary\":\"s\"}]"),
    CALL("provide", "\"functions\":[]"),
    CALL("spawn", "\"function\":\"p\",\"args\":[#],\"parent\":#"),
    CALL("interval", "\"function\":\"p\",\"seconds\":#,\"max_runs\":#"),
    CALL("cancel", TASK ",\"grace\":#"),
    "{\"jsonrpc\":\"2.0\",\"id\":\"d#\",\"result\":{\"line\":#}}\n",
    "{\"jsonrpc\":\"2.0\",\"id\":\"d#\",\"result\":#}\n",
    CALL("join", TASK),
    CALL("join", TASK ",\"timeout\":#"),
    CALL("join", "\"tasks\":[#,#,#]"),
    CALL("join", "\"tasks\":[#,#],\"mode\":\"any\",\"timeout\":#"),
    CALL("sleep", "\"seconds\":#"),
    CALL("cancel", TASK),
    CALL("cancel", TASK ",\"only\":true,\"reason\":\"r\""),
    CALL("cancel", "\"tasks\":[#,#]"),
    CALL("pause", TASK),
    CALL("pause", TASK ",\"only\":true"),
    CALL("resume", TASK),
    CALL("resume", TASK ",\"only\":true"),
    CALL("forget", TASK),
    CALL("rerun", TASK),
    CALL("show", TASK),
    CALL("children", TASK),
    CALL("tree", TASK ",\"limit\":1"),
    CALL("tree", "\"limit\":1,\"after\":#"),
    CALL("list", "\"limit\":#"),
    CALL("list", "\"limit\":1,\"after\":#"),
    CALL("output", TASK ",\"after\":#,\"limit\":#"),
    CALL("output", TASK ",\"follow\":true"),
    CALL("output", TASK ",\"after\":#,\"follow\":true,"
			"\"stream\":\"stdout\""),
    CALL("output", TASK ",\"follow\":true,\"encoding\":\"base64\""),
    CALL("interval", "\"function\":\"print\",\"args\":[\"p\",#],"
		     "\"seconds\":#,\"max_runs\":#"),
    CALL("functions", ""),
    CALL("stats", ""),
    "@0\n",
    "@1\n",
    "@2\n",
    "@+#\n",
    "@+#\n",
    "@+.#\n",
    "@+#0\n",
    "@~#\n",
    "@&\n",
    "@^\n",
    "@.\n",
    "@-\n",
    "@=\n",
    "@/\n",
    "@x\n",
    "@!\n",
};

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
		line = lines[below(sizeof lines / sizeof lines[0])];
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
