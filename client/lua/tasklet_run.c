/* How tasklets run and end. */
#include "config.h"

#include "client/lua/tasklet_impl.h"

#include <string.h>

#include <jansson.h>
#include <lauxlib.h>

#include "client/lua/channel.h"
#include "client/lua/co.h"
#include "client/lua/ids.h"
#include "client/lua/json.h"
#include "client/lua/limit.h"
#include "client/lua/line.h"
#include "client/lua/link.h"
#include "client/lua/mailbox.h"
#include "client/lua/prelude.h"
#include "client/lua/runtime.h"
#include "client/lua/sched.h"
#include "proto/reply.h"

/* A table in the registry: errors to be raised, by the slot of the tasklet. */
static const char raised_key;

void
tasklet_run_open(lua_State *L)
{
	lua_newtable(L);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &raised_key);
}

/* Pushes the error that it is to raise, which is kept no more. */
static void
take_raised(lua_State *L, struct tasklet *t)
{
	t->raises = false;
	lua_rawgetp(L, LUA_REGISTRYINDEX, &raised_key);
	lua_rawgeti(L, -1, t->slot);
	lua_pushnil(L);
	lua_rawseti(L, -3, t->slot);
	lua_remove(L, -2);
}

/* --- its end -------------------------------------------------------------- */

static void
settle(lua_State *L, struct tasklet *t, enum tasklet_state state)
{
	if (t->raises) {
		take_raised(L, t);
		lua_pop(L, 1);
	}
	t->state = (uint8_t)state;
	sched_wake_all(&t->joiners);
	if (t->id != 0)
		ids_remove(t);
	tasklet_let_go(L, t);
}

/* Whether how it ends is for the daemon to say. */
static bool
ends_elsewhere(const struct tasklet *t)
{
	return !t->provided && !t->refused &&
	       (t->cancelled || t->scope != SCOPE_DETACH);
}

static void joined_cb(void *arg, const struct reply *reply);

/* Once, before its end is told: then it is still there to be joined. */
static void
ask_outcome(struct tasklet *t)
{
	if (t->asked)
		return;
	t->asked = true;
	line_begin("join");
	line_add_task("task");
	line_send(link_expect(joined_cb, t), t);
}

static int
encode_result(lua_State *L)
{
	if (lua_isnil(L, 1)) {
		lua_pushlightuserdata(L, NULL); /* json.null */
		lua_replace(L, 1);
	}
	line_begin("finish");
	line_add_task("task");
	line_add_value(L, "result", 1);
	line_check(L);
	return 0;
}

static int
encode_failure(lua_State *L)
{
	prelude_push(L, "to_wire");
	lua_pushvalue(L, 1);
	lua_call(L, 1, 1);
	line_begin("finish");
	line_add_task("task");
	line_add_value(L, "error", -1);
	line_check(L);
	return 0;
}

/* Calls it with a copy of the top of the stack: false, with an error on top,
   where it raised one. */
static bool
try(lua_State *L, lua_CFunction function)
{
	lua_pushcfunction(L, function);
	lua_pushvalue(L, -2);
	return lua_pcall(L, 1, 0, 0) == LUA_OK;
}

/* Replaces the error value on top by the error that its joiners see. */
static void
make_failure(lua_State *L, lua_State *thread)
{
	prelude_push(L, "failure");
	lua_insert(L, -2);
	/* A cancel is no fault: its trace, which takes time, is not looked at.
	 */
	if (thread != NULL && !co_tasklet(thread)->cancelled)
		luaL_traceback(L, thread, NULL, 0);
	else
		lua_pushnil(L);
	lua_call(L, 2, 1);
}

/* With the failure on top: makes the line of it, in a shorter way where the
   daemon would not take it. */
static void
make_failure_line(lua_State *L)
{
	if (try(L, encode_failure))
		return;
	make_failure(L, NULL);
	if (!try(L, encode_failure))
		lua_error(L);
}

/* With its result on top: makes the line of it. What the daemon would not take
   fails the task: then that failure is on top instead. */
static bool
make_result_line(lua_State *L)
{
	if (try(L, encode_result))
		return true;
	lua_pushliteral(L, "its result cannot be sent: ");
	lua_insert(L, -2);
	luaL_tolstring(L, -1, NULL);
	lua_remove(L, -2);
	lua_concat(L, 2);
	lua_remove(L, -2);
	make_failure(L, NULL);
	make_failure_line(L);
	return false;
}

struct ending {
	struct tasklet *tasklet;
	int status, results;
};

/* Pushes what it ended with, as its joiners see it, and makes the line. */
static bool
take_outcome(lua_State *L, const struct ending *ending)
{
	lua_State *thread = ending->tasklet->thread;

	if (ending->status == LUA_OK) {
		if (ending->results == 0)
			lua_pushnil(L);
		else {
			lua_pop(thread, ending->results - 1);
			lua_xmove(thread, L, 1);
		}
		return make_result_line(L);
	}
	lua_xmove(thread, L, 1);
	make_failure(L, thread);
	co_reset(thread);
	make_failure_line(L);
	return false;
}

/* Where nobody else would tell of it. */
static void
report(lua_State *L, const struct tasklet *t, int index)
{
	if (t->cancelled || t->awaited || t->provided ||
	    !TAILQ_EMPTY(&t->joiners))
		return;
	prelude_push(L, "report");
	lua_pushvalue(L, index);
	lua_pushvalue(L, -3);
	lua_call(L, 2, 0);
}

