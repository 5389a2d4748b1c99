/* Messages between tasklets: each has a mailbox, made when it is first used. */
#include "config.h"

#include "client/lua/mailbox.h"

#include <stdbool.h>
#include <string.h>

#include <jansson.h>
#include <lauxlib.h>

#include "client/lua/co.h"
#include "client/lua/error.h"
#include "client/lua/extra.h"
#include "client/lua/limit.h"
#include "client/lua/prelude.h"
#include "client/lua/sched.h"
#include "client/lua/tasklet.h"
#include "client/lua/wait.h"

#define METATABLE "Message"

/* Messages that a mailbox holds: as many as the daemon's. */
#define MESSAGES 1000

/*
 * The memory of a full userdata. They lie in the table of their tasklet, from
 * `first` of its extra on around 1 to MESSAGES.
 */
struct message {
	struct tasklet *caller; /* here; NULL where that waits no more */
	json_int_t call;	/* elsewhere; 0: none */
	bool open;		/* a call that is not replied to */
	bool replied, failed;	/* and was so: the caller's stack has it */
};

/* Its user values: `from` is a task, or nil. */
enum { MESSAGE_BODY = 1, MESSAGE_FROM, MESSAGE_VALUES = 2 };

static const char metatable_key;

/* Raises the error that a function of the prelude makes of the tasklet. */
static int
raise_made(lua_State *L, const char *maker, struct tasklet *t)
{
	prelude_push(L, maker);
	tasklet_push(L, t);
	lua_call(L, 1, 1);
	return lua_error(L);
}

/* --- the queue ------------------------------------------------------------ */

/* Puts the message on top, popped, into the mailbox of the tasklet at 1. */
static void
put(lua_State *L, struct tasklet *t)
{
	struct extra *extra = extra_get(t);
	unsigned place = (extra->first + extra->count) % MESSAGES;

	if (extra->count == MESSAGES)
		raise_made(L, "mailbox_full", t);
	extra_push_table(L, t);
	lua_insert(L, -2);
	lua_rawseti(L, -2, place + 1);
	lua_pop(L, 1);
	extra->count++;
	if (t->state == TASKLET_RECEIVING)
		sched_wake(t);
}

/* Pushes the first message, if there is one. */
static bool
take(lua_State *L, struct tasklet *t)
{
	struct extra *extra = t->extra;

	if (extra == NULL || extra->count == 0)
		return false;
	extra_push_table(L, t);
	lua_rawgeti(L, -1, extra->first + 1);
	lua_pushnil(L);
	lua_rawseti(L, -3, extra->first + 1);
	lua_remove(L, -2);
	extra->first = (extra->first + 1) % MESSAGES;
	/* So that few in turn take little space. */
	if (--extra->count == 0)
		extra->first = 0;
	return true;
}

/* Pushes one with the body that is at 2, and from what is on top, popped. */
static struct message *
push_message(lua_State *L)
{
	struct message *message =
	    lua_newuserdatauv(L, sizeof *message, MESSAGE_VALUES);

	memset(message, 0, sizeof *message);
	lua_rawgetp(L, LUA_REGISTRYINDEX, &metatable_key);
	lua_setmetatable(L, -2);
	lua_insert(L, -2);
	lua_setiuservalue(L, -2, MESSAGE_FROM);
	lua_pushvalue(L, 2);
	lua_setiuservalue(L, -2, MESSAGE_BODY);
	return message;
}

static void
push_current(lua_State *L)
{
	const struct tasklet *t = co_tasklet(L);

	if (t != NULL)
		tasklet_push(L, t);
	else
		lua_pushnil(L);
}

/* The tasklet at 1, if it takes messages; it may be a task elsewhere: NULL. */
static struct tasklet *
get_callee(lua_State *L)
{
	struct tasklet *t = tasklet_test(L, 1);

	if (t != NULL && t->thread == NULL) {
		prelude_push(L, "has_ended");
		lua_pushvalue(L, 1);
		lua_call(L, 1, 1);
		lua_error(L);
	}
	return t;
}

static int
continue_elsewhere(lua_State *L, int status, lua_KContext context)
{
	(void)status;
	(void)context;
	return lua_gettop(L);
}

/* Calls the function of the prelude in place of this one. */
static int
go_elsewhere(lua_State *L, const char *function)
{
	prelude_push(L, function);
	lua_insert(L, 1);
	lua_callk(L, lua_gettop(L) - 1, LUA_MULTRET, 0, continue_elsewhere);
	return continue_elsewhere(L, LUA_OK, 0);
}

/* --- sending and receiving ------------------------------------------------ */

/* send(task, body) */
static int
send(lua_State *L)
{
	struct tasklet *callee = get_callee(L);

	lua_settop(L, 2);
	if (callee == NULL)
		return go_elsewhere(L, "send");
	push_current(L);
	push_message(L);
	put(L, callee);
	return 0;
}

/* deliver(tasklet, body, from, call) */
static int
deliver(lua_State *L)
{
	struct tasklet *callee = get_callee(L);
	json_int_t call = luaL_optinteger(L, 4, 0);
	struct message *message;

	luaL_argexpected(L, callee != NULL, 1, TASKLET_METATABLE);
	lua_settop(L, 3);
	message = push_message(L);
	message->call = call;
	message->open = call != 0;
	put(L, callee);
	if (callee->extra->count >= MESSAGES / 2)
		sched_let_run(callee);
	return 0;
}

