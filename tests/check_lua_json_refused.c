/* What Lua values JSON does not have, and what text is no JSON: refused by its
   path or position. */
#include "config.h"

#include "client/lua/json.h"

#include <stdlib.h>

#include "proto/xalloc.h"
#include "tests/lua_expr.h"
#include "tests/unit.h"

static void
expect_refused(const char *value, const char *wanted)
{
	char *expression = xasprintf("refusal(encode, %s)", value);

	expect(expression, wanted);
	free(expression);
}

/* --- encoding ----------------------------------------------------------- */

START_TEST(what_json_does_not_have_is_refused)
{
	expect_refused("nil", "nil is no JSON value: null is json.null");
	expect_refused("print", "a function is no JSON value");
	expect_refused("io.stdout", "a userdata is no JSON value");
	expect_refused("coroutine.create(print)", "a thread is no JSON value");
	expect_refused("0/0", "NaN is no JSON value");
	expect_refused("-(0/0)", "NaN is no JSON value");
	expect_refused("1/0", "an infinity is no JSON value");
	expect_refused("-1/0", "an infinity is no JSON value");
}
END_TEST

START_TEST(the_error_tells_the_path)
{
	expect_refused("{a = {1, 2, {f = print}}}",
	    "at .a[3].f: a function is no JSON value");
	expect_refused("{print}", "at [1]: a function is no JSON value");
	expect_refused("{a1_ = print}", "at .a1_: a function is no JSON value");
	expect_refused("{['1a'] = {['a b'] = print}}",
	    "at [\"1a\"][\"a b\"]: a function is no JSON value");
	expect_refused("{['\\u{e9}\\n'] = print}",
	    "at [\"\xc3\xa9\\n\"]: a function is no JSON value");
	expect_refused(
	    "{[''] = print}", "at [\"\"]: a function is no JSON value");
}
END_TEST

START_TEST(the_path_is_of_the_value_alone_that_is_refused)
{
	expect_refused("{{1, {2}}, {a = 1}, {{}, {}, 0/0}}",
	    "at [3][3]: NaN is no JSON value");
}
END_TEST

START_TEST(a_path_does_not_swamp_the_message)
{
	expect_true("#refusal(encode, nest(500, print)) < 200");
	expect_refused("nest(33, print)",
	    "at [1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1]..."
	    "[1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1]: "
	    "a function is no JSON value");
	expect_true("#refusal(encode, {[('x'):rep(1e6)] = print}) < 300");
	expect_true("utf8.len(refusal(encode, "
		    "{[('\\u{20ac}'):rep(1e6)] = print})) < 200");
}
END_TEST

START_TEST(an_error_has_the_position_of_the_script_that_called)
{
	expect("refusal(function() return (encode(print)) end)",
	    "x:1: a function is no JSON value");
	expect("refusal(function() return (decode('[')) end):match('^x:1: ')",
	    "x:1: ");
}
END_TEST

START_TEST(a_string_that_is_not_utf_8_is_refused)
{
	static const char *const strings[] = {
	    "'\\xff'", "'a\\xe9'", "'\\x80'", "'\\xc3'",
	    "'\\xc0\\x80'",	      /* U+0000, too long */
	    "'\\xed\\xa0\\x80'",      /* U+D800 */
	    "'\\xed\\xbf\\xbf'",      /* U+DFFF */
	    "'\\xf4\\x90\\x80\\x80'", /* U+110000 */
	};
	char *table;
	size_t i;

	for (i = 0; i < sizeof strings / sizeof strings[0]; i++) {
		expect_refused(strings[i], "a string that is not UTF-8");
		table = xasprintf("{a = {%s}}", strings[i]);
		expect_refused(table, "at .a[1]: a string that is not UTF-8");
		free(table);
		table = xasprintf("{a = {[%s] = 1}}", strings[i]);
		expect_refused(table, "at .a: a key that is not UTF-8");
		free(table);
	}
	expect_refused("{['\\xff'] = 1}", "a key that is not UTF-8");
}
END_TEST

START_TEST(u_0000_is_refused_in_keys_alone)
{
	expect("encode {a = 'b\\0c'}", "{\"a\":\"b\\u0000c\"}");
	expect_refused(
	    "{a = {['b\\0c'] = 1}}", "at .a[\"b\"...]: U+0000 in a key");
	expect_refused("{['\\0'] = 1}", "at [\"\"...]: U+0000 in a key");
}
END_TEST

START_TEST(a_table_within_itself_is_refused)
{
	expect_refused("(function() local t = {} t[1] = t return t end)()",
	    "at [1]: a table within itself");
	expect_refused("(function() local t = {1, {}} t[2].up = t "
		       "return {a = t} end)()",
	    "at .a[2].up: a table within itself");
}
END_TEST

