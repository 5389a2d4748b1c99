/* JSON between Lua values and text: exact both ways. */
#include "config.h"

#include "client/lua/json.h"

#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>

#include "proto/request.h"
#include "proto/xalloc.h"
#include "tests/lua_expr.h"
#include "tests/unit.h"

/* Of a value that is an expression. */
static void
expect_text(const char *value, const char *wanted)
{
	char *expression = xasprintf("encode(%s)", value);

	expect(expression, wanted);
	free(expression);
}

/* --- encoding ----------------------------------------------------------- */

START_TEST(scalars_are_written_as_they_are)
{
	expect_text("null", "null");
	expect_text("true", "true");
	expect_text("false", "false");
	expect_text("''", "\"\"");
	expect_text("'a b'", "\"a b\"");
}
END_TEST

START_TEST(an_integer_is_written_with_all_its_digits)
{
	expect_text("0", "0");
	expect_text("-1", "-1");
	expect_text("(1 << 53) + 1", "9007199254740993");
	expect_text("math.maxinteger", "9223372036854775807");
	expect_text("math.mininteger", "-9223372036854775808");
}
END_TEST

START_TEST(a_float_is_written_as_one_and_as_short_as_it_comes_back)
{
	expect_text("1.0", "1.0");
	expect_text("0.0", "0.0");
	expect_text("-0.0", "-0.0");
	expect_text("0.1", "0.1");
	expect_text("0.1 + 0.2", "0.30000000000000004");
	expect_text("2^53", "9007199254740992.0");
	expect_text("2^63", "9.223372036854776e+18");
	expect_text("1e300", "1e+300");
	expect_text("5e-324", "4.94065645841247e-324");
	expect_text("1e15", "1e+15");
	expect_text("123456789012345.0", "123456789012345.0");
}
END_TEST

