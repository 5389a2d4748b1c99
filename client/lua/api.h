/* The global variables of scripts: Tasklet, json, exec and arg. */
#ifndef CLIENT_LUA_API_H
#define CLIENT_LUA_API_H

#include <lua.h>

/* Once in a state. */
void api_open(lua_State *L);

#endif
