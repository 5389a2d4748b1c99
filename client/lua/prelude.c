/* The part of the API that is written in Lua: prelude.lua. */
#include "config.h"

#include "client/lua/prelude.h"

#include <string.h>

#include <lauxlib.h>

static const char functions_key;

void
prelude_open(lua_State *L)
{
	if (luaL_loadbufferx(L, prelude_text, strlen(prelude_text),
		PRELUDE_SOURCE, "t") != LUA_OK)
		lua_error(L);
	lua_insert(L, -2);
	lua_call(L, 1, 1);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &functions_key);
}

void
prelude_push(lua_State *L, const char *name)
{
	lua_rawgetp(L, LUA_REGISTRYINDEX, &functions_key);
	lua_getfield(L, -1, name);
	lua_remove(L, -2);
}
