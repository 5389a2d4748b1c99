/* Lines to the daemon that are of a task: they wait until its id is known. */
#include "config.h"

#include "client/lua/line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>

#include "client/lua/json.h"
#include "client/lua/link.h"
#include "client/lua/tasklet.h"
#include "proto/limits.h"
#include "proto/xalloc.h"

/* What follows the params takes at most so much. */
#define TAIL_SIZE 32U

/* One that waits for an id, in a ring whose last one the tasklet has. */
struct hold {
	struct hold *next;
	unsigned id;
	size_t hole, length;
	char text[];
};

static struct {
	struct json_text text;
	size_t hole;	 /* where the task's id goes; 0 for nowhere */
	bool has_member; /* a comma comes before the next one */
} line;

/* --- making --------------------------------------------------------------- */

static void
add(const char *text, size_t length)
{
	struct json_text *out = &line.text;

	if (out->size - out->length < length) {
		out->size = 2 * out->size + length + 256;
		out->data = xrealloc(out->data, out->size);
	}
	memcpy(out->data + out->length, text, length);
	out->length += length;
}

static void
add_plain(const char *text)
{
	add(text, strlen(text));
}

static void
add_key(const char *key)
{
	add_plain(line.has_member ? ",\"" : "\"");
	add_plain(key);
	add_plain("\":");
	line.has_member = true;
}

void
line_begin(const char *method)
{
	line.text.length = line.hole = 0;
	line.has_member = false;
	add_plain("{\"jsonrpc\":\"2.0\",\"method\":\"");
	add_plain(method);
	add_plain("\",\"params\":{");
}

void
line_add_value(lua_State *L, const char *key, int index)
{
	add_key(key);
	json_encode(L, index, &line.text);
}

void
line_add_number(const char *key, double value)
{
	char number[32];

	snprintf(number, sizeof number, "%.17g", value);
	add_key(key);
	add_plain(number);
}

void
line_add_string(const char *key, const char *plain)
{
	add_key(key);
	add("\"", 1);
	add_plain(plain);
	add("\"", 1);
}

void
line_add_task(const char *key)
{
	add_key(key);
	line.hole = line.text.length;
}

void
line_add_members(lua_State *L, int index)
{
	size_t start;

	if (line.has_member)
		add(",", 1);
	start = line.text.length;
	json_encode(L, index, &line.text);
	/* Without its braces; and where it has none, without the comma. */
	memmove(line.text.data + start, line.text.data + start + 1,
	    line.text.length - start - 2);
	line.text.length -= 2;
	if (line.text.length == start && line.has_member)
		line.text.length--;
	line.has_member = true;
}

void
line_check(lua_State *L)
{
	/* The id that is to come in has at most 20 digits. */
	if (line.text.length + TAIL_SIZE + 20 > LIMIT_MESSAGE)
		luaL_error(L,
		    "%d bytes are too many for the daemon, which "
		    "takes %d",
		    (int)line.text.length, LIMIT_MESSAGE);
}

/* --- sending -------------------------------------------------------------- */

static void
send_with(json_int_t task, const char *text, size_t hole, size_t length)
{
	char number[24];
	int digits =
	    snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, task);

	link_send(text, hole);
	link_send(number, (size_t)digits);
	link_send(text + hole, length - hole);
}

static void
hold(struct tasklet *task, unsigned id)
{
	struct hold *held = xmalloc(sizeof *held + line.text.length);

	held->id = id;
	held->hole = line.hole;
	held->length = line.text.length;
	memcpy(held->text, line.text.data, line.text.length);
	held->next = held;
	if (task->held != NULL) {
		held->next = task->held->next;
		task->held->next = held;
	}
	task->held = held;
}

void
line_send(unsigned id, struct tasklet *task)
{
	char tail[TAIL_SIZE];

	if (id == 0)
		add_plain("}}\n");
	else {
		snprintf(tail, sizeof tail, "},\"id\":%u}\n", id);
		add_plain(tail);
	}
	if (line.hole == 0)
		link_send(line.text.data, line.text.length);
	else if (task->id != 0)
		send_with(
		    task->id, line.text.data, line.hole, line.text.length);
	else
		hold(task, id);
}

/* The first one, taken out of the ring. */
static struct hold *
take_held(struct tasklet *task)
{
	struct hold *first;

	if (task->held == NULL)
		return NULL;
	first = task->held->next;
	if (first == task->held)
		task->held = NULL;
	else
		task->held->next = first->next;
	return first;
}

void
line_send_held(struct tasklet *task)
{
	struct hold *held;

	while ((held = take_held(task)) != NULL) {
		send_with(task->id, held->text, held->hole, held->length);
		free(held);
	}
}

void
line_refuse_held(struct tasklet *task, const struct reply *reply)
{
	struct hold *held;

	while ((held = take_held(task)) != NULL) {
		if (held->id != 0)
			link_answer(held->id, reply);
		free(held);
	}
}

void
line_close(void)
{
	free(line.text.data);
}
