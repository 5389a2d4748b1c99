/* The global variables of scripts: Tasklet, Channel, Timeout, Local, json, exec
   and arg. */
#include "config.h"

#include "client/lua/api.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>
#include <lauxlib.h>

#include "client/environment.h"
#include "client/lua/channel.h"
#include "client/lua/co.h"
#include "client/lua/error.h"
#include "client/lua/extra.h"
#include "client/lua/handle.h"
#include "client/lua/json.h"
#include "client/lua/limit.h"
#include "client/lua/link.h"
#include "client/lua/mailbox.h"
#include "client/lua/name.h"
#include "client/lua/prelude.h"
#include "client/lua/request.h"
#include "client/lua/runtime.h"
#include "client/lua/tasklet.h"
#include "client/lua/wait.h"
#include "client/lua/watch.h"
#include "proto/bytes.h"

/* --- where the script runs ------------------------------------------------ */

static int
push_folder(lua_State *L)
{
	char folder[PATH_MAX];
	json_t *value;

	if (getcwd(folder, sizeof folder) == NULL)
		return luaL_fileresult(L, 0, NULL);
	value = bytes_new(folder, strlen(folder));
	json_push(L, value);
	json_decref(value);
	return 1;
}

static int
push_environment(lua_State *L)
{
	json_t *env = environment_new();

	json_push(L, env);
	json_decref(env);
	return 1;
}

static int
push_own(lua_State *L)
{
	lua_pushboolean(L, link_is_own());
	return 1;
}

static int
warn(lua_State *L)
{
	runtime_warn("%s", luaL_checkstring(L, 1));
	return 0;
}

void
api_open(lua_State *L)
{
	json_open(L);
	lua_setglobal(L, "json");
	co_open(L);
	name_open(L);
	tasklet_open(L);
	extra_open(L);
	channel_open(L);
	lua_newtable(L);
	handle_open(L);
	mailbox_open(L);
	limit_open(L);
	request_open(L);
	wait_open(L);
	watch_open(L);
	error_push_metatable(L);
	lua_setfield(L, -2, "Error");
	lua_pushcfunction(L, push_folder);
	lua_setfield(L, -2, "folder");
	lua_pushcfunction(L, push_environment);
	lua_setfield(L, -2, "environment");
	lua_pushcfunction(L, push_own);
	lua_setfield(L, -2, "is_own");
	lua_pushcfunction(L, warn);
	lua_setfield(L, -2, "warn");
	prelude_open(L);
}
