/* Channels: a value goes from one tasklet to another when both are there. */
#ifndef CLIENT_LUA_CHANNEL_H
#define CLIENT_LUA_CHANNEL_H

#include <lua.h>

struct tasklet;

/* Sets the global function Channel(). */
void channel_open(lua_State *L);

/* What such a tasklet was handed, if anything, and has not returned yet, goes
   to the next one that receives: it will not return it. */
void channel_take_back(lua_State *L, struct tasklet *tasklet);

#endif
