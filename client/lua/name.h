/* What functions and places in Lua code are called. */
#ifndef CLIENT_LUA_NAME_H
#define CLIENT_LUA_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <lua.h>

void name_open(lua_State *L);

/* Pushes the name of the function at the index: that of the variable by which
   the caller knows it, or where it is defined ("file.lua:3"), which returns
   false. */
bool name_push(lua_State *L, int index);

/* Pushes where it is defined. */
void name_push_definition(lua_State *L, int index);

/* Pushes where the caller is: "file.lua:12". */
void name_push_place(lua_State *L);

/* Pushes "file.lua:12: ", which an error begins with, as luaL_where of level 1
   does, but that the prelude does not count. */
void name_push_where(lua_State *L);

#endif
