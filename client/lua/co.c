/* Coroutines: those of tasklets, and the user's own inside them. */
#include "config.h"

#include "client/lua/co.h"

#include <stdbool.h>

#include <lauxlib.h>
#include <lualib.h>

#include "client/lua/prelude.h"
#include "client/lua/sched.h"
#include "client/lua/tasklet.h"

/*
 * A wait yields through all coroutines between it and the tasklet's own: each
 * is resumed by a function here, which sees that it is a wait, yields as well
 * and, resumed, resumes the same coroutine. While it waits, such a coroutine
 * has its tasklet as its owner: it is busy, and nobody else may resume it.
 */

static bool waits;	/* the yield under way is a wait */
static unsigned locked; /* resumes under way that cannot be suspended */

/* The innermost coroutine of the tasklet that runs; NULL while none does. */
static lua_State *volatile running;

static struct tasklet **
owner(lua_State *L)
{
	return lua_getextraspace(L);
}

void
co_give(lua_State *thread, struct tasklet *tasklet)
{
	*owner(thread) = tasklet;
}

struct tasklet *
co_tasklet(lua_State *L)
{
	return *owner(L);
}

struct tasklet *
co_begin_wait(lua_State *L)
{
	struct tasklet *tasklet = co_tasklet(L);

	if (tasklet == NULL) {
		luaL_error(L, "cannot wait here: this is no tasklet");
		return NULL;
	}
	if (locked > 0 || !lua_isyieldable(L))
		luaL_error(L, "cannot wait here: called by a function that "
			      "cannot be suspended (such as string.gsub, "
			      "table.sort, load or coroutine.close)");
	if (tasklet->raises)
		tasklet_check(L, tasklet);
	return tasklet;
}

int
co_wait(lua_State *L, lua_KContext context, lua_KFunction continuation)
{
	co_tasklet(L)->innermost = L;
	waits = true;
	return lua_yieldk(L, 0, context, continuation);
}

static int
resume(lua_State *co, lua_State *from, int arguments, int *results)
{
	lua_State *outer = running;
	int status;

	running = co;
	status = lua_resume(co, from, arguments, results);
	running = outer;
	return status;
}

int
co_resume(lua_State *thread, lua_State *from, int arguments, int *results)
{
	int status = resume(thread, from, arguments, results);

	if (status != LUA_YIELD || !waits)
		return status;
	waits = false;
	return CO_WAITS;
}

int
co_reset(lua_State *thread)
{
	int status;

	locked++;
	status = lua_resetthread(thread);
	locked--;
	return status;
}

/* --- interrupting one that runs ------------------------------------------- */

/* An error that came at an earlier interrupt is raised at this one: until then
   it had time to get to a wait, where it is better raised. */
static void
interrupt_hook(lua_State *L, lua_Debug *ar)
{
	struct tasklet *tasklet = co_tasklet(L);

	lua_sethook(L, NULL, 0, 0);
	lua_getinfo(L, "S", ar);
	if (tasklet == NULL || prelude_has(ar))
		return;
	tasklet_check(L, tasklet);
	if (locked > 0 || !lua_isyieldable(L))
		return;
	sched_ready_first(tasklet);
	tasklet->innermost = L;
	waits = true;
	lua_yield(L, 0);
}

void
co_interrupt(void)
{
	if (running != NULL && lua_gethook(running) == NULL)
		lua_sethook(running, interrupt_hook, LUA_MASKCOUNT, 1);
}

/* --- resuming one that is not a tasklet's own ----------------------------- */

static bool
is_base(lua_State *L)
{
	return co_tasklet(L) != NULL && co_tasklet(L)->thread == L;
}

static lua_State *
get_co(lua_State *L)
{
	lua_State *co = lua_tothread(L, 1);

	luaL_argexpected(L, co, 1, "coroutine");
	return co;
}

static bool
is_finished(lua_State *co)
{
	return lua_status(co) == LUA_OK && lua_gettop(co) == 0;
}

/* Whether it can be resumed; else pushes why not. */
static bool
check_resumable(lua_State *L, lua_State *co, int arguments)
{
	lua_Debug ar;

	if (!lua_checkstack(co, arguments))
		lua_pushliteral(L, "too many arguments to resume");
	else if (*owner(co) != NULL || co == L ||
		 (lua_status(co) == LUA_OK && lua_getstack(co, 0, &ar)))
		lua_pushliteral(L, "cannot resume non-suspended coroutine");
	else if (is_finished(co) ||
		 (lua_status(co) != LUA_OK && lua_status(co) != LUA_YIELD))
		lua_pushliteral(L, "cannot resume dead coroutine");
	else
		return true;
	return false;
}

/* Moves what it gave to L: the count of values, or -1 with an error value. */
static int
take_results(lua_State *L, lua_State *co, int status, int results)
{
	if (status != LUA_OK && status != LUA_YIELD) {
		lua_xmove(co, L, 1);
		return -1;
	}
	if (!lua_checkstack(L, results + 1)) {
		lua_pop(co, results);
		lua_pushliteral(L, "too many results to resume");
		return -1;
	}
	lua_xmove(co, L, results);
	return results;
}

/*
 * Runs it once: the results, or -1 with an error, as take_results gives them.
 * Where it waits this does not return, and `continuation` goes on, which is to
 * call it again.
 */
