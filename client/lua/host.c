/* What the daemon tells the host of tasklets. */
#include "config.h"

#include "client/lua/host.h"

#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>

#include "client/lua/describe.h"
#include "client/lua/ids.h"
#include "client/lua/json.h"
#include "client/lua/line.h"
#include "client/lua/link.h"
#include "client/lua/name.h"
#include "client/lua/prelude.h"
#include "client/lua/runtime.h"
#include "client/lua/sched.h"
#include "client/lua/tasklet.h"
#include "proto/error.h"
#include "proto/reply.h"
#include "proto/request.h"

/* What comes is about the tasklet of the param `task`; NULL where that is gone,
   as what was sent to it may cross its end. */
static struct tasklet *
find_task(const struct request *request)
{
	return ids_find(
	    json_integer_value(json_object_get(request->params, "task")));
}

/* --- notifications -------------------------------------------------------- */

struct cancel {
	struct tasklet *tasklet;
	const char *reason; /* NULL for none */
};

static int
raise_cancelled(lua_State *L)
{
	const struct cancel *cancel = lua_touserdata(L, 1);

	prelude_push(L, "cancelled");
	lua_pushstring(L, cancel->reason);
	lua_call(L, 1, 1);
	tasklet_raise(L, cancel->tasklet);
	return 0;
}

static void
handle_cancel(const struct request *request, struct tasklet *t)
{
	struct cancel cancel = {
	    t, json_string_value(json_object_get(request->params, "reason"))};

	t->cancelled = true;
	sched_resume(t);
	runtime_call(raise_cancelled, &cancel);
}

static void
handle_pause(const struct request *request, struct tasklet *t)
{
	(void)request;
	sched_pause(t);
}

static void
handle_resume(const struct request *request, struct tasklet *t)
{
	(void)request;
	sched_resume(t);
}

/* --- requests ------------------------------------------------------------- */

static void
reply(char *line)
{
	link_send(line, strlen(line));
	link_send("\n", 1);
	free(line);
}

static void
refuse(const struct request *request, json_t *error)
{
	reply(reply_new_error(request->id, error));
	json_decref(error);
}

static void
handle_describe(const struct request *request, struct tasklet *t)
{
	json_t *result = describe_tasklet(t);
	char *text = json_dumps(result, JSON_COMPACT);

	reply(reply_new_result(request->id, text));
	free(text);
	json_decref(result);
}

/* --- messages ------------------------------------------------------------- */

static int
take_message(lua_State *L)
{
	const struct request *request = lua_touserdata(L, 1);

	prelude_push(L, "take_message");
	json_push(L, request->params);
	lua_call(L, 1, 0);
	return 0;
}

/* --- runs of provided functions ------------------------------------------- */

static int
start_run(lua_State *L)
{
	const struct request *request = lua_touserdata(L, 1);
	struct tasklet *t = find_task(request);
	const json_t *args = json_object_get(request->params, "args"), *arg;
	size_t i;

	if (t != NULL)
		tasklet_abandon(L, t);
	lua_settop(L, 0);
	prelude_push(L, "provided");
	json_push(L, json_object_get(request->params, "function"));
	lua_pushvalue(L, -1);
	lua_insert(L, 1);
	lua_call(L, 1, 1);
	name_push_definition(L, 2);
	lua_insert(L, 2);
	luaL_checkstack(L, (int)json_array_size(args) + 8, NULL);
	json_array_foreach (args, i, arg)
		json_push(L, arg);
	t = tasklet_new(L, 3);
	lua_pushvalue(L, 1);
	lua_setiuservalue(L, 3, VALUE_NAME);
	lua_pushvalue(L, 2);
	lua_setiuservalue(L, 3, VALUE_PLACE);
	t->provided = true;
	t->id = json_integer_value(json_object_get(request->params, "task"));
	tasklet_anchor(L, 3);
	ids_add(t);
	sched_ready(t);
	return 0;
}

/* A run that cannot begin, as where it has too many arguments, fails alone. */
static int
try_run(lua_State *L)
{
	const struct request *request = lua_touserdata(L, 1);

	lua_pushcfunction(L, start_run);
	lua_pushvalue(L, 1);
	if (lua_pcall(L, 1, 0, 0) == LUA_OK)
		return 0;
	lua_createtable(L, 0, 1);
	lua_insert(L, 2);
	lua_setfield(L, 2, "message");
	json_push(L, json_object_get(request->params, "task"));
	line_begin("finish");
	line_add_value(L, "task", 3);
	line_add_value(L, "error", 2);
	line_send(0, NULL);
	return 0;
}

static const struct handler {
	const char *method;
	void (*handle)(const struct request *request, struct tasklet *t);
} handlers[] = {
    {"cancel", handle_cancel},
    {"describe", handle_describe},
    {"pause", handle_pause},
    {"resume", handle_resume},
};

static const struct handler *
find_handler(const char *method)
{
	size_t i;

	for (i = 0; i < sizeof handlers / sizeof *handlers; i++)
		if (strcmp(handlers[i].method, method) == 0)
			return &handlers[i];
	return NULL;
}

void
host_handle_cb(const struct request *request)
{
	const struct handler *handler = find_handler(request->method);
	struct tasklet *t = find_task(request);

	if (strcmp(request->method, "run") == 0) {
		runtime_call(try_run, (void *)request);
		return;
	}
	if (strcmp(request->method, "message") == 0) {
		runtime_call(take_message, (void *)request);
		return;
	}
	if (handler != NULL && t != NULL)
		handler->handle(request, t);
	else if (request->id != NULL)
		refuse(request,
		    handler == NULL ?
			error_new(ERROR_METHOD_NOT_FOUND, "Method not found") :
			error_new(ERROR_NO_SUCH_TASK, "no such task here"));
}
