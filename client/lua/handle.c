/* Tasklets as values of Lua: making them, and their members. */
#include "config.h"

#include "client/lua/handle.h"

#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include <lauxlib.h>

#include "client/lua/co.h"
#include "client/lua/extra.h"
#include "client/lua/line.h"
#include "client/lua/link.h"
#include "client/lua/name.h"
#include "client/lua/prelude.h"
#include "client/lua/sched.h"
#include "client/lua/tasklet.h"
#include "proto/limits.h"
#include "proto/name.h"

/* A table in the registry, weak in both: what new() made of a function that has
   a name, where it is called without options. Most tasklets are of few
   functions, and each would make garbage of its own. */
static const char starters_key;

static const char *const scopes[] = {"detach", "wait", "cancel", NULL};

/* --- making --------------------------------------------------------------- */

/* Of the function that new() returns. */
enum upvalue {
	UP_FUNCTION = 1,
	UP_LABEL, /* what it is called as a function */
	UP_NAME,  /* what the task is called */
	UP_SCOPE,
	UP_TIMEOUT, /* nil: none */
	UPVALUES = 5
};

static void
make_line(lua_State *L, const struct tasklet *parent)
{
	line_begin("host");
	line_add_value(L, "function", lua_upvalueindex(UP_LABEL));
	if (!lua_rawequal(
		L, lua_upvalueindex(UP_NAME), lua_upvalueindex(UP_LABEL)))
		line_add_value(L, "name", lua_upvalueindex(UP_NAME));
	if (parent != NULL)
		line_add_task("parent");
	if (lua_tointeger(L, lua_upvalueindex(UP_SCOPE)) != SCOPE_DETACH)
		line_add_string("scope",
		    scopes[lua_tointeger(L, lua_upvalueindex(UP_SCOPE))]);
	if (!lua_isnil(L, lua_upvalueindex(UP_TIMEOUT)))
		line_add_number(
		    "timeout", lua_tonumber(L, lua_upvalueindex(UP_TIMEOUT)));
	line_check(L);
}

static int
start(lua_State *L)
{
	struct tasklet *parent = co_tasklet(L), *t;

	lua_pushvalue(L, lua_upvalueindex(UP_FUNCTION));
	lua_insert(L, 1);
	t = tasklet_new(L, 1);
	lua_pushvalue(L, lua_upvalueindex(UP_NAME));
	lua_setiuservalue(L, 1, VALUE_NAME);
	name_push_place(L);
	lua_setiuservalue(L, 1, VALUE_PLACE);
	t->scope = (uint8_t)lua_tointeger(L, lua_upvalueindex(UP_SCOPE));
	make_line(L, parent);
	tasklet_anchor(L, 1);
	line_send(link_expect(tasklet_hosted_cb, t), parent);
	sched_ready(t);
	return 1;
}

/* An error in how the program called the prelude, which called this. */
static int
misuse(lua_State *L, const char *format, ...)
{
	va_list args;

	name_push_place(L);
	lua_pushliteral(L, ": ");
	va_start(args, format);
	lua_pushvfstring(L, format, args);
	va_end(args);
	lua_concat(L, 3);
	return lua_error(L);
}

/* Pushes the name that the options have, else the label, which is on top. */
static void
push_name(lua_State *L)
{
	const char *name;
	size_t length;

	if (lua_isnil(L, 2) || lua_getfield(L, 2, "name") == LUA_TNIL) {
		lua_settop(L, 3);
		lua_pushvalue(L, 3);
		return;
	}
	name = lua_tolstring(L, -1, &length);
	if (lua_type(L, -1) != LUA_TSTRING || !name_is_valid(name, length))
		misuse(L,
		    "name must be a string of 1 to %d bytes, without "
		    "control characters and not of digits alone",
		    LIMIT_NAME);
}

static void
push_scope(lua_State *L)
{
	const char *name;
	int i = SCOPE_DETACH;

	if (!lua_isnil(L, 2) && lua_getfield(L, 2, "scope") != LUA_TNIL) {
		name = luaL_tolstring(L, -1, NULL);
		for (i = 0; scopes[i] != NULL && strcmp(name, scopes[i]) != 0;)
			i++;
		if (scopes[i] == NULL)
			misuse(L,
			    "scope must be detach, wait or cancel, not "
			    "'%s'",
			    name);
	}
	lua_settop(L, 4);
	lua_pushinteger(L, i);
}

static void
push_timeout(lua_State *L)
{
	if (lua_isnil(L, 2)) {
		lua_pushnil(L);
		return;
	}
	if (lua_getfield(L, 2, "timeout") == LUA_TNIL)
		return;
	if (!lua_isnumber(L, -1) || !(lua_tonumber(L, -1) >= 0) ||
	    lua_tonumber(L, -1) > LIMIT_SECONDS)
		misuse(L, "timeout must be a number from 0 to 1e9");
}

/* Pushes the one of the function at 1, unless there is none. */
static bool
push_starter(lua_State *L)
{
	lua_rawgetp(L, LUA_REGISTRYINDEX, &starters_key);
	lua_pushvalue(L, 1);
	if (lua_rawget(L, -2) != LUA_TNIL)
		return true;
	lua_pop(L, 2);
	return false;
}

/* Keeps the one that is on top. */
static void
keep_starter(lua_State *L)
{
	lua_rawgetp(L, LUA_REGISTRYINDEX, &starters_key);
	lua_getupvalue(L, -2, UP_FUNCTION);
	lua_pushvalue(L, -3);
	lua_rawset(L, -3);
	lua_pop(L, 1);
}