static int
run(lua_State *L, lua_State *co, int arguments, lua_KFunction continuation)
{
	bool can_yield = lua_isyieldable(L);
	int status, results;

	*owner(co) = co_tasklet(L);
	if (!can_yield)
		locked++;
	status = resume(co, L, arguments, &results);
	if (!can_yield)
		locked--;
	if (status == LUA_YIELD && waits)
		return lua_yieldk(L, 0, 0, continuation);
	*owner(co) = NULL;
	return take_results(L, co, status, results);
}

static int
finish_resume(lua_State *L, int results)
{
	if (results < 0) {
		lua_pushboolean(L, 0);
		lua_insert(L, -2);
		return 2;
	}
	lua_pushboolean(L, 1);
	lua_insert(L, -(results + 1));
	return results + 1;
}

static int
resume_continue(lua_State *L, int status, lua_KContext context)
{
	(void)status;
	(void)context;
	return finish_resume(L, run(L, lua_tothread(L, 1), 0, resume_continue));
}

static int
co_resume_function(lua_State *L)
{
	lua_State *co = get_co(L);
	int arguments = lua_gettop(L) - 1;

	if (!check_resumable(L, co, arguments))
		return finish_resume(L, -1);
	lua_xmove(L, co, arguments);
	return finish_resume(L, run(L, co, arguments, resume_continue));
}

/* Closes it within the tasklet, if any, of the caller. */
static int
close_inside(lua_State *L, lua_State *co)
{
	int status;

	*owner(co) = co_tasklet(L);
	status = co_reset(co);
	*owner(co) = NULL;
	return status;
}

/* As Lua's own: an error closes the coroutine, and says where it was called. */
static int
finish_wrap(lua_State *L, int results)
{
	lua_State *co = lua_tothread(L, lua_upvalueindex(1));
	int status;

	if (results >= 0)
		return results;
	status = lua_status(co);
	if (status != LUA_OK && status != LUA_YIELD) {
		close_inside(L, co);
		lua_pop(L, 1);
		lua_xmove(co, L, 1);
	}
	if (status != LUA_ERRMEM && lua_type(L, -1) == LUA_TSTRING) {
		luaL_where(L, 1);
		lua_insert(L, -2);
		lua_concat(L, 2);
	}
	return lua_error(L);
}

static int
wrap_continue(lua_State *L, int status, lua_KContext context)
{
	lua_State *co = lua_tothread(L, lua_upvalueindex(1));

	(void)status;
	(void)context;
	return finish_wrap(L, run(L, co, 0, wrap_continue));
}

static int
wrap_call(lua_State *L)
{
	lua_State *co = lua_tothread(L, lua_upvalueindex(1));
	int arguments = lua_gettop(L);

	if (!check_resumable(L, co, arguments))
		return finish_wrap(L, -1);
	lua_xmove(L, co, arguments);
	return finish_wrap(L, run(L, co, arguments, wrap_continue));
}

static int
co_wrap_function(lua_State *L)
{
	lua_State *co;

	luaL_checktype(L, 1, LUA_TFUNCTION);
	co = lua_newthread(L);
	lua_pushvalue(L, 1);
	lua_xmove(L, co, 1);
	lua_pushcclosure(L, wrap_call, 1);
	return 1;
}

/* --- the rest of the table ------------------------------------------------ */

static const char *
status_of(lua_State *L, lua_State *co)
{
	lua_Debug ar;

	if (L == co)
		return "running";
	if (*owner(co) != NULL)
		return "normal";
	if (lua_status(co) == LUA_YIELD)
		return "suspended";
	if (lua_status(co) != LUA_OK)
		return "dead";
	if (lua_getstack(co, 0, &ar))
		return "normal";
	return lua_gettop(co) == 0 ? "dead" : "suspended";
}

static int
co_status_function(lua_State *L)
{
	lua_pushstring(L, status_of(L, get_co(L)));
	return 1;
}

static int
co_close_function(lua_State *L)
{
	lua_State *co = get_co(L);
	const char *status = status_of(L, co);

	if (*status != 's' && *status != 'd')
		return luaL_error(L, "cannot close a %s coroutine", status);
	if (close_inside(L, co) == LUA_OK) {
		lua_pushboolean(L, 1);
		return 1;
	}
	lua_pushboolean(L, 0);
	lua_xmove(co, L, 1);
	return 2;
}

static int
co_yield_function(lua_State *L)
{
	if (is_base(L))
		return luaL_error(
		    L, "attempt to yield from outside a coroutine");
	return lua_yield(L, lua_gettop(L));
}

static int
co_isyieldable_function(lua_State *L)
{
	lua_State *co = lua_isthread(L, 1) ? lua_tothread(L, 1) : L;

	lua_pushboolean(L, lua_isyieldable(co) && !is_base(co));
	return 1;
}

static int
co_running_function(lua_State *L)
{
	int is_main = lua_pushthread(L);

	lua_pushboolean(L, is_main || is_base(L));
	return 2;
}

void
co_open(lua_State *L)
{
	static const luaL_Reg functions[] = {
	    {"close", co_close_function},
	    {"isyieldable", co_isyieldable_function},
	    {"resume", co_resume_function},
	    {"running", co_running_function},
	    {"status", co_status_function},
	    {"wrap", co_wrap_function},
	    {"yield", co_yield_function},
	    {NULL, NULL},
	};

	lua_getglobal(L, LUA_COLIBNAME);
	luaL_setfuncs(L, functions, 0);
	lua_pop(L, 1);
}
