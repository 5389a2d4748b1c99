/* What the parts of tasklet-lua share: the Lua state, and messages. */
#ifndef CLIENT_LUA_RUNTIME_H
#define CLIENT_LUA_RUNTIME_H

#include <lua.h>

/* Makes the state, with Lua's own libraries in it. */
void runtime_open(void);
void runtime_close(void);

/* The state's main thread, on which no tasklet runs. */
lua_State *runtime_state(void);

/* Calls a C function with `arg` as its one argument, a light userdata. An
   error in it, memory that is out above all, ends the process. */
void runtime_call(lua_CFunction function, void *arg);

/* A line on stderr, after what stdout has so far; as runtime_fail. */
void runtime_warn(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* The same, and ends the process with status 1. */
_Noreturn void runtime_fail(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* Writes out what stdout has; where that fails, ends the process. */
void runtime_flush(void);

#endif
