/* Lines to the daemon that are of a task: they wait until its id is known. */
#include "config.h"

#include "client/lua/line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include <lauxlib.h>

#include "client/lua/json.h"
#include "client/lua/link.h"
#include "client/lua/name.h"
#include "client/lua/tasklet.h"
#include "proto/error.h"
#include "proto/limits.h"
#include "proto/reply.h"
#include "proto/xalloc.h"

/* What follows the params takes at most so much. */
#define TAIL_SIZE 32U

/* One that waits for an id. All that come after it wait behind it, so that the
   daemon sees them in order. */
struct hold {
	STAILQ_ENTRY(hold) entry;
	struct tasklet *task; /* NULL for none */
	unsigned id;
	size_t hole, length;
	char text[];
};

static STAILQ_HEAD(, hold) held = STAILQ_HEAD_INITIALIZER(held);
static size_t held_bytes;

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
	if (line.text.length + TAIL_SIZE + 20 <= LIMIT_MESSAGE)
		return;
	name_push_where(L);
	lua_pushfstring(L,
	    "%d bytes are too many for the daemon, which takes %d",
	    (int)line.text.length, LIMIT_MESSAGE);
	lua_concat(L, 2);
	lua_error(L);
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

static bool
is_known(const struct tasklet *task, size_t hole)
{
	return hole == 0 || task->id != 0;
}

static void
hold(struct tasklet *task, unsigned id)
{
	struct hold *last = xmalloc(sizeof *last + line.text.length);

	last->task = task;
	last->id = id;
	last->hole = line.hole;
	last->length = line.text.length;
	memcpy(last->text, line.text.data, line.text.length);
	STAILQ_INSERT_TAIL(&held, last, entry);
	held_bytes += last->length;
	if (task != NULL)
		task->held++;
}

void
line_send(unsigned id, struct tasklet *task)
{
	char tail[TAIL_SIZE];

	if (id == 0) {
		add_plain("}}\n");
	} else {
		snprintf(tail, sizeof tail, "},\"id\":%u}\n", id);
		add_plain(tail);
	}
	if (!STAILQ_EMPTY(&held) || !is_known(task, line.hole))
		hold(task, id);
	else if (line.hole == 0)
		link_send(line.text.data, line.text.length);
	else
		send_with(
		    task->id, line.text.data, line.hole, line.text.length);
}

/* In place of the daemon: the task is none that it knows. */
static void
refuse(unsigned id)
{
	struct reply reply = {
	    .error = error_new(ERROR_NO_SUCH_TASK, "the task was refused")};

	if (id != 0)
		link_answer(id, &reply);
	json_decref(reply.error);
}

void
line_send_held(lua_State *L)
{
	struct hold *first;

	while ((first = STAILQ_FIRST(&held)) != NULL) {
		if (!is_known(first->task, first->hole) &&
		    !first->task->refused)
			return;
		STAILQ_REMOVE_HEAD(&held, entry);
		held_bytes -= first->length;
		if (!is_known(first->task, first->hole))
			refuse(first->id);
		else if (first->hole == 0)
			link_send(first->text, first->length);
		else
			send_with(first->task->id, first->text, first->hole,
			    first->length);
		if (first->task != NULL && --first->task->held == 0)
			tasklet_let_go(L, first->task);
		free(first);
	}
}

bool
line_is_full(void)
{
	return link_is_full() || held_bytes > LIMIT_MESSAGE;
}

void
line_close(void)
{
	struct hold *first;

	while ((first = STAILQ_FIRST(&held)) != NULL) {
		STAILQ_REMOVE_HEAD(&held, entry);
		free(first);
	}
	free(line.text.data);
}
