/* A folder of Lua files whose functions any task can be of. */
#ifndef CLIENT_LUA_SERVE_H
#define CLIENT_LUA_SERVE_H

/* Provides them; where that fails, the process ends. */
void serve_start(const char *folder);

/* The same anew: where it fails, those of before stay. */
void serve_reload(void);

/* Takes them back, and has their runs cancelled. */
void serve_stop(void);

#endif
