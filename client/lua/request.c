/* Requests to the daemon, as values of Lua. */
#include "config.h"

#include "client/lua/request.h"

#include <stdbool.h>
#include <string.h>

#include <lauxlib.h>

#include "client/lua/json.h"
#include "client/lua/line.h"
#include "client/lua/link.h"
#include "client/lua/runtime.h"
#include "client/lua/sched.h"
#include "client/lua/tasklet.h"
#include "client/lua/watch.h"
#include "proto/reply.h"

#define METATABLE "tasklet.request"

struct request_value {
	struct tasklets waiters;
	unsigned id;	/* 0 once the reply is here */
	json_t *result; /* one of them, then */
	json_t *error;
	bool starts; /* a task, of which nobody has taken note */
};

static void
ignore_cb(void *arg, const struct reply *reply)
{
	(void)arg;
	(void)reply;
}

static void
tell_refusal(const json_t *error)
{
	runtime_warn("a task was not started: %s",
	    json_string_value(json_object_get(error, "message")));
}

static int
note_start(lua_State *L)
{
	watch_note_start(L, lua_touserdata(L, 1));
	return 0;
}

static void
unseen_cb(void *arg, const struct reply *reply)
{
	(void)arg;
	if (reply->error != NULL)
		tell_refusal(reply->error);
	else
		runtime_call(note_start, reply->result);
}

/* Where someone waits for the id, to join it perhaps, that is the first to
   know. */
static void
reply_cb(void *arg, const struct reply *reply)
{
	struct request_value *request = arg;

	request->id = 0;
	request->result = json_incref(reply->result);
	request->error = json_incref(reply->error);
	if (!TAILQ_EMPTY(&request->waiters) || reply->error != NULL ||
	    !request->starts) {
		sched_wake_all(&request->waiters);
		return;
	}
	request->starts = false;
	/* Which may collect it. */
	runtime_call(note_start, reply->result);
}

static int
collect(lua_State *L)
{
	struct request_value *request = lua_touserdata(L, 1);

	if (request->id != 0)
		link_redirect(
		    request->id, request->starts ? unseen_cb : ignore_cb, NULL);
	else if (request->starts && request->error != NULL)
		tell_refusal(request->error);
	json_decref(request->result);
	json_decref(request->error);
	memset(request, 0, sizeof *request);
	return 0;
}

static int
ask(lua_State *L)
{
	const char *method = luaL_checkstring(L, 1);
	struct tasklet *task = tasklet_test(L, 4);
	struct request_value *request;

	luaL_checktype(L, 2, LUA_TTABLE);
	request = lua_newuserdatauv(L, sizeof *request, 0);
	memset(request, 0, sizeof *request);
	TAILQ_INIT(&request->waiters);
	luaL_setmetatable(L, METATABLE);
	request->starts = strcmp(method, "spawn") == 0;
	line_begin(method);
	if (task != NULL)
		line_add_task(luaL_checkstring(L, 3));
	line_add_members(L, 2);
	line_check(L);
	request->id = link_expect(reply_cb, request);
	line_send(request->id, task);
	return 1;
}

struct tasklets *
request_waiters(lua_State *L, int index)
{
	struct request_value *request = luaL_checkudata(L, index, METATABLE);

	return request->id != 0 ? &request->waiters : NULL;
}

int
request_push(lua_State *L, int index)
{
	struct request_value *request = luaL_checkudata(L, index, METATABLE);
	bool starts = request->starts;

	request->starts = false;
	if (starts && request->error == NULL)
		watch_note_start(L, request->result);
	lua_pushboolean(L, request->error == NULL);
	json_push(L, request->error == NULL ? request->result : request->error);
	return 2;
}

void
request_open(lua_State *L)
{
	luaL_newmetatable(L, METATABLE);
	lua_pushcfunction(L, collect);
	lua_setfield(L, -2, "__gc");
	lua_pop(L, 1);
	lua_pushcfunction(L, ask);
	lua_setfield(L, -2, "ask");
}
