/* What a tasklet is doing, for `show`. */
#include "config.h"

#include "client/lua/describe.h"

#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>

#include "client/lua/extra.h"
#include "client/lua/prelude.h"
#include "client/lua/runtime.h"
#include "client/lua/sched.h"
#include "client/lua/tasklet.h"
#include "proto/xalloc.h"

struct description {
	struct tasklet *tasklet;
	json_t *object;
};

/* File names may be any bytes. */
static void
set_text(json_t *object, const char *key, const char *text)
{
	json_t *string = json_string(text);
	char *plain, *p;

	if (string == NULL) {
		plain = xstrdup(text);
		for (p = plain; *p != '\0'; p++)
			if (*p < 0)
				*p = '?';
		string = json_string(plain);
		free(plain);
	}
	json_object_set_new(object, key, string);
}

static void
describe_sleep(const struct tasklet *t, json_t *object)
{
	int64_t left = t->stopped ? t->deadline : t->deadline - sched_now();
	char *text = xasprintf(
	    "sleep, %.3f s left", left < 0 ? 0.0 : (double)left / 1e9);

	set_text(object, "wait", text);
	free(text);
}

static const struct tasklet *
joined_by(const struct tasklet *t)
{
	return (const struct tasklet *)((const char *)t->waits_on -
					offsetof(struct tasklet, joiners));
}

static const struct tasklet *
called_by(const struct tasklet *t)
{
	const struct extra *extra =
	    (const struct extra *)((const char *)t->waits_on -
				   offsetof(struct extra, callers));

	return extra->of;
}

static void
describe_other(
    lua_State *L, const char *what, const struct tasklet *t, json_t *object)
{
	tasklet_push(L, t);
	luaL_tolstring(L, -1, NULL);
	lua_pushfstring(L, "%s of %s", what, lua_tostring(L, -1));
	set_text(object, "wait", lua_tostring(L, -1));
	lua_pop(L, 3);
}

static void
describe_wait(lua_State *L, const struct tasklet *t, json_t *object)
{
	switch (t->state) {
	case TASKLET_SLEEPING:
		describe_sleep(t, object);
		break;
	case TASKLET_JOINING:
		describe_other(L, "join", joined_by(t), object);
		break;
	case TASKLET_CALLING:
		describe_other(L, "the reply", called_by(t), object);
		break;
	case TASKLET_RECEIVING:
		set_text(object, "wait", "a message");
		break;
	case TASKLET_OFFERING:
		set_text(object, "wait", "a receiver at a channel");
		break;
	case TASKLET_TAKING:
		set_text(object, "wait", "a sender at a channel");
		break;
	case TASKLET_ASKING:
		set_text(object, "wait", "the daemon's answer");
		break;
	case TASKLET_ENDING:
		set_text(object, "wait", "its end");
		break;
	default:
		break;
	}
}

/* The line of Lua that it is at: the innermost that is the user's own. */
static void
describe_line(lua_State *L, lua_State *thread, json_t *object)
{
	lua_Debug ar;
	int level;

	for (level = 0; lua_getstack(thread, level, &ar); level++) {
		lua_getinfo(thread, "Sl", &ar);
		if (ar.currentline <= 0 || prelude_has(&ar))
			continue;
		lua_pushfstring(L, "%s:%d", ar.short_src, ar.currentline);
		set_text(object, "line", lua_tostring(L, -1));
		lua_pop(L, 1);
		return;
	}
}

static int
describe(lua_State *L)
{
	const struct description *d = lua_touserdata(L, 1);
	const struct tasklet *t = d->tasklet;
	lua_State *thread = t->innermost != NULL ? t->innermost : t->thread;

	set_text(d->object, "state", tasklet_state_name(t));
	describe_wait(L, t, d->object);
	tasklet_push(L, t);
	lua_getiuservalue(L, -1, VALUE_PLACE);
	set_text(d->object, "created_at", lua_tostring(L, -1));
	extra_push_missed(L, t);
	if (lua_isinteger(L, -1))
		json_object_set_new(
		    d->object, "missed", json_integer(lua_tointeger(L, -1)));
	if (thread == NULL || !t->started)
		return 0;
	describe_line(L, thread, d->object);
	luaL_traceback(L, thread, NULL, 0);
	if (thread != t->thread) {
		lua_pushliteral(L, "\n");
		luaL_traceback(L, t->thread, NULL, 0);
		lua_concat(L, 3);
	}
	set_text(d->object, "traceback", lua_tostring(L, -1));
	return 0;
}

json_t *
describe_tasklet(struct tasklet *tasklet)
{
	struct description description = {tasklet, json_object()};

	runtime_call(describe, &description);
	return description.object;
}
