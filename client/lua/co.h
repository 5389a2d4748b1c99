/* Coroutines: those of tasklets, and the user's own inside them. */
#ifndef CLIENT_LUA_CO_H
#define CLIENT_LUA_CO_H

#include <lua.h>

struct tasklet;

/* How the resume of a tasklet's coroutine ended, beside Lua's own ways. */
#define CO_WAITS (-1)

/* Replaces what must know tasklets in the table `coroutine`. */
void co_open(lua_State *L);

/* Makes a new thread a tasklet's. */
void co_give(lua_State *thread, struct tasklet *tasklet);

/* Whose thread it is: the tasklet's own, or a coroutine that runs or waits in
   it; NULL for none. */
struct tasklet *co_tasklet(lua_State *L);

/* The tasklet of the caller, who is about to wait; raises an error where it
   cannot. */
struct tasklet *co_begin_wait(lua_State *L);

/* Suspends the whole tasklet; to be returned. The continuation keeps the
   function's arguments. */
int co_wait(lua_State *L, lua_KContext context, lua_KFunction continuation);

/* Resumes a tasklet's coroutine: CO_WAITS, or as lua_resume. */
int co_resume(lua_State *thread, lua_State *from, int arguments, int *results);

/* As lua_resetthread, with what it calls unable to wait. */
int co_reset(lua_State *thread);

/*
 * For a signal handler: the tasklet that runs, if any, is interrupted before
 * its next instruction. Where it is to raise an error it does so there; else it
 * is the first that is ready, and co_resume returns CO_WAITS. Nothing happens
 * to one that has a hook of the user's, or is where Lua cannot be suspended.
 */
void co_interrupt(void);

#endif
