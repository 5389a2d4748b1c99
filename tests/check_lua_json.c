/* JSON between Lua values and text: exact both ways, or refused by its path. */
#include "config.h"

#include "client/lua/json.h"

#include <lauxlib.h>
#include <lualib.h>

#include "proto/xalloc.h"
#include "tests/unit.h"

static lua_State *L;

static void
setup(void)
{
	json_set_alloc_funcs(xmalloc, free);
	L = luaL_newstate();
	luaL_openlibs(L);
	json_open(L);
	lua_setglobal(L, "json");
}

static void
teardown(void)
{
	lua_close(L);
}

/* What an expression gives, as a string that lives until the next one. */
static const char *
result_of(const char *expression)
{
	const char *text;

	lua_settop(L, 0);
	lua_pushfstring(L, "return tostring((%s))", expression);
	if (luaL_loadbufferx(
		L, lua_tostring(L, 1), lua_rawlen(L, 1), "=x", "t") == LUA_OK)
		lua_pcall(L, 0, 1, 0);
	text = lua_tostring(L, -1);
	ck_assert_ptr_nonnull(text);
	return text;
}

static void
expect(const char *expression, const char *wanted)
{
	ck_assert_str_eq(result_of(expression), wanted);
}

START_TEST(scalars_are_written_as_they_are)
{
	expect("json.encode(json.null)", "null");
	expect("json.encode(true)", "true");
	expect("json.encode(false)", "false");
	expect("json.encode(1)", "1");
	expect("json.encode('a')", "\"a\"");
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    scalars_are_written_as_they_are,
	};

	return unit_run(
	    "lua_json", setup, teardown, tests, sizeof tests / sizeof tests[0]);
}
