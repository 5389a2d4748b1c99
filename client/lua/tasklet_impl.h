/* What the two halves of tasklets share. */
#ifndef CLIENT_LUA_TASKLET_IMPL_H
#define CLIENT_LUA_TASKLET_IMPL_H

#include "client/lua/tasklet.h"

/*
 * Takes back the thread on top of the stack, which ended with that status, to
 * be used again. One that died by an error may have no hooks any more; one with
 * a hook of the user's is no new one.
 */
void tasklet_give_back(lua_State *L, int status);

/* What is done in a state where it is made; tasklet_open calls it. */
void tasklet_run_open(lua_State *L);

#endif
