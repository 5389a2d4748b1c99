/* Functions of Lua that wait: for time, a tasklet, or the daemon. */
#ifndef CLIENT_LUA_WAIT_H
#define CLIENT_LUA_WAIT_H

#include <stdint.h>
#include <lua.h>

/* The deadline that lies as many seconds ahead as the argument says;
   SCHED_NEVER where there is none, and an error for what is no time. */
int64_t wait_deadline(lua_State *L, int index);

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