START_TEST(strings_are_escaped_where_json_wants_it)
{
	expect_text(
	    "'\"\\\\\\n\\t\\0\\x1f'", "\"\\\"\\\\\\n\\t\\u0000\\u001F\"");
	expect_text("'\\x7f'", "\"\x7f\"");
	expect_text("'\\u{e9}\\u{20ac}\\u{1f600}'",
	    "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"");
}
END_TEST

START_TEST(a_table_is_an_array_unless_its_first_key_is_a_string)
{
	expect_text("{}", "[]");
	expect_text("{1, 2.0, {}}", "[1,2.0,[]]");
	expect_text("{[3] = 3, [1] = 1, [2] = 2}", "[1,2,3]");
	expect_text("{[1.0] = 1}", "[1]");
	expect_text("{a = {b = {}}}", "{\"a\":{\"b\":[]}}");
	expect_text("{['1'] = 1}", "{\"1\":1}");
	expect_text("{['a\\n'] = 1}", "{\"a\\n\":1}");
	expect_text("{[''] = 1}", "{\"\":1}");
	expect_text("{null, {a = null}}", "[null,{\"a\":null}]");
}
END_TEST

START_TEST(a_table_marked_as_an_object_is_one_also_when_empty)
{
	expect_text("object {}", "{}");
	expect_text("{object {}, {}}", "[{},[]]");
	expect_text("object(object {})", "{}");
	expect_text("object(decode '[]')", "{}");
	expect_true("(function() local t = {} return object(t) == t end)()");
}
END_TEST

START_TEST(tables_are_read_raw)
{
	expect_text("setmetatable({1}, {__index = {1, 2, 3}, __len = error, "
		    "__pairs = error, __tostring = error})",
	    "[1]");
	expect_text("setmetatable({a = 1}, {__index = error})", "{\"a\":1}");
}
END_TEST

START_TEST(a_table_may_be_there_more_than_once)
{
	expect_text("(function() local t = {1} return {t, t, {t}} end)()",
	    "[[1],[1],[[1]]]");
}
END_TEST

/* --- decoding ----------------------------------------------------------- */

START_TEST(a_value_is_read_as_what_it_is)
{
	expect_true("decode 'null' == null");
	expect_true("decode 'true'");
	expect_true("decode 'false' == false");
	expect_true("same(decode '1', 1)");
	expect_true("same(decode ' 1 ', 1)");
	expect_true("same(decode '1.0', 1.0)");
	expect_true("same(decode '1e2', 100.0)");
	expect_true("same(decode '9223372036854775807', math.maxinteger)");
	expect_true("same(decode '-9223372036854775808', math.mininteger)");
	expect_true(
	    "decode [[\"a\\u0000\\ud83d\\ude00\"]] == 'a\\0\\u{1f600}'");
	expect_true("same(decode '[1,[2.0],{\"a\":null}]', "
		    "{1, {2.0}, {a = null}})");
}
END_TEST

START_TEST(a_zero_with_a_sign_is_a_float)
{
	expect_true("same(decode '-0', -0.0)");
	expect_true("same(decode '-0.0', -0.0)");
	expect_true("same(decode '-0e1', -0.0)");
	expect_true("same(decode '0', 0)");
	expect_true("same(decode '[-0,-0 ,{\"-0\":-0}]', "
		    "{-0.0, -0.0, {['-0'] = -0.0}})");
	expect_true("same(decode '[1e-0,1E-05,-0.5,-0]', "
		    "{1.0, 1e-5, -0.5, -0.0})");
	expect_true("same(decode [=[[\"-0,\\\"-0\",\"\\\\\",-0]]=], "
		    "{'-0,\"-0', '\\\\', -0.0})");
}
END_TEST

START_TEST(what_was_decoded_stays_what_it_was_when_emptied)
{
	expect_text("decode '[]'", "[]");
	expect_text("decode '{}'", "{}");
	expect_text("decode '[[],{}]'", "[[],{}]");
	expect_text("decode '{\"a\":{}}'", "{\"a\":{}}");
	expect_text("(function() local t = decode '[1]' t[1] = nil "
		    "return t end)()",
	    "[]");
	expect_text("(function() local t = decode '{\"a\":1}' t.a = nil "
		    "return t end)()",
	    "{}");
}
END_TEST

START_TEST(what_is_decoded_is_the_script_s_to_change)
{
	expect_text("(function() local t = decode '[1,2]' t[3] = {} "
		    "table.remove(t, 1) return t end)()",
	    "[2,[]]");
	expect_text("(function() local t = decode '{}' t.a = 1 "
		    "return t end)()",
	    "{\"a\":1}");
}
END_TEST

/* --- both --------------------------------------------------------------- */

START_TEST(random_values_come_back_the_same)
{
	char *expression = xasprintf(
	    "random_values_come_back(%lld, 3000)", (long long)unit_random());

	expect_true(expression);
	free(expression);
}
END_TEST

START_TEST(a_long_array_and_a_big_object_come_back_the_same)
{
	expect_true("(function() local a, o = {}, {} for i = 1, 100000 do "
		    "a[i] = i / 8 o['k' .. i] = i end "
		    "return comes_back({a, o}) end)()");
	expect_true("comes_back(('x'):rep(1e7))");
	expect_true("comes_back(('\\u{20ac}\\0'):rep(1e6))");
}
END_TEST

/* --- from C ------------------------------------------------------------- */

static int
encode_to(lua_State *state)
{
	json_encode(state, 1, lua_touserdata(state, 2));
	ck_assert_int_eq(lua_gettop(state), 2);
	return 0;
}

/* Encodes what an expression gives, as the runtime does. */
static int
append_value(const char *expression, struct json_text *out)
{
	lua_settop(L, 0);
	lua_pushcfunction(L, encode_to);
	ck_assert_int_eq(luaL_loadstring(L, expression), LUA_OK);
	lua_call(L, 0, 1);
	lua_pushlightuserdata(L, out);
	return lua_pcall(L, 2, 0, 0);
}

START_TEST(text_is_appended_and_left_alone_by_an_error)
{
	struct json_text out = {0};

	ck_assert_int_eq(append_value("return {1}", &out), LUA_OK);
	ck_assert_int_eq(
	    append_value("return {2, {a = print}}", &out), LUA_ERRRUN);
	ck_assert_str_eq(
	    lua_tostring(L, -1), "at [2].a: a function is no JSON value");
	ck_assert_int_eq(append_value("return {3}", &out), LUA_OK);
	ck_assert_uint_eq(out.length, 6);
	ck_assert_int_eq(memcmp(out.data, "[1][3]", 6), 0);
	free(out.data);
}
END_TEST

START_TEST(a_value_of_jansson_s_is_pushed_as_one_value)
{
	static const char text[] = "{\"a\":[1,-0.0,null,\"\\u0000\"]}";
	json_t *error, *value = request_parse(text, strlen(text), &error);

	lua_settop(L, 0);
	lua_pushinteger(L, 7);
	json_push(L, value);
	ck_assert_int_eq(lua_gettop(L), 2);
	lua_setglobal(L, "t");
	ck_assert_int_eq(lua_tointeger(L, 1), 7);
	expect_true("same(t, {a = {1, -0.0, null, '\\0'}})");
	json_decref(value);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    scalars_are_written_as_they_are,
	    an_integer_is_written_with_all_its_digits,
	    a_float_is_written_as_one_and_as_short_as_it_comes_back,
	    strings_are_escaped_where_json_wants_it,
	    a_table_is_an_array_unless_its_first_key_is_a_string,
	    a_table_marked_as_an_object_is_one_also_when_empty,
	    tables_are_read_raw,
	    a_table_may_be_there_more_than_once,
	    a_value_is_read_as_what_it_is,
	    a_zero_with_a_sign_is_a_float,
	    what_was_decoded_stays_what_it_was_when_emptied,
	    what_is_decoded_is_the_script_s_to_change,
	    random_values_come_back_the_same,
	    a_long_array_and_a_big_object_come_back_the_same,
	    text_is_appended_and_left_alone_by_an_error,
	    a_value_of_jansson_s_is_pushed_as_one_value,
	};

	return unit_run("lua_json", lua_expr_setup, lua_expr_teardown, tests,
	    sizeof tests / sizeof tests[0]);
}
