/* The part of the API that is written in Lua: prelude.lua. */
#ifndef CLIENT_LUA_PRELUDE_H
#define CLIENT_LUA_PRELUDE_H

#include <lua.h>

/* Runs it with the table of C functions on top of the stack, which it pops. */
void prelude_open(lua_State *L);

/* Pushes one of the functions that it is to give to C. */
void prelude_push(lua_State *L, const char *name);

/* What its functions have as their source. */
#define PRELUDE_SOURCE "=tasklet-lua"

/* Its text, made from prelude.lua. */
extern const char prelude_text[];

#endif