static void
open_starters(lua_State *L)
{
	lua_newtable(L);
	lua_createtable(L, 0, 1);
	lua_pushliteral(L, "kv");
	lua_setfield(L, -2, "__mode");
	lua_setmetatable(L, -2);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &starters_key);
}

static int
handle_new(lua_State *L)
{
	bool is_plain = lua_isnoneornil(L, 2) && lua_isnoneornil(L, 3);

	luaL_checktype(L, 1, LUA_TFUNCTION);
	if (is_plain && push_starter(L))
		return 1;
	if (!lua_isnoneornil(L, 2))
		luaL_checktype(L, 2, LUA_TTABLE);
	lua_settop(L, 3);
	if (lua_isnil(L, 3)) {
		is_plain = name_push(L, 1) && is_plain;
		lua_replace(L, 3);
	}
	push_name(L);
	push_scope(L);
	push_timeout(L);
	lua_remove(L, 2);
	lua_pushcclosure(L, start, UPVALUES);
	if (is_plain)
		keep_starter(L);
	return 1;
}

static int
handle_name_of(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TFUNCTION);
	name_push(L, 1);
	return 1;
}

/* --- members -------------------------------------------------------------- */

static struct tasklet *
check(lua_State *L)
{
	return luaL_checkudata(L, 1, TASKLET_METATABLE);
}

static int
continue_id(lua_State *L, int status, lua_KContext context)
{
	(void)status;
	(void)context;
	(void)L;
	return 1;
}

static int
index_id(lua_State *L, const struct tasklet *t)
{
	if (t->id != 0) {
		lua_pushinteger(L, t->id);
		return 1;
	}
	prelude_push(L, "await_id");
	lua_pushvalue(L, 1);
	lua_callk(L, 1, 1, 0, continue_id);
	return 1;
}

/* The methods come first: they are what is asked for most. */
static int
handle_index(lua_State *L)
{
	const struct tasklet *t = check(L);
	const char *key;

	lua_settop(L, 2);
	lua_pushvalue(L, 2);
	if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL ||
	    lua_type(L, 2) != LUA_TSTRING)
		return 1;
	key = lua_tostring(L, 2);
	if (strcmp(key, "id") == 0)
		return index_id(L, t);
	if (strcmp(key, "name") == 0)
		lua_getiuservalue(L, 1, VALUE_NAME);
	else if (strcmp(key, "state") == 0)
		lua_pushstring(L, tasklet_state_name(t));
	else if (strcmp(key, "missed") == 0)
		extra_push_missed(L, t);
	return 1;
}

static int
handle_tostring(lua_State *L)
{
	const struct tasklet *t = check(L);

	lua_getiuservalue(L, 1, VALUE_NAME);
	if (t->id == 0)
		lua_pushfstring(L, "task %s", lua_tostring(L, -1));
	else
		lua_pushfstring(
		    L, "task %I %s", (LUAI_UACINT)t->id, lua_tostring(L, -1));
	return 1;
}

static int
handle_id(lua_State *L)
{
	const struct tasklet *t = check(L);

	if (t->refused)
		return luaL_error(L, "the daemon refused this task: it has "
				     "no id");
	if (t->id == 0)
		return 0;
	lua_pushinteger(L, t->id);
	return 1;
}

static int
handle_await(lua_State *L)
{
	check(L)->awaited = true;
	return 0;
}

static int
handle_current(lua_State *L)
{
	const struct tasklet *t = co_tasklet(L);

	if (t == NULL)
		return 0;
	tasklet_push(L, t);
	return 1;
}

/* Pushes the table of what the caller's tasklet has: nil where it has none. */
static int
handle_own(lua_State *L)
{
	struct tasklet *t = co_tasklet(L);

	if (t == NULL || (t->extra == NULL && !lua_toboolean(L, 1)))
		return 0;
	extra_get(t);
	extra_push_table(L, t);
	return 1;
}

static int
handle_place(lua_State *L)
{
	name_push_place(L);
	return 1;
}

static int
handle_find(lua_State *L)
{
	tasklet_push_id(L, luaL_checkinteger(L, 1));
	return 1;
}

static int
handle_keep(lua_State *L)
{
	tasklet_keep(L, lua_toboolean(L, 1) != 0);
	return 0;
}

void
handle_open(lua_State *L)
{
	static const luaL_Reg functions[] = {
	    {"await", handle_await},
	    {"current", handle_current},
	    {"find", handle_find},
	    {"id", handle_id},
	    {"keep", handle_keep},
	    {"name_of", handle_name_of},
	    {"new", handle_new},
	    {"own", handle_own},
	    {"place", handle_place},
	    {NULL, NULL},
	};

	open_starters(L);
	luaL_setfuncs(L, functions, 0);
	luaL_newmetatable(L, TASKLET_METATABLE);
	lua_newtable(L);
	lua_pushvalue(L, -1);
	lua_setfield(L, -4, "methods");
	lua_pushcclosure(L, handle_index, 1);
	lua_setfield(L, -2, "__index");
	lua_pushcfunction(L, handle_tostring);
	lua_setfield(L, -2, "__tostring");
	lua_pushliteral(L, "Tasklet");
	lua_setfield(L, -2, "__metatable");
	lua_pop(L, 1);
}
