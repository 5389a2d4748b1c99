/* What is written in Lua: prelude.lua, most of the API, and what follows it. */
#include "config.h"

#include "client/lua/prelude.h"

#include <string.h>

#include <lauxlib.h>

/* What their functions have as their source. */
#define SOURCE "=tasklet-lua"

static const char functions_key;

/* Calls it with the top of the stack, in place of which is what it returns. */
static void
run(lua_State *L, const char *text)
{
	if (luaL_loadbufferx(L, text, strlen(text), SOURCE, "t") != LUA_OK)
		lua_error(L);
	lua_insert(L, -2);
	lua_call(L, 1, 1);
}

void
prelude_open(lua_State *L)
{
	const char *const parts[] = {
	    prelude_start, prelude_recur, prelude_message, prelude_serve};
	size_t i;

	run(L, prelude_prelude);
	for (i = 0; i < sizeof parts / sizeof *parts; i++) {
		lua_pushvalue(L, -1);
		run(L, parts[i]);
		lua_pop(L, 1);
	}
	lua_rawsetp(L, LUA_REGISTRYINDEX, &functions_key);
}

bool
prelude_has(const lua_Debug *function)
{
	return strcmp(function->source, SOURCE) == 0;
}

void
prelude_push(lua_State *L, const char *name)
{
	lua_rawgetp(L, LUA_REGISTRYINDEX, &functions_key);
	lua_getfield(L, -1, name);
	lua_remove(L, -2);
}
