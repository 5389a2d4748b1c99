/* Channels: a value goes from one tasklet to another when both are there. */
#include "config.h"

#include "client/lua/channel.h"

#include <string.h>

#include <lauxlib.h>

#include "client/lua/co.h"
#include "client/lua/error.h"
#include "client/lua/sched.h"
#include "client/lua/tasklet.h"
#include "client/lua/wait.h"

#define METATABLE "Channel"

/*
 * The memory of a full userdata. There are never both senders, or values that
 * are kept, and receivers. What one that waits offers lies on its stack, as
 * does what it is handed: with the wait it is gone.
 */
struct channel {
	struct tasklets senders, receivers;
	unsigned kept; /* values that were taken back: in a table */
};

/* The one user value. */
#define VALUE_KEPT 1

/* The stack of a tasklet that waits, from its top. */
enum { SENT_VALUE = -2, HANDED_VALUE = -1, RECEIVERS_CHANNEL = -3 };

static struct channel *
check(lua_State *L)
{
	return luaL_checkudata(L, 1, METATABLE);
}

static int
raise_timeout(lua_State *L, const char *what)
{
	lua_pushfstring(L, "the time ran out: %s", what);
	error_push(L, "TimeoutError");
	return lua_error(L);
}

/* Ends the wait of a receiver with a copy of the value. */
static void
hand(lua_State *from, int index, struct tasklet *receiver)
{
	lua_pushvalue(from, index);
	lua_xmove(from, receiver->innermost, 1);
	receiver->handed = true;
	sched_wake(receiver);
}

/* --- values that were taken back ------------------------------------------ */

/* Keeps the value on top, popped, of the channel below it. */
static void
keep(lua_State *L, struct channel *channel)
{
	if (lua_getiuservalue(L, -2, VALUE_KEPT) != LUA_TTABLE) {
		lua_pop(L, 1);
		lua_newtable(L);
		lua_pushvalue(L, -1);
		lua_setiuservalue(L, -4, VALUE_KEPT);
	}
	lua_insert(L, -2);
	lua_rawseti(L, -2, channel->kept + 1);
	channel->kept++;
	lua_pop(L, 1);
}

/* Pushes the first one. */
static void
push_kept(lua_State *L, struct channel *channel)
{
	unsigned i;

	lua_getiuservalue(L, 1, VALUE_KEPT);
	lua_rawgeti(L, -1, 1);
	for (i = 1; i <= channel->kept; i++) {
		lua_rawgeti(L, -2, i + 1);
		lua_rawseti(L, -3, i);
	}
	channel->kept--;
}

void
channel_take_back(lua_State *L, struct tasklet *t)
{
	lua_State *thread = t->innermost;
	struct channel *channel;
	struct tasklet *next;

	if (!t->handed)
		return;
	channel = lua_touserdata(thread, RECEIVERS_CHANNEL);
	next = TAILQ_FIRST(&channel->receivers);
	if (next != NULL) {
		hand(thread, HANDED_VALUE, next);
	} else {
		lua_pushvalue(thread, RECEIVERS_CHANNEL);
		lua_pushvalue(thread, HANDED_VALUE - 1);
		lua_xmove(thread, L, 2);
		keep(L, channel);
		lua_pop(L, 1);
	}
	t->handed = false;
	lua_pop(thread, 1);
}

/* --- methods -------------------------------------------------------------- */

static int
continue_send(lua_State *L, int status, lua_KContext context)
{
	struct tasklet *t = co_tasklet(L);

	(void)status;
	(void)context;
	tasklet_check(L, t);
	return t->timed_out ? raise_timeout(L, "nobody received the value") : 0;
}

/* send(channel, value [, seconds]) */
static int
channel_send(lua_State *L)
{
	struct channel *channel = check(L);
	int64_t deadline = wait_deadline(L, 3);
	struct tasklet *receiver = TAILQ_FIRST(&channel->receivers), *t;

	lua_settop(L, 3);
	if (receiver != NULL) {
		hand(L, 2, receiver);
		return 0;
	}
	t = co_begin_wait(L);
	sched_wait(t, TASKLET_OFFERING, &channel->senders, deadline);
	return co_wait(L, 0, continue_send);
}

static int
continue_receive(lua_State *L, int status, lua_KContext context)
{
	struct tasklet *t = co_tasklet(L);

	(void)status;
	(void)context;
	if (t->handed) {
		t->handed = false;
		return 1;
	}
	tasklet_check(L, t);
	return raise_timeout(L, "nobody sent a value");
}

/* receive(channel [, seconds]) */
static int
channel_receive(lua_State *L)
{
	struct channel *channel = check(L);
	int64_t deadline = wait_deadline(L, 2);
	struct tasklet *sender = TAILQ_FIRST(&channel->senders), *t;

	lua_settop(L, 2);
	if (channel->kept > 0) {
		push_kept(L, channel);
		return 1;
	}
	if (sender != NULL) {
		lua_pushvalue(sender->innermost, SENT_VALUE);
		lua_xmove(sender->innermost, L, 1);
		sched_wake(sender);
		return 1;
	}
	t = co_begin_wait(L);
	sched_wait(t, TASKLET_TAKING, &channel->receivers, deadline);
	return co_wait(L, 0, continue_receive);
}

static lua_Integer
balance(const struct channel *channel)
{
	const struct tasklet *t;
	lua_Integer count = channel->kept;

	TAILQ_FOREACH (t, &channel->senders, entry)
		count++;
	TAILQ_FOREACH (t, &channel->receivers, entry)
		count--;
	return count;
}

static int
channel_index(lua_State *L)
{
	const struct channel *channel = check(L);

	lua_pushvalue(L, 2);
	if (lua_rawget(L, lua_upvalueindex(1)) == LUA_TNIL &&
	    lua_type(L, 2) == LUA_TSTRING &&
	    strcmp(lua_tostring(L, 2), "balance") == 0)
		lua_pushinteger(L, balance(channel));
	return 1;
}

static int
channel_new(lua_State *L)
{
	struct channel *channel = lua_newuserdatauv(L, sizeof *channel, 1);

	TAILQ_INIT(&channel->senders);
	TAILQ_INIT(&channel->receivers);
	channel->kept = 0;
	luaL_setmetatable(L, METATABLE);
	return 1;
}

void
channel_open(lua_State *L)
{
	static const luaL_Reg methods[] = {
	    {"receive", channel_receive},
	    {"send", channel_send},
	    {NULL, NULL},
	};

	luaL_newmetatable(L, METATABLE);
	luaL_newlib(L, methods);
	lua_pushcclosure(L, channel_index, 1);
	lua_setfield(L, -2, "__index");
	lua_pushliteral(L, "Channel");
	lua_setfield(L, -2, "__metatable");
	lua_pop(L, 1);
	lua_register(L, "Channel", channel_new);
}
