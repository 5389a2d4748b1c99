/* A folder of Lua files whose functions any task can be of. */
#include "config.h"

#include "client/lua/serve.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <lauxlib.h>

#include "client/lua/ids.h"
#include "client/lua/line.h"
#include "client/lua/link.h"
#include "client/lua/prelude.h"
#include "client/lua/runtime.h"
#include "client/lua/tasklet.h"
#include "proto/reply.h"

static const char *folder;
static bool serves; /* some were provided: from now on they stay */

/* --- loading -------------------------------------------------------------- */

static int
is_lua(const struct dirent *entry)
{
	return fnmatch("*.lua", entry->d_name, FNM_PERIOD) == 0;
}

/* Pushes the names of its Lua files, in order. */
static void
push_files(lua_State *L)
{
	struct dirent **entries;
	int i, count = scandir(folder, &entries, is_lua, alphasort);

	if (count == -1)
		luaL_error(L, "cannot read the folder %s: %s", folder,
		    strerror(errno));
	lua_createtable(L, count, 0);
	for (i = 0; i < count; i++) {
		lua_pushstring(L, entries[i]->d_name);
		lua_rawseti(L, -2, i + 1);
		free(entries[i]);
	}
	free(entries);
}

/* The answer to `provide`: from now on runs are of the functions that the
   registry keeps under the reference. */
static int
accept_functions(lua_State *L)
{
	int reference = (int)(intptr_t)lua_touserdata(L, 1);

	prelude_push(L, "serve");
	lua_rawgeti(L, LUA_REGISTRYINDEX, reference);
	lua_call(L, 1, 0);
	luaL_unref(L, LUA_REGISTRYINDEX, reference);
	return 0;
}

static void
complain(const char *what)
{
	if (!serves)
		runtime_fail("%s", what);
	runtime_warn("%s: all stays as it was", what);
}

static void
provided_cb(void *arg, const struct reply *reply)
{
	if (reply->error != NULL) {
		luaL_unref(
		    runtime_state(), LUA_REGISTRYINDEX, (int)(intptr_t)arg);
		complain(json_string_value(
		    json_object_get(reply->error, "message")));
		return;
	}
	serves = true;
	runtime_call(accept_functions, arg);
}

static int
load_folder(lua_State *L)
{
	int reference;

	prelude_push(L, "load_folder");
	lua_pushstring(L, folder);
	push_files(L);
	lua_call(L, 2, 2);
	line_begin("provide");
	line_add_value(L, "functions", -1);
	line_check(L);
	lua_pop(L, 1);
	reference = luaL_ref(L, LUA_REGISTRYINDEX);
	line_send(link_expect(provided_cb, (void *)(intptr_t)reference), NULL);
	return 0;
}

static int
try_load(lua_State *L)
{
	lua_pushcfunction(L, load_folder);
	if (lua_pcall(L, 0, 0, 0) != LUA_OK)
		complain(luaL_tolstring(L, -1, NULL));
	return 0;
}

void
serve_start(const char *path)
{
	folder = path;
	serve_reload();
}

void
serve_reload(void)
{
	runtime_call(try_load, NULL);
}

/* --- the end -------------------------------------------------------------- */

static void
ignore_cb(void *arg, const struct reply *reply)
{
	(void)arg;
	(void)reply;
}

static void
cancel_run(struct tasklet *t)
{
	if (!t->provided)
		return;
	line_begin("cancel");
	line_add_task("task");
	line_send(link_expect(ignore_cb, NULL), t);
}

static int
provide_none(lua_State *L)
{
	lua_newtable(L);
	line_begin("provide");
	line_add_value(L, "functions", -1);
	line_send(link_expect(ignore_cb, NULL), NULL);
	return 0;
}

void
serve_stop(void)
{
	runtime_call(provide_none, NULL);
	ids_each(cancel_run);
}
