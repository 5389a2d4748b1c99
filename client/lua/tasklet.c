/* A tasklet: a Lua coroutine that the daemon knows as a task. */
#include "config.h"

#include "client/lua/tasklet_impl.h"

#include <string.h>

#include <lauxlib.h>

#include "client/lua/co.h"
#include "client/lua/ids.h"

/* Threads of tasklets that ended in order are kept for new ones: that costs a
   tenth of a new thread. */
#define POOL_SIZE 1000

/* Tables in the registry: tasklets by slot, threads to be used again, and those
   tasklets that are kept, by id. */
static const char live_key, pool_key, kept_key;

static int pooled;
static unsigned count, keepers;

static void
make_table(lua_State *L, const void *key, int size)
{
	lua_createtable(L, size, 0);
	lua_rawsetp(L, LUA_REGISTRYINDEX, key);
}

void
tasklet_open(lua_State *L)
{
	make_table(L, &live_key, 0);
	make_table(L, &pool_key, POOL_SIZE);
	make_table(L, &kept_key, 0);
	tasklet_run_open(L);
}

unsigned
tasklet_count(void)
{
	return count;
}

const char *
tasklet_state_name(const struct tasklet *t)
{
	static const char *const names[] = {
	    [TASKLET_READY] = "ready",
	    [TASKLET_RUNNING] = "running",
	    [TASKLET_SLEEPING] = "sleeping",
	    [TASKLET_JOINING] = "waiting",
	    [TASKLET_ASKING] = "waiting",
	    [TASKLET_RECEIVING] = "waiting",
	    [TASKLET_CALLING] = "waiting",
	    [TASKLET_OFFERING] = "waiting",
	    [TASKLET_TAKING] = "waiting",
	    [TASKLET_ENDING] = "waiting",
	    [TASKLET_DONE] = "done",
	    [TASKLET_FAILED] = "failed",
	    [TASKLET_CANCELLED] = "cancelled",
	    [TASKLET_TIMEOUT] = "timeout",
	};

	return t->paused && !tasklet_has_ended(t) ? "paused" : names[t->state];
}

/* --- threads -------------------------------------------------------------- */

static lua_State *
push_thread(lua_State *L)
{
	lua_State *thread;

	if (pooled == 0)
		return lua_newthread(L);
	lua_rawgetp(L, LUA_REGISTRYINDEX, &pool_key);
	lua_rawgeti(L, -1, pooled);
	thread = lua_tothread(L, -1);
	lua_pushnil(L);
	lua_rawseti(L, -3, pooled--);
	lua_remove(L, -2);
	return thread;
}

void
tasklet_give_back(lua_State *L, int status)
{
	lua_State *thread = lua_tothread(L, -1);

	co_give(thread, NULL);
	if (status == LUA_OK && pooled < POOL_SIZE &&
	    lua_gethook(thread) == NULL) {
		lua_settop(thread, 0);
		lua_rawgetp(L, LUA_REGISTRYINDEX, &pool_key);
		lua_pushvalue(L, -2);
		lua_rawseti(L, -2, ++pooled);
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
}

/* --- the value ------------------------------------------------------------ */

struct tasklet *
tasklet_new(lua_State *L, int function)
{
	int values = lua_gettop(L) - function + 1;
	struct tasklet *t = lua_newuserdatauv(L, sizeof *t, VALUES);

	memset(t, 0, sizeof *t);
	TAILQ_INIT(&t->joiners);
	luaL_setmetatable(L, TASKLET_METATABLE);
	t->thread = push_thread(L);
	lua_setiuservalue(L, -2, VALUE_THREAD);
	lua_insert(L, function);
	if (!lua_checkstack(t->thread, values))
		luaL_error(L, "too many arguments");
	lua_xmove(L, t->thread, values);
	co_give(t->thread, t);
	return t;
}

void
tasklet_anchor(lua_State *L, int index)
{
	struct tasklet *t = lua_touserdata(L, index);

	lua_pushvalue(L, index);
	lua_rawgetp(L, LUA_REGISTRYINDEX, &live_key);
	lua_insert(L, -2);
	t->slot = luaL_ref(L, -2);
	lua_pop(L, 1);
	count++;
}

struct tasklet *
tasklet_test(lua_State *L, int index)
{
	return luaL_testudata(L, index, TASKLET_METATABLE);
}

void
tasklet_push(lua_State *L, const struct tasklet *t)
{
	lua_rawgetp(L, LUA_REGISTRYINDEX, &live_key);
	lua_rawgeti(L, -1, t->slot);
	lua_remove(L, -2);
}

void
tasklet_push_id(lua_State *L, json_int_t id)
{
	const struct tasklet *t = ids_find(id);

	if (t != NULL) {
		tasklet_push(L, t);
		return;
	}
	lua_rawgetp(L, LUA_REGISTRYINDEX, &kept_key);
	lua_rawgeti(L, -1, id);
	lua_remove(L, -2);
}

void
tasklet_keep(lua_State *L, bool on)
{
	if (on)
		keepers++;
	else if (--keepers == 0)
		make_table(L, &kept_key, 0);
}

void
tasklet_let_go(lua_State *L, struct tasklet *t)
{
	if (!tasklet_has_ended(t) || t->held > 0 || (t->id == 0 && !t->refused))
		return;
	if (keepers > 0) {
		lua_rawgetp(L, LUA_REGISTRYINDEX, &kept_key);
		tasklet_push(L, t);
		lua_rawseti(L, -2, t->id);
		lua_pop(L, 1);
	}
	lua_rawgetp(L, LUA_REGISTRYINDEX, &live_key);
	luaL_unref(L, -1, t->slot);
	lua_pop(L, 1);
	count--;
}
