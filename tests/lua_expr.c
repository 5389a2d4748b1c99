/* Expressions of Lua, and what they give. */
#include "config.h"

#include "tests/lua_expr.h"

#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>
#include <lualib.h>

#include "client/lua/json.h"
#include "proto/xalloc.h"
#include "tests/unit.h"

lua_State *L;

void
lua_expr_setup(void)
{
	const char *source = getenv("top_srcdir");
	char *path =
	    xasprintf("%s/tests/lua_json.lua", source == NULL ? "." : source);

	json_set_alloc_funcs(xmalloc, free);
	L = luaL_newstate();
	luaL_openlibs(L);
	json_open(L);
	lua_setglobal(L, "json");
	ck_assert_msg(
	    luaL_dofile(L, path) == LUA_OK, "%s", lua_tostring(L, -1));
	lua_settop(L, 0);
	free(path);
}

void
lua_expr_teardown(void)
{
	lua_close(L);
}

/* What an expression gives, as a string that is good until the next one. */
static const char *
result_of(const char *expression)
{
	const char *text;

	lua_settop(L, 0);
	text = lua_pushfstring(L, "return tostring((%s))", expression);
	if (luaL_loadbufferx(L, text, strlen(text), "=x", "t") == LUA_OK)
		lua_pcall(L, 0, 1, 0);
	text = lua_tostring(L, -1);
	ck_assert_msg(
	    text != NULL, "an error that is no string: %s", expression);
	return text;
}

void
expect(const char *expression, const char *wanted)
{
	const char *text = result_of(expression);

	ck_assert_msg(strcmp(text, wanted) == 0, "%s is %.200s, not %s",
	    expression, text, wanted);
}

void
expect_true(const char *expression)
{
	expect(expression, "true");
}
