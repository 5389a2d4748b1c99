/* Errors as values of Lua: tables with type, message and more. */
#ifndef CLIENT_LUA_ERROR_H
#define CLIENT_LUA_ERROR_H

#include <lua.h>

/* Pushes the metatable of all errors; makes it where it is missing. */
void error_push_metatable(lua_State *L);

/* Pushes an error of that type (a stable name); it takes the message from the
   top of the stack. */
void error_push(lua_State *L, const char *type);

#endif
