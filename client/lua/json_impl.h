/* What the two halves of JSON for Lua share. */
#ifndef CLIENT_LUA_JSON_IMPL_H
#define CLIENT_LUA_JSON_IMPL_H

#include <lua.h>

/* What decoding or json.object has marked a table as, by its metatable. */
enum json_mark { JSON_MARK_NONE, JSON_MARK_ARRAY, JSON_MARK_OBJECT };

/* Of the table at the index. Needs two slots of the stack; raises nothing. */
enum json_mark json_mark_of(lua_State *L, int index);

#endif
