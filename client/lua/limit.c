/* Limits on the waits of a tasklet, while it is inside Timeout.with. */
#include "config.h"

#include "client/lua/limit.h"

#include <lauxlib.h>

#include "client/lua/co.h"
#include "client/lua/error.h"
#include "client/lua/extra.h"
#include "client/lua/name.h"
#include "client/lua/sched.h"
#include "client/lua/tasklet.h"
#include "client/lua/wait.h"

#define METATABLE "tasklet.limit"

/* What the daemon gets beyond the time that a limit leaves: the limit is to be
   what ends the wait. */
#define SLACK 1.0

/* The memory of a full userdata. */
struct limit {
	LIST_ENTRY(limit) entry;
	struct tasklet *tasklet; /* NULL once it holds no more */
	lua_State *thread;	 /* the coroutine that is inside: its value */
	const char *place;	 /* where it was set */
	int64_t deadline;
	lua_Number seconds;
};

/* The one that runs out first, or with another is the outer one. A coroutine of
   the user's own that is suspended inside does not count meanwhile. */
static struct limit *
tightest(const struct tasklet *t)
{
	struct limit *limit, *found = NULL;

	if (t->extra == NULL)
		return NULL;
	LIST_FOREACH (limit, &t->extra->limits, entry)
		if (co_tasklet(limit->thread) == t &&
		    (found == NULL || limit->deadline <= found->deadline))
			found = limit;
	return found;
}

int64_t
limit_deadline(const struct tasklet *t)
{
	const struct limit *limit = tightest(t);

	return limit == NULL ? SCHED_NEVER : limit->deadline;
}

bool
limit_is_over(const struct tasklet *t)
{
	const struct limit *limit = tightest(t);

	return limit != NULL && limit->deadline <= sched_now();
}

void
limit_raise(lua_State *L, const struct tasklet *t)
{
	const struct limit *limit = tightest(t);

	lua_pushfstring(L, "the time ran out: %f s, set at %s", limit->seconds,
	    limit->place);
	error_push(L, "TimeoutError");
	lua_pushnumber(L, limit->seconds);
	lua_setfield(L, -2, "seconds");
	lua_pushstring(L, limit->place);
	lua_setfield(L, -2, "place");
	lua_error(L);
}

void
limit_shift(struct tasklet *t, int64_t by)
{
	struct limit *limit;

	if (t->extra == NULL)
		return;
	LIST_FOREACH (limit, &t->extra->limits, entry)
		limit->deadline += by;
}

static void
drop(struct limit *limit)
{
	if (limit->tasklet == NULL)
		return;
	LIST_REMOVE(limit, entry);
	limit->tasklet = NULL;
}

void
limit_drop_all(struct tasklet *t)
{
	struct limit *limit;

	while ((limit = LIST_FIRST(&t->extra->limits)) != NULL)
		drop(limit);
}

/* --- for Lua -------------------------------------------------------------- */

static int
limit_close(lua_State *L)
{
	drop(luaL_checkudata(L, 1, METATABLE));
	return 0;
}

static int
limit_new(lua_State *L)
{
	struct tasklet *t = co_tasklet(L);
	lua_Number seconds = luaL_checknumber(L, 1);
	int64_t deadline = wait_deadline(L, 1);
	struct limit *limit;

	if (t == NULL)
		return luaL_error(L, "this is no tasklet: nothing waits here");
	limit = lua_newuserdatauv(L, sizeof *limit, 1);
	limit->tasklet = NULL;
	luaL_setmetatable(L, METATABLE);
	lua_pushthread(L);
	lua_setiuservalue(L, -2, 1);
	name_push_place(L); /* which keeps it */
	limit->place = lua_tostring(L, -1);
	lua_pop(L, 1);
	limit->thread = L;
	limit->deadline = deadline;
	limit->seconds = seconds;
	LIST_INSERT_HEAD(&extra_get(t)->limits, limit, entry);
	limit->tasklet = t;
	return 1;
}

static int
limit_within(lua_State *L)
{
	const struct tasklet *t = co_tasklet(L);
	int64_t deadline = t == NULL ? SCHED_NEVER : limit_deadline(t);
	lua_Number left;

	lua_settop(L, 1);
	if (deadline == SCHED_NEVER)
		return 1;
	left = SLACK + (lua_Number)(deadline - sched_now()) / 1e9;
	if (left < SLACK)
		left = SLACK;
	if (lua_isnil(L, 1) || left < luaL_checknumber(L, 1))
		lua_pushnumber(L, left);
	return 1;
}

void
limit_open(lua_State *L)
{
	static const luaL_Reg functions[] = {
	    {"limit", limit_new},
	    {"within", limit_within},
	    {NULL, NULL},
	};

	luaL_newmetatable(L, METATABLE);
	lua_pushcfunction(L, limit_close);
	lua_pushvalue(L, -1);
	lua_setfield(L, -3, "__gc");
	lua_setfield(L, -2, "__close");
	lua_pop(L, 1);
	luaL_setfuncs(L, functions, 0);
}
