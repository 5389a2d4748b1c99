/* What few tasklets have: made when it is first used, gone when they end. */
#include "config.h"

#include "client/lua/extra.h"

#include <stdlib.h>

#include "proto/xalloc.h"

/* A table in the registry: the tables of tasklets, by slot. */
static const char tables_key;

void
extra_open(lua_State *L)
{
	lua_newtable(L);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &tables_key);
}

struct extra *
extra_get(struct tasklet *t)
{
	struct extra *extra = t->extra;

	if (extra != NULL)
		return extra;
	extra = xcalloc(1, sizeof *extra);
	extra->of = t;
	TAILQ_INIT(&extra->callers);
	LIST_INIT(&extra->limits);
	t->extra = extra;
	return extra;
}

/* A Local that nobody has any more takes its values along. */
static void
make_table(lua_State *L)
{
	lua_newtable(L);
	lua_createtable(L, 0, 1);
	lua_pushliteral(L, "k");
	lua_setfield(L, -2, "__mode");
	lua_setmetatable(L, -2);
}

void
extra_push_table(lua_State *L, const struct tasklet *t)
{
	lua_rawgetp(L, LUA_REGISTRYINDEX, &tables_key);
	if (lua_rawgeti(L, -1, t->slot) == LUA_TNIL) {
		lua_pop(L, 1);
		make_table(L);
		lua_pushvalue(L, -1);
		lua_rawseti(L, -3, t->slot);
	}
	lua_remove(L, -2);
}

void
extra_push_missed(lua_State *L, const struct tasklet *t)
{
	if (t->extra == NULL) {
		lua_pushnil(L);
		return;
	}
	extra_push_table(L, t);
	lua_getfield(L, -1, "missed");
	lua_remove(L, -2);
}

void
extra_free(lua_State *L, struct tasklet *t)
{
	if (t->extra == NULL)
		return;
	free(t->extra);
	t->extra = NULL;
	lua_rawgetp(L, LUA_REGISTRYINDEX, &tables_key);
	lua_pushnil(L);
	lua_rawseti(L, -2, t->slot);
	lua_pop(L, 1);
}