static int
continue_receive(lua_State *L, int status, lua_KContext context)
{
	struct tasklet *t = co_tasklet(L);

	(void)status;
	(void)context;
	tasklet_check(L, t);
	/* It may have come between the end of the time and now. */
	if (take(L, t))
		return 1;
	lua_pushliteral(L, "the time ran out: no message came");
	error_push(L, "TimeoutError");
	return lua_error(L);
}

/* receive([seconds]) */
static int
receive(lua_State *L)
{
	int64_t deadline = wait_deadline(L, 1);
	struct tasklet *t = co_tasklet(L);

	if (t != NULL && take(L, t))
		return 1;
	t = co_begin_wait(L);
	sched_wait(t, TASKLET_RECEIVING, NULL, deadline);
	return co_wait(L, 0, continue_receive);
}

/* --- calls and replies ---------------------------------------------------- */

/* Of call: its tasklet, its body, the seconds, its message, and the reply. */
static int
continue_call(lua_State *L, int status, lua_KContext context)
{
	struct tasklet *t = co_tasklet(L);
	struct message *message = lua_touserdata(L, 4);

	(void)status;
	(void)context;
	message->caller = NULL;
	tasklet_check(L, t);
	if (message->replied)
		return message->failed ? lua_error(L) : 1;
	prelude_push(L, t->timed_out ? "no_reply" : "ended_first");
	lua_pushvalue(L, 1);
	lua_call(L, 1, 1);
	return lua_error(L);
}

static void
check_not_own(
    lua_State *L, const struct tasklet *caller, const struct tasklet *callee)
{
	if (caller != callee)
		return;
	lua_pushliteral(L, "a call to oneself could never be replied to");
	error_push(L, "Deadlock");
	lua_error(L);
}

/* call(task, body [, seconds]) */
static int
call(lua_State *L)
{
	struct tasklet *callee = get_callee(L), *t;
	int64_t deadline = wait_deadline(L, 3);
	struct message *message;

	lua_settop(L, 3);
	if (callee == NULL)
		return go_elsewhere(L, "call");
	t = co_begin_wait(L);
	check_not_own(L, t, callee);
	tasklet_push(L, t);
	message = push_message(L);
	message->open = true;
	message->caller = t;
	lua_pushvalue(L, -1);
	put(L, callee);
	sched_wait(t, TASKLET_CALLING, &callee->extra->callers, deadline);
	return co_wait(L, 0, continue_call);
}

static struct message *
check(lua_State *L)
{
	return luaL_checkudata(L, 1, METATABLE);
}

static int
awaits(lua_State *L)
{
	const struct message *message = check(L);

	if (!message->open || message->call == 0)
		lua_pushboolean(L, message->open);
	else
		lua_pushinteger(L, message->call);
	return 1;
}

/* reply(message, value, failed). One who waits no more gets none. */
static int
reply(lua_State *L)
{
	struct message *message = check(L);
	struct tasklet *caller = message->caller;

	message->open = false;
	if (caller == NULL || caller->state != TASKLET_CALLING)
		return 0;
	lua_pushvalue(L, 2);
	lua_xmove(L, caller->innermost, 1);
	message->replied = true;
	message->failed = lua_toboolean(L, 3) != 0;
	sched_wake(caller);
	return 0;
}

/* Whether there is one of the messages that it has not read. */
static bool
close_next(lua_State *L, struct tasklet *t)
{
	if (!take(L, t))
		return false;
	prelude_push(L, "unread");
	lua_insert(L, -2);
	tasklet_push(L, t);
	lua_call(L, 2, 0);
	return true;
}

void
mailbox_close(lua_State *L, struct tasklet *t)
{
	if (t->extra == NULL)
		return;
	limit_drop_all(t);
	while (close_next(L, t))
		continue;
	sched_wake_all(&t->extra->callers);
	extra_free(L, t);
}

/* --- messages ------------------------------------------------------------- */

/* The table of methods has the numbers of user values, too. */
static int
message_index(lua_State *L)
{
	check(L);
	lua_settop(L, 2);
	lua_rawget(L, lua_upvalueindex(1));
	if (lua_isinteger(L, -1))
		lua_getiuservalue(L, 1, (int)lua_tointeger(L, -1));
	return 1;
}

/* With `core` on top. */
static void
open_messages(lua_State *L)
{
	luaL_newmetatable(L, METATABLE);
	lua_createtable(L, 0, 3);
	lua_pushinteger(L, MESSAGE_BODY);
	lua_setfield(L, -2, "body");
	lua_pushinteger(L, MESSAGE_FROM);
	lua_setfield(L, -2, "from");
	lua_pushvalue(L, -1);
	lua_setfield(L, -4, "message");
	lua_pushcclosure(L, message_index, 1);
	lua_setfield(L, -2, "__index");
	lua_pushliteral(L, "Message");
	lua_setfield(L, -2, "__metatable");
	lua_rawsetp(L, LUA_REGISTRYINDEX, &metatable_key);
}

void
mailbox_open(lua_State *L)
{
	static const luaL_Reg functions[] = {
	    {"awaits", awaits},
	    {"deliver", deliver},
	    {"receive", receive},
	    {"reply", reply},
	    {NULL, NULL},
	};
	static const luaL_Reg methods[] = {
	    {"call", call},
	    {"send", send},
	    {NULL, NULL},
	};

	luaL_setfuncs(L, functions, 0);
	open_messages(L);
	lua_getfield(L, -1, "methods");
	luaL_setfuncs(L, methods, 0);
	lua_pop(L, 1);
}
