/* The script: its chunks, as the first tasklet. */
#include "config.h"

#include "client/lua/script.h"

#include <string.h>

#include <lauxlib.h>

#include "client/lua/line.h"
#include "client/lua/link.h"
#include "client/lua/name.h"
#include "client/lua/prelude.h"
#include "client/lua/runtime.h"
#include "client/lua/tasklet.h"
#include "proto/name.h"

/* Kept by the prelude. */
static struct tasklet *script_task;

/* As lua(1) sets it: the file is arg[0]. */
static void
set_arg(lua_State *L, const struct script *script)
{
	int i;

	lua_newtable(L);
	for (i = 0; i < script->argc; i++) {
		lua_pushstring(L, script->argv[i]);
		lua_rawseti(L, -2, i - script->first + 1);
	}
	lua_setglobal(L, "arg");
}

static void
check_load(lua_State *L, int status)
{
	if (status != LUA_OK)
		runtime_fail("%s", lua_tostring(L, -1));
}

static void
load_chunks(lua_State *L, const struct script *script)
{
	const char *file = script->file, *code = script->code;

	lua_pushnil(L);
	if (code != NULL) {
		lua_pop(L, 1);
		check_load(L,
		    luaL_loadbuffer(L, code, strlen(code), "=(command line)"));
	}
	lua_pushnil(L);
	if (file != NULL) {
		lua_pop(L, 1);
		check_load(
		    L, luaL_loadfile(L, strcmp(file, "-") == 0 ? NULL : file));
	}
}

/* The file's name without its folders, where a task may be called so. */
static void
push_name(lua_State *L, const struct script *script)
{
	const char *name = "tasklet-lua", *slash;

	if (script->file != NULL && strcmp(script->file, "-") != 0) {
		slash = strrchr(script->file, '/');
		name = slash == NULL ? script->file : slash + 1;
	}
	if (!name_is_valid(name, strlen(name)))
		name = "tasklet-lua";
	lua_pushstring(L, name);
}

static int
start(lua_State *L)
{
	const struct script *script = lua_touserdata(L, 1);
	int i;

	set_arg(L, script);
	prelude_push(L, "script");
	push_name(L, script);
	load_chunks(L, script);
	luaL_checkstack(L, script->argc, "too many arguments");
	for (i = script->first; i < script->argc; i++)
		lua_pushstring(L, script->argv[i]);
	lua_call(L, 3 + script->argc - script->first, 1);
	script_task = tasklet_test(L, -1);
	return 0;
}

void
script_start(const struct script *script)
{
	runtime_call(start, (void *)script);
}

static void
ignore_cb(void *arg, const struct reply *reply)
{
	(void)arg;
	(void)reply;
}

void
script_cancel(void)
{
	line_begin("cancel");
	line_add_task("task");
	line_send(link_expect(ignore_cb, NULL), script_task);
}

int
script_status(void)
{
	switch (script_task->state) {
	case TASKLET_DONE:
		return 0;
	case TASKLET_FAILED:
		break; /* it was told why */
	case TASKLET_TIMEOUT:
		runtime_warn("the script timed out");
		break;
	default:
		runtime_warn("the script was cancelled");
	}
	return 1;
}
