/* Functions of Lua that wait: for time, a tasklet, or the daemon. */
#ifndef CLIENT_LUA_WAIT_H
#define CLIENT_LUA_WAIT_H

#include <lua.h>

/*
 * Adds to the table on top of the stack, `core` of the prelude:
 *
 * sleep(seconds)         and, for nothing of it, yield()
 * now()                  the time on the clock of sleeps
 * join(tasklet, seconds) of a tasklet here: its result, or raises an error;
 *                        seconds may be nil
 * answer(request)        true and the result, or false and the daemon's error
 */
void wait_open(lua_State *L);

#endif
