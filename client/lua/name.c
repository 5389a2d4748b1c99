/* What functions and places in Lua code are called. */
#include "config.h"

#include "client/lua/name.h"

#include <stdio.h>
#include <string.h>

#include <lauxlib.h>

#include "client/lua/prelude.h"
#include "proto/limits.h"

/* Tables in the registry: names by function, while it lives; the functions
   known to have no name, by what they are called then; and places, one string
   for all tasklets made there. */
static const char names_key, nameless_key, places_key;

static void
make_table(lua_State *L, const void *key)
{
	lua_newtable(L);
	lua_rawsetp(L, LUA_REGISTRYINDEX, key);
}

void
name_open(lua_State *L)
{
	lua_newtable(L);
	lua_createtable(L, 0, 1);
	lua_pushliteral(L, "k");
	lua_setfield(L, -2, "__mode");
	lua_setmetatable(L, -2);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &names_key);
	make_table(L, &nameless_key);
	make_table(L, &places_key);
}

/* --- places --------------------------------------------------------------- */

/* The first function on the stack that is the user's own Lua code. */
static bool
find_caller(lua_State *L, lua_Debug *ar)
{
	int level;

	for (level = 1; lua_getstack(L, level, ar); level++) {
		lua_getinfo(L, "Sl", ar);
		if (ar->currentline > 0 && !prelude_has(ar))
			return true;
	}
	return false;
}

void
name_push_where(lua_State *L)
{
	lua_Debug ar;
	int level = 1;

	while (lua_getstack(L, level, &ar) && lua_getinfo(L, "S", &ar) &&
	       prelude_has(&ar))
		level++;
	luaL_where(L, level);
}

/* Replaces the string on top by the one of it that is kept. */
static void
keep(lua_State *L, const void *key)
{
	lua_rawgetp(L, LUA_REGISTRYINDEX, key);
	lua_pushvalue(L, -2);
	if (lua_rawget(L, -2) == LUA_TNIL) {
		lua_pop(L, 1);
		lua_pushvalue(L, -2);
		lua_pushvalue(L, -1);
		lua_pushvalue(L, -1);
		lua_rawset(L, -4);
	}
	lua_replace(L, -3);
	lua_pop(L, 1);
}

void
name_push_place(lua_State *L)
{
	lua_Debug ar;

	if (find_caller(L, &ar))
		lua_pushfstring(L, "%s:%d", ar.short_src, ar.currentline);
	else
		lua_pushliteral(L, "?");
	keep(L, &places_key);
}

/* --- names ---------------------------------------------------------------- */

/* Whether the value on top, which is popped, is the function at the index, and
   goes by a name. */
static bool
is_it(lua_State *L, int index, const char *name)
{
	bool same = lua_rawequal(L, -1, index) != 0;

	lua_pop(L, 1);
	return same && *name != '(' && *name != '\0';
}

static bool
push_local(lua_State *L, int index, lua_Debug *ar)
{
	const char *name;
	int i;

	for (i = 1; (name = lua_getlocal(L, ar, i)) != NULL; i++)
		if (is_it(L, index, name)) {
			lua_pushstring(L, name);
			return true;
		}
	return false;
}

static bool
push_upvalue(lua_State *L, int index, lua_Debug *ar)
{
	const char *name;
	int i;

	lua_getinfo(L, "f", ar);
	for (i = 1; (name = lua_getupvalue(L, -1, i)) != NULL; i++)
		if (is_it(L, index, name)) {
			lua_pushstring(L, name);
			lua_remove(L, -2);
			return true;
		}
	lua_pop(L, 1);
	return false;
}

/* Of the table on top, which is popped: the key of the function, where it is a
   string. */
static bool
push_key(lua_State *L, int index)
{
	const char *name;

	lua_pushnil(L);
	while (lua_next(L, -2) != 0) {
		name =
		    lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "";
		if (is_it(L, index, name)) {
			lua_remove(L, -2);
			return true;
		}
	}
	lua_pop(L, 1);
	return false;
}

/* "string.rep" */
static bool
push_member(lua_State *L, int index)
{
	lua_pushglobaltable(L);
	lua_pushnil(L);
	while (lua_next(L, -2) != 0) {
		if (lua_type(L, -1) != LUA_TTABLE ||
		    lua_type(L, -2) != LUA_TSTRING)
			lua_pop(L, 1);
		else if (push_key(L, index)) {
			lua_pushfstring(L, "%s.%s", lua_tostring(L, -2),
			    lua_tostring(L, -1));
			lua_replace(L, -4);
			lua_pop(L, 2);
			return true;
		}
	}
	lua_pop(L, 1);
	return false;
}

static bool
push_variable(lua_State *L, int index)
{
	lua_Debug ar;

	if (find_caller(L, &ar) &&
	    (push_local(L, index, &ar) || push_upvalue(L, index, &ar)))
		return true;
	lua_pushglobaltable(L);
	return push_key(L, index) || push_member(L, index);
}

/* As a name may be: of printable ASCII. */
void
name_push_definition(lua_State *L, int index)
{
	char text[LUA_IDSIZE + 16], *p;
	lua_Debug ar;

	lua_pushvalue(L, index);
	lua_getinfo(L, ">S", &ar);
	snprintf(text, sizeof text, "%s:%d", ar.short_src, ar.linedefined);
	for (p = text; *p != '\0'; p++)
		if (*p < ' ' || *p > '~')
			*p = '?';
	lua_pushstring(L, text);
}

static bool
is_nameless(lua_State *L)
{
	bool known;

	lua_rawgetp(L, LUA_REGISTRYINDEX, &nameless_key);
	lua_pushvalue(L, -2);
	known = lua_rawget(L, -2) != LUA_TNIL;
	lua_pop(L, 2);
	return known;
}

bool
name_push(lua_State *L, int index)
{
	lua_rawgetp(L, LUA_REGISTRYINDEX, &names_key);
	lua_pushvalue(L, index);
	if (lua_rawget(L, -2) == LUA_TSTRING) {
		lua_remove(L, -2);
		return true;
	}
	lua_settop(L, -3);
	name_push_definition(L, index);
	if (is_nameless(L))
		return false;
	if (!push_variable(L, index)) {
		keep(L, &nameless_key);
		return false;
	}
	lua_replace(L, -2);
	lua_rawgetp(L, LUA_REGISTRYINDEX, &names_key);
	lua_pushvalue(L, index);
	lua_pushvalue(L, -3);
	lua_rawset(L, -3);
	lua_pop(L, 1);
	return true;
}
