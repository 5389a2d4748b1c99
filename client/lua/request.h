/* Requests to the daemon, as values of Lua. */
#ifndef CLIENT_LUA_REQUEST_H
#define CLIENT_LUA_REQUEST_H

#include <lua.h>

struct tasklets;

/*
 * Adds to the table on top of the stack, `core` of the prelude:
 *
 * ask(method, params, key, tasklet)  sends a request and returns it. `key` is
 *                                    the param for the id of the tasklet, which
 *                                    may not be known yet; both may be nil
 */
void request_open(lua_State *L);

/* Those who wait for the reply of the request at the index; NULL where it is
   here. */
struct tasklets *request_waiters(lua_State *L, int index);

/* Pushes true and the result, or false and the error as the daemon gave it;
   returns 2. */
int request_push(lua_State *L, int index);

#endif