static int
end(lua_State *L)
{
	const struct ending *ending = lua_touserdata(L, 1);
	struct tasklet *t = ending->tasklet;
	bool done;

	if (ends_elsewhere(t))
		ask_outcome(t);
	tasklet_push(L, t);
	lua_getiuservalue(L, 2, VALUE_THREAD);
	done = take_outcome(L, ending);
	if (!t->refused)
		line_send(0, t);
	if (!done)
		report(L, t, 2);
	lua_pushvalue(L, -1);
	lua_setiuservalue(L, 2, VALUE_THREAD);
	t->thread = t->innermost = NULL;
	lua_settop(L, 3);
	tasklet_give_back(L, ending->status);
	mailbox_close(L, t);
	if (ends_elsewhere(t))
		t->state = TASKLET_ENDING;
	else
		settle(L, t,
		    t->cancelled ? TASKLET_CANCELLED :
		    done	 ? TASKLET_DONE :
				   TASKLET_FAILED);
	return 0;
}

void
tasklet_run(struct tasklet *t)
{
	struct ending ending = {.tasklet = t};
	int arguments = t->started ? 0 : lua_gettop(t->thread) - 1;

	t->started = true;
	t->state = TASKLET_RUNNING;
	ending.status =
	    co_resume(t->thread, runtime_state(), arguments, &ending.results);
	if (ending.status == CO_WAITS) {
		/* Where it goes on for too long, it is ended without it. */
		if (t->cancelled && ends_elsewhere(t))
			ask_outcome(t);
		return;
	}
	if (ending.status == LUA_YIELD) {
		/* By a C function that knows no tasklets. */
		lua_pop(t->thread, ending.results);
		t->innermost = t->thread;
		sched_ready(t);
		return;
	}
	runtime_call(end, &ending);
}

/* --- errors for it -------------------------------------------------------- */

/* Of one that never ran: the error on top is what it ends with. */
static void
end_unstarted(lua_State *L, struct tasklet *t)
{
	struct ending ending = {.tasklet = t, .status = LUA_ERRRUN};

	sched_remove(t);
	lua_settop(t->thread, 0);
	lua_xmove(L, t->thread, 1);
	runtime_call(end, &ending);
}

void
tasklet_raise(lua_State *L, struct tasklet *t)
{
	if (t->thread == NULL) {
		lua_pop(L, 1);
		return;
	}
	if (!t->started) {
		end_unstarted(L, t);
		return;
	}
	lua_rawgetp(L, LUA_REGISTRYINDEX, &raised_key);
	lua_insert(L, -2);
	lua_rawseti(L, -2, t->slot);
	lua_pop(L, 1);
	channel_take_back(L, t);
	t->raises = true;
	if (t->state != TASKLET_READY)
		sched_wake(t);
}

void
tasklet_check(lua_State *L, struct tasklet *t)
{
	bool ran_out = t->limited && t->timed_out;

	t->limited = false;
	if (ran_out && !t->raises)
		limit_raise(L, t);
	if (!t->raises)
		return;
	take_raised(L, t);
	lua_error(L);
}

/* --- replies -------------------------------------------------------------- */

struct answer {
	struct tasklet *tasklet;
	const struct reply *reply;
};

static void
push_error(lua_State *L, const json_t *error)
{
	prelude_push(L, "from_wire");
	json_push(L, error);
	lua_call(L, 1, 1);
}

static int
refuse(lua_State *L)
{
	const struct answer *answer = lua_touserdata(L, 1);
	struct tasklet *t = answer->tasklet;

	t->refused = true;
	if (!tasklet_has_ended(t)) {
		push_error(L, answer->reply->error);
		tasklet_raise(L, t);
	}
	line_send_held(L);
	return 0;
}

static int
accept_id(lua_State *L)
{
	const struct answer *answer = lua_touserdata(L, 1);
	struct tasklet *t = answer->tasklet;

	t->id =
	    json_integer_value(json_object_get(answer->reply->result, "id"));
	if (!tasklet_has_ended(t))
		ids_add(t);
	line_send_held(L);
	return 0;
}

void
tasklet_hosted_cb(void *arg, const struct reply *reply)
{
	struct answer answer = {arg, reply};

	runtime_call(reply->error != NULL ? refuse : accept_id, &answer);
}

static enum tasklet_state
state_of(const char *name)
{
	if (strcmp(name, "cancelled") == 0)
		return TASKLET_CANCELLED;
	if (strcmp(name, "timeout") == 0)
		return TASKLET_TIMEOUT;
	return TASKLET_FAILED;
}

void
tasklet_abandon(lua_State *L, struct tasklet *t)
{
	prelude_push(L, "report_abandoned");
	tasklet_push(L, t);
	lua_call(L, 1, 0);
	channel_take_back(L, t);
	sched_remove(t);
	t->thread = t->innermost = NULL;
	t->state = TASKLET_ENDING;
	mailbox_close(L, t);
	if (t->provided)
		settle(L, t, TASKLET_CANCELLED);
}

/* The error of the join says how it ended, unless the daemon ended it before,
   and has let it go. */
static int
end_joined(lua_State *L)
{
	const struct answer *answer = lua_touserdata(L, 1);
	struct tasklet *t = answer->tasklet;
	json_t *error = answer->reply->error, *cause;
	enum tasklet_state state = TASKLET_DONE;
	const char *name;

	if (t->thread != NULL)
		tasklet_abandon(L, t);
	if (error != NULL) {
		state = t->cancelled ? TASKLET_CANCELLED : TASKLET_FAILED;
		if (json_unpack(error, "{s:{s:s, s:o}}", "data", "state", &name,
			"cause", &cause) == 0) {
			state = state_of(name);
			error = cause;
		}
		tasklet_push(L, t);
		push_error(L, error);
		lua_setiuservalue(L, -2, VALUE_THREAD);
	}
	settle(L, t, state);
	return 0;
}

static void
joined_cb(void *arg, const struct reply *reply)
{
	struct answer answer = {arg, reply};

	runtime_call(end_joined, &answer);
}
