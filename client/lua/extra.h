/* What few tasklets have: made when it is first used, gone when they end. */
#ifndef CLIENT_LUA_EXTRA_H
#define CLIENT_LUA_EXTRA_H

#include <sys/queue.h>

#include <lua.h>

#include "client/lua/tasklet.h"

struct limit;

struct extra {
	struct tasklet *of;
	struct tasklets callers;   /* those who wait for its replies */
	unsigned first, count;	   /* of its messages, in the table */
	LIST_HEAD(, limit) limits; /* on its waits, the newest first */
};

/* The table in the registry. */
void extra_open(lua_State *L);

/* Of one that is anchored, and has not ended. */
struct extra *extra_get(struct tasklet *tasklet);

/* Pushes its table: its messages by number, what it has of each Local, and as
   `missed` how many ticks of its rate. */
void extra_push_table(lua_State *L, const struct tasklet *tasklet);

/* Pushes how many ticks of its rate it missed; nil where it is none. */
void extra_push_missed(lua_State *L, const struct tasklet *tasklet);

/* Frees it; nobody waits on it any more. */
void extra_free(lua_State *L, struct tasklet *tasklet);

#endif
