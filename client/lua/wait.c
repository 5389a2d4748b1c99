/* Functions of Lua that wait: for time, a tasklet, or the daemon. */
#include "config.h"

#include "client/lua/wait.h"

#include <stddef.h>

#include <lauxlib.h>

#include "client/lua/co.h"
#include "client/lua/error.h"
#include "client/lua/limit.h"
#include "client/lua/name.h"
#include "client/lua/prelude.h"
#include "client/lua/request.h"
#include "client/lua/sched.h"
#include "client/lua/tasklet.h"
#include "proto/limits.h"

/* The longest ring of joins that is looked for. */
#define CYCLE 1000

int64_t
wait_deadline(lua_State *L, int index)
{
	lua_Number seconds;

	if (lua_isnoneornil(L, index))
		return SCHED_NEVER;
	seconds = lua_tonumber(L, index);
	if (!lua_isnumber(L, index) ||
	    !(seconds >= 0 && seconds <= LIMIT_SECONDS)) {
		luaL_tolstring(L, index, NULL);
		name_push_place(L);
		lua_pushfstring(L,
		    "%s: the seconds must be a number from 0 to "
		    "1e9, not %s",
		    lua_tostring(L, -1), lua_tostring(L, -2));
		lua_error(L);
	}
	return sched_now() + (int64_t)(seconds * 1e9);
}

static int
continue_nothing(lua_State *L, int status, lua_KContext context)
{
	(void)status;
	(void)context;
	tasklet_check(L, co_tasklet(L));
	return 0;
}

/* One whose limit has run out finds that out, though it never sleeps. */
static int
wait_yield(lua_State *L)
{
	struct tasklet *t = co_begin_wait(L);

	if (limit_is_over(t))
		sched_wait(t, TASKLET_SLEEPING, NULL, SCHED_NEVER);
	else
		sched_ready(t);
	return co_wait(L, 0, continue_nothing);
}

static int
wait_sleep(lua_State *L)
{
	int64_t deadline;

	if (luaL_checknumber(L, 1) == 0)
		return wait_yield(L);
	deadline = wait_deadline(L, 1);
	sched_wait(co_begin_wait(L), TASKLET_SLEEPING, NULL, deadline);
	return co_wait(L, 0, continue_nothing);
}

static int
wait_now(lua_State *L)
{
	lua_pushnumber(L, (lua_Number)sched_now() / 1e9);
	return 1;
}

/* --- tasklets ------------------------------------------------------------- */

/* Raises the error that a function of the prelude makes of what is on the
   stack. */
static int
raise_made(lua_State *L, const char *maker)
{
	prelude_push(L, maker);
	lua_insert(L, 1);
	lua_call(L, lua_gettop(L) - 1, 1);
	return lua_error(L);
}

/* Returns its result, or raises what a joiner gets. */
static int
finish_join(lua_State *L, const struct tasklet *joined)
{
	lua_settop(L, 1);
	lua_getiuservalue(L, 1, VALUE_THREAD);
	if (joined->state == TASKLET_DONE)
		return 1;
	return raise_made(L, "join_error");
}

static int
continue_join(lua_State *L, int status, lua_KContext context)
{
	struct tasklet *t = co_tasklet(L);

	(void)status;
	(void)context;
	tasklet_check(L, t);
	if (t->timed_out) {
		lua_settop(L, 1);
		return raise_made(L, "timeout_error");
	}
	return finish_join(L, tasklet_test(L, 1));
}

static struct tasklet *
joined_by(const struct tasklet *t)
{
	if (t->state != TASKLET_JOINING)
		return NULL;
	return (struct tasklet *)((char *)t->waits_on -
				  offsetof(struct tasklet, joiners));
}

static void
check_cycle(lua_State *L, const struct tasklet *t, const struct tasklet *joined)
{
	int i;

	for (i = 0; joined != NULL && i < CYCLE; i++) {
		if (joined == t) {
			lua_pushliteral(L, "the join could never end");
			error_push(L, "Deadlock");
			lua_error(L);
		}
		joined = joined_by(joined);
	}
}

/* join(tasklet [, seconds]) */
static int
wait_join(lua_State *L)
{
	struct tasklet *joined = luaL_checkudata(L, 1, TASKLET_METATABLE), *t;
	int64_t deadline = wait_deadline(L, 2);

	if (tasklet_has_ended(joined))
		return finish_join(L, joined);
	t = co_begin_wait(L);
	check_cycle(L, t, joined);
	sched_wait(t, TASKLET_JOINING, &joined->joiners, deadline);
	return co_wait(L, 0, continue_join);
}

/* --- the daemon ----------------------------------------------------------- */

static int
continue_answer(lua_State *L, int status, lua_KContext context)
{
	struct tasklet *t = co_tasklet(L);

	(void)status;
	(void)context;
	tasklet_check(L, t);
	return request_push(L, 1);
}

/* answer(request): true and the result, or false and the error's object */
static int
wait_answer(lua_State *L)
{
	struct tasklets *waiters = request_waiters(L, 1);
	struct tasklet *t;

	if (waiters == NULL)
		return request_push(L, 1);
	t = co_begin_wait(L);
	sched_wait(t, TASKLET_ASKING, waiters, SCHED_NEVER);
	return co_wait(L, 0, continue_answer);
}

void
wait_open(lua_State *L)
{
	static const luaL_Reg functions[] = {
	    {"answer", wait_answer},
	    {"join", wait_join},
	    {"now", wait_now},
	    {"sleep", wait_sleep},
	    {"yield", wait_yield},
	    {NULL, NULL},
	};

	luaL_setfuncs(L, functions, 0);
}
