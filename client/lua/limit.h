/* Limits on the waits of a tasklet, while it is inside Timeout.with. */
#ifndef CLIENT_LUA_LIMIT_H
#define CLIENT_LUA_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

#include <lua.h>

struct tasklet;

/*
 * Adds to the table on top of the stack, `core` of the prelude:
 *
 * limit(seconds)   a value to be closed: until then the waits of the caller's
 *                  tasklet in the caller's coroutine, and what that resumes,
 *                  end by a TimeoutError where the time has run out
 * within(seconds)  how long the daemon is to wait for the caller: so many
 *                  seconds (may be nil), or a little more than the limits leave
 */
void limit_open(lua_State *L);

/* When the tightest of a tasklet's limits runs out; SCHED_NEVER for none. */
int64_t limit_deadline(const struct tasklet *tasklet);

/* Whether one has run out. */
bool limit_is_over(const struct tasklet *tasklet);

/* Raises the error of the tightest. */
void limit_raise(lua_State *L, const struct tasklet *tasklet);

/* Moves them: a tasklet was held for so long. */
void limit_shift(struct tasklet *tasklet, int64_t by);

/* The tasklet has none any more. */
void limit_drop_all(struct tasklet *tasklet);

#endif
