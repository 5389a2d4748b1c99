/* Lines to the daemon that are of a task: they wait until its id is known. */
#ifndef CLIENT_LUA_LINE_H
#define CLIENT_LUA_LINE_H

#include <stdbool.h>
#include <lua.h>

struct tasklet;

/*
 * One line is made at a time: line_begin, its params, then line_check and
 * line_send. Where making it raised an error, it is just begun anew. Nothing
 * that makes values of Lua is called meanwhile: a finalizer of the program's
 * may run, and make a line.
 */
void line_begin(const char *method);

/* A member of the params. */
void line_add_value(lua_State *L, const char *key, int index);
void line_add_number(const char *key, double value);
void line_add_string(const char *key, const char *plain);

/* The same, the id of the task that the line is of. */
void line_add_task(const char *key);

/* The members of the table at the index. */
void line_add_members(lua_State *L, int index);

/* Raises an error where the line is longer than the daemon takes it. */
void line_check(lua_State *L);

/*
 * Sends it: a request with that id, or with 0 a notification. It is of `task`,
 * NULL for none. While the id of that is not known it is held back, and so are
 * all that come after it: the daemon sees them in order.
 */
void line_send(unsigned id, struct tasklet *task);

/* An id is known now, or a task was refused: sends what was held back for it.
   To be called protected. */
void line_send_held(lua_State *L);

/* Whether the daemon should first take what there is. */
bool line_is_full(void);

void line_close(void);

#endif
