/* Errors as values of Lua: tables with type, message and more. */
#include "config.h"

#include "client/lua/error.h"

#include <lauxlib.h>

#define METATABLE "tasklet.error"

void
error_push_metatable(lua_State *L)
{
	luaL_newmetatable(L, METATABLE);
}

void
error_push(lua_State *L, const char *type)
{
	lua_createtable(L, 0, 4);
	lua_insert(L, -2);
	lua_setfield(L, -2, "message");
	lua_pushstring(L, type);
	lua_setfield(L, -2, "type");
	luaL_setmetatable(L, METATABLE);
}
