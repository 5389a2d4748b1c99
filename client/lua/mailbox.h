/* Messages between tasklets: each has a mailbox, made when it is first used. */
#ifndef CLIENT_LUA_MAILBOX_H
#define CLIENT_LUA_MAILBOX_H

#include <lua.h>

struct tasklet;

/*
 * Adds to the table on top of the stack, `core` of the prelude:
 *
 * receive(seconds)                  the next message of the caller's tasklet
 * deliver(tasklet, body, from, call)  as one comes from the daemon: the task
 *                                   that sent it, and a number to reply to
 * awaits(message)                   whether a reply is waited for: that number,
 *                                   or true where the caller is a tasklet here
 * reply(message, value, failed)     replies to a tasklet here, by a result or
 *                                   an error; with a number it just notes it
 * message                           a table, for the methods of messages
 *
 * and to its table `methods` send(body) and call(body, seconds): for tasks that
 * are not here they call those functions of the prelude.
 */
void mailbox_open(lua_State *L);

/* The function of the tasklet is over: it takes no messages, and replies to
   none. */
void mailbox_close(lua_State *L, struct tasklet *tasklet);

#endif