START_TEST(mixed_keys_are_refused)
{
	expect_refused("{1, 2, x = 3}",
	    "at .x: no key of an array: those are 1, 2, 3, ...");
	expect_refused("{a = {[0] = 1}}",
	    "at .a[0]: no key of an array: those are 1, 2, 3, ...");
	expect_refused("{[-1] = 1}",
	    "at [-1]: no key of an array: those are 1, 2, 3, ...");
	expect_refused("{[1.5] = 1}",
	    "at [1.5]: no key of an array: those are 1, 2, 3, ...");
	expect_refused("{[true] = 1}",
	    "at [boolean]: no key of an array: those are 1, 2, 3, ...");
	expect_refused("{[{}] = 1}",
	    "at [table]: no key of an array: those are 1, 2, 3, ...");
	expect_refused(
	    "object {1}", "at [1]: no key of an object: those are strings");
	expect_refused("object {[2.5] = 1}",
	    "at [2.5]: no key of an object: those are strings");
}
END_TEST

/* Which of the two is found first depends on the table. */
START_TEST(a_number_beside_a_name_is_refused_in_any_order)
{
	expect_true("refusal(encode, {x = 1, [1 << 40] = 2}):find("
		    "': no key of an ', 1, true) ~= nil");
}
END_TEST

START_TEST(what_was_decoded_as_an_array_takes_no_names)
{
	expect_refused("(function() local t = decode '[]' t.x = 1 "
		       "return t end)()",
	    "at .x: no key of an array: those are 1, 2, 3, ...");
}
END_TEST

START_TEST(holes_are_refused)
{
	expect_refused(
	    "{1, nil, 3}", "at [2]: nil is no JSON value: null is json.null");
	expect_refused("{a = {[2] = 1}}",
	    "at .a[1]: nil is no JSON value: null is json.null");
	expect_refused("{[1] = 1, [math.maxinteger] = 2}",
	    "at [2]: nil is no JSON value: null is json.null");
}
END_TEST

START_TEST(tables_nest_as_deep_as_the_protocol_says)
{
	expect_true("comes_back(nest(512, 1))");
	expect_true("refusal(encode, nest(513, 1)):match("
		    "'^at [^:]*: (.*)$') == 'tables nest deeper than 512'");
	expect_true("refusal(encode, nest(1e5, 1)):match("
		    "'^at [^:]*: (.*)$') == 'tables nest deeper than 512'");
	expect_true("decode(('['):rep(512) .. (']'):rep(512)) ~= nil");
	expect_true("refusal(decode, ('['):rep(513) .. (']'):rep(513)):find("
		    "'nest deeper than 512', 1, true) ~= nil");
	expect_true("refusal(decode, ('['):rep(1e6)) ~= false");
}
END_TEST

START_TEST(a_metatable_of_another_s_is_not_replaced)
{
	expect_true("refusal(object, setmetatable({}, {})):find("
		    "'it has a metatable, which json.object would replace', "
		    "1, true) ~= nil");
	expect_true("refusal(object, 1):find('table expected') ~= nil");
	expect_true("refusal(object):find('table expected') ~= nil");
	expect_true("refusal(encode):find('value expected') ~= nil");
}
END_TEST

/* --- decoding ----------------------------------------------------------- */

START_TEST(what_is_no_json_is_refused_with_its_position)
{
	expect("refusal(decode, '[1,]')",
	    "Parse error: byte 4: unexpected token near ']'");
	expect("refusal(decode, '')",
	    "Parse error: byte 0: unexpected token near end of file");
	expect_true("refusal(decode, '1 2'):find('byte 3: ', 1, true) ~= nil");
	expect_true("refusal(decode, '{\"a\":1,\"a\":2}'):find("
		    "'duplicate object key', 1, true) ~= nil");
	expect_true("refusal(decode, '9223372036854775808'):find("
		    "'too big integer', 1, true) ~= nil");
	expect_true("refusal(decode, '-9223372036854775809') ~= false");
	expect_true("refusal(decode, '1e999') ~= false");
	expect_true("refusal(decode, 'NaN') ~= false");
	expect_true("refusal(decode, '-00') ~= false");
	expect_true("refusal(decode, '[-0,') ~= false");
	expect_true("refusal(decode, [[\"\\ud800\"]]) ~= false");
	expect_true("refusal(decode, [[\"\\udc00\\ud800\"]]) ~= false");
	expect_true("refusal(decode, [[{\"a\\u0000\":1}]]) ~= false");
	expect_true("refusal(decode, '\"\\xff\"') ~= false");
	expect_true("refusal(decode, '1\\0') ~= false");
	expect_true("refusal(decode) ~= false");
	expect_true("refusal(decode, {}) ~= false");
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    what_json_does_not_have_is_refused,
	    the_error_tells_the_path,
	    the_path_is_of_the_value_alone_that_is_refused,
	    a_path_does_not_swamp_the_message,
	    an_error_has_the_position_of_the_script_that_called,
	    a_string_that_is_not_utf_8_is_refused,
	    u_0000_is_refused_in_keys_alone,
	    a_table_within_itself_is_refused,
	    mixed_keys_are_refused,
	    a_number_beside_a_name_is_refused_in_any_order,
	    what_was_decoded_as_an_array_takes_no_names,
	    holes_are_refused,
	    tables_nest_as_deep_as_the_protocol_says,
	    a_metatable_of_another_s_is_not_replaced,
	    what_is_no_json_is_refused_with_its_position,
	};

	return unit_run("lua_json_refused", lua_expr_setup, lua_expr_teardown,
	    tests, sizeof tests / sizeof tests[0]);
}
