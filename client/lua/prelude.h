/* What is written in Lua: prelude.lua, most of the API, and what follows it. */
#ifndef CLIENT_LUA_PRELUDE_H
#define CLIENT_LUA_PRELUDE_H

#include <stdbool.h>

#include <lua.h>

/* Runs them; pops the table of C functions from the top of the stack. */
void prelude_open(lua_State *L);

/* Pushes one of the functions that they are to give to C. */
void prelude_push(lua_State *L, const char *name);

/* Whether a function is theirs, of which lua_getinfo told the source. */
bool prelude_has(const lua_Debug *function);

/* Their texts, made from the files. */
extern const char prelude_prelude[], prelude_start[], prelude_recur[],
    prelude_message[], prelude_serve[];

#endif
