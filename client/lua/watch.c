/* Tasks of elsewhere whose end the prelude wants to know. */
#include "config.h"

#include "client/lua/watch.h"

#include <stdint.h>

#include <lauxlib.h>

#include "client/lua/json.h"
#include "client/lua/line.h"
#include "client/lua/link.h"
#include "client/lua/prelude.h"
#include "client/lua/runtime.h"
#include "proto/reply.h"

/* A join with a timeout is no deadlock of those who join us. */
#define LONG 1e9

static unsigned count;
static enum { UNASKED, ASKED, SETTLED } end; /* of the program */

struct ended {
	json_int_t task;
	const json_t *error; /* NULL for none */
};

static int
call_ended(lua_State *L)
{
	const struct ended *ended = lua_touserdata(L, 1);

	prelude_push(L, "ended");
	lua_pushinteger(L, ended->task);
	if (ended->error == NULL)
		lua_pushnil(L);
	else
		json_push(L, ended->error);
	lua_call(L, 2, 0);
	return 0;
}

static void
joined_cb(void *arg, const struct reply *reply)
{
	struct ended ended = {(intptr_t)arg, reply->error};

	count--;
	runtime_call(call_ended, &ended);
}

static int
watch(lua_State *L)
{
	json_int_t task = luaL_checkinteger(L, 1);

	line_begin("join");
	line_add_value(L, "task", 1);
	line_add_number("timeout", LONG);
	line_send(link_expect(joined_cb, (void *)(intptr_t)task), NULL);
	count++;
	return 0;
}

void
watch_note_start(lua_State *L, const json_t *row)
{
	prelude_push(L, "started");
	json_push(L, row);
	lua_call(L, 1, 0);
}

static void
settled_cb(void *arg, const struct reply *reply)
{
	(void)arg;
	(void)reply;
	end = SETTLED;
}

/* Behind a request that waits, those before it that need not are answered. */
bool
watch_is_settled(void)
{
	if (count == 0 || end == SETTLED)
		return true;
	if (end == UNASKED) {
		line_begin("sleep");
		line_add_number("seconds", 0);
		line_send(link_expect(settled_cb, NULL), NULL);
		end = ASKED;
	}
	return false;
}

void
watch_open(lua_State *L)
{
	lua_pushcfunction(L, watch);
	lua_setfield(L, -2, "watch");
}
