/* Tasks of elsewhere whose end the prelude wants to know. */
#ifndef CLIENT_LUA_WATCH_H
#define CLIENT_LUA_WATCH_H

#include <stdbool.h>

#include <jansson.h>
#include <lua.h>

/*
 * Adds to the table on top of the stack, `core` of the prelude:
 *
 * watch(id)  has `ended` of the prelude called when that task has ended, with
 *            the id and, where it did not end done, the error of a join
 */
void watch_open(lua_State *L);

/* A spawn was answered: tells `started` of the prelude. It may raise an error.
 */
void watch_note_start(lua_State *L, const json_t *row);

/* Whether all that have ended are known. Asks the daemon, where that is not
   clear: once it has answered, they are. */
bool watch_is_settled(void);

#endif
