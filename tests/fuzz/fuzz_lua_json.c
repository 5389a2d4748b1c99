/*
 * JSON between Lua values and text.
 *
 * An input that begins with 't' is behind it a text to decode. Any other makes
 * a value to encode; each character below pushes something, or puts what is on
 * top into the table below it. The last one left on top is the value.
 *
 *   n nil  0 null  + true  - false  f function  u userdata  c coroutine
 *   i integer, d float: 8 bytes     s string: its length, a byte; the bytes
 *   { table  [ one marked as an array  ( one marked as an object
 *   r what is there already: a byte says how far down
 *   , appends the top             = sets the key below the top to the top
 */
#include "config.h"

#include <locale.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include <lauxlib.h>

#include "client/lua/json.h"
#include "client/lua/json_impl.h"
#include "proto/compact.h"
#include "proto/limits.h"
#include "proto/request.h"
#include "proto/xalloc.h"
#include "tests/fuzz/fuzz.h"

/* Each could double what is written. */
#define REFERENCES 8

struct input {
	const char *data;
	size_t left;
	int references; /* that may still come */
};

/* --- a value ------------------------------------------------------------ */

static void
take(struct input *input, void *to, size_t size)
{
	size_t taken = size < input->left ? size : input->left;

	memset(to, 0, size);
	memcpy(to, input->data, taken);
	input->data += taken;
	input->left -= taken;
}

static void
push_integer(lua_State *L, struct input *input)
{
	lua_Integer integer;

	take(input, &integer, sizeof integer);
	lua_pushinteger(L, integer);
}

static void
push_float(lua_State *L, struct input *input)
{
	lua_Number number;

	take(input, &number, sizeof number);
	lua_pushnumber(L, number);
}

static void
push_string(lua_State *L, struct input *input)
{
	char text[UINT8_MAX];
	uint8_t length;

	take(input, &length, 1);
	take(input, text, length);
	lua_pushlstring(L, text, length);
}

static void
push_table(lua_State *L, const char *text)
{
	json_t *value = json_loads(text, 0, NULL);

	json_push(L, value);
	json_decref(value);
}

static void
push_reference(lua_State *L, struct input *input)
{
	uint8_t down;

	take(input, &down, 1);
	if (down < lua_gettop(L) && input->references-- > 0)
		lua_pushvalue(L, -1 - down);
}

static void
append(lua_State *L)
{
	if (lua_gettop(L) >= 2 && lua_istable(L, -2))
		lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
}

static void
set(lua_State *L)
{
	if (lua_gettop(L) < 3 || !lua_istable(L, -3) || lua_isnil(L, -2) ||
	    (lua_type(L, -2) == LUA_TNUMBER && isnan(lua_tonumber(L, -2))))
		return;
	lua_rawset(L, -3);
}

static int
do_nothing(lua_State *L)
{
	(void)L;
	return 0;
}

static void
build_part(lua_State *L, struct input *input, char what)
{
	switch (what) {
	case 'n':
		lua_pushnil(L);
		break;
	case '0':
		lua_pushlightuserdata(L, NULL);
		break;
	case '+':
	case '-':
		lua_pushboolean(L, what == '+');
		break;
	case 'f':
		lua_pushcfunction(L, do_nothing);
		break;
	case 'u':
		lua_newuserdatauv(L, 1, 0);
		break;
	case 'c':
		lua_newthread(L);
		break;
	case 'i':
		push_integer(L, input);
		break;
	case 'd':
		push_float(L, input);
		break;
	case 's':
		push_string(L, input);
		break;
	case '{':
		lua_newtable(L);
		break;
	case '[':
		push_table(L, "[]");
		break;
	case '(':
		push_table(L, "{}");
		break;
	case 'r':
		push_reference(L, input);
		break;
	case ',':
		append(L);
		break;
	case '=':
		set(L);
		break;
	}
}

static void
build(lua_State *L, struct input *input)
{
	char what;

	while (input->left > 0) {
		take(input, &what, 1);
		luaL_checkstack(L, LUA_MINSTACK, NULL);
		build_part(L, input, what);
	}
	if (lua_gettop(L) == 0)
		lua_pushnil(L);
}

/* --- what is to be ------------------------------------------------------ */

static bool
is_array(lua_State *L, int table)
{
	enum json_mark mark = json_mark_of(L, table);
	bool is_named;

	if (mark != JSON_MARK_NONE)
		return mark == JSON_MARK_ARRAY;
	lua_pushnil(L);
	if (!lua_next(L, table))
		return true;
	is_named = lua_type(L, -2) == LUA_TSTRING;
	lua_pop(L, 2);
	return !is_named;
}

static bool
is_utf8(lua_State *L, int index)
{
	size_t length;
	const char *text = lua_tolstring(L, index, &length);
	json_t *string = json_stringn(text, length);

	json_decref(string);
	return string != NULL;
}

static bool
is_key(lua_State *L, int key, bool in_array, size_t members)
{
	size_t length;
	const char *text;

	if (in_array)
		return lua_isinteger(L, key) && lua_tointeger(L, key) >= 1 &&
		       (size_t)lua_tointeger(L, key) <= members;
	if (lua_type(L, key) != LUA_TSTRING)
		return false;
	text = lua_tolstring(L, key, &length);
	return strlen(text) == length && is_utf8(L, key);
}

static size_t
members_of(lua_State *L, int table)
{
	size_t members = 0;

	for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1))
		members++;
	return members;
}

static bool is_json(lua_State *L, int value, int levels);

static bool
is_json_table(lua_State *L, int table, int levels)
{
	bool in_array = is_array(L, table), good = levels > 0;
	size_t members = members_of(L, table);
	int top = lua_gettop(L);

	lua_pushnil(L);
	while (good && lua_next(L, table)) {
		good = is_key(L, top + 1, in_array, members) &&
		       is_json(L, top + 2, levels - 1);
		lua_settop(L, top + 1);
	}
	lua_settop(L, top);
	return good;
}

/* A cycle is too deep, too. */
static bool
is_json(lua_State *L, int value, int levels)
{
	luaL_checkstack(L, LUA_MINSTACK, NULL);
	switch (lua_type(L, value)) {
	case LUA_TBOOLEAN:
		return true;
	case LUA_TLIGHTUSERDATA:
		return lua_touserdata(L, value) == NULL;
	case LUA_TNUMBER:
		return isfinite(lua_tonumber(L, value));
	case LUA_TSTRING:
		return is_utf8(L, value);
	case LUA_TTABLE:
		return is_json_table(L, value, levels);
	default:
		return false;
	}
}

static void check_same(lua_State *L, int a, int b);

static void
check_same_tables(lua_State *L, int a, int b)
{
	int top = lua_gettop(L);

	fuzz_check(is_array(L, a) == is_array(L, b));
	fuzz_check(members_of(L, a) == members_of(L, b));
	lua_pushnil(L);
	while (lua_next(L, a)) {
		lua_pushvalue(L, top + 1);
		lua_rawget(L, b);
		check_same(L, top + 2, top + 3);
		lua_settop(L, top + 1);
	}
}

/* To the bit. */
static void
check_same(lua_State *L, int a, int b)
{
	lua_Number x, y;

	luaL_checkstack(L, LUA_MINSTACK, NULL);
	fuzz_check(lua_type(L, a) == lua_type(L, b));
	fuzz_check(lua_isinteger(L, a) == lua_isinteger(L, b));
	if (lua_istable(L, a))
		check_same_tables(L, a, b);
	else if (lua_type(L, a) == LUA_TNUMBER && !lua_isinteger(L, a)) {
		x = lua_tonumber(L, a);
		y = lua_tonumber(L, b);
		fuzz_check(memcmp(&x, &y, sizeof x) == 0);
	} else
		fuzz_check(lua_rawequal(L, a, b));
}

/* --- one input ---------------------------------------------------------- */

/* Calls json.NAME with the one value on the stack: what it gives, or the
   error, comes behind it. */
static int
call(lua_State *L, const char *name)
{
	lua_getfield(L, lua_upvalueindex(1), name);
	lua_pushvalue(L, -2);
	return lua_pcall(L, 1, 1, 0);
}

static void
check_message(lua_State *L)
{
	fuzz_check(lua_type(L, -1) == LUA_TSTRING);
	fuzz_check(is_utf8(L, -1));
	fuzz_check(lua_rawlen(L, -1) > 0 && lua_rawlen(L, -1) < 10000);
}

/* Of text that was written: that the protocol's own would be the same. */
static void
check_compact(const char *text, size_t length)
{
	json_t *error, *value = request_parse(text, length, &error);
	char *compact;

	fuzz_check(value != NULL);
	compact = compact_text(value);
	fuzz_check(strlen(compact) == length);
	fuzz_check(memcmp(compact, text, length) == 0);
	free(compact);
	json_decref(value);
}

static void
check_value(lua_State *L)
{
	int value = lua_gettop(L);
	bool good = is_json(L, value, LIMIT_NESTING);
	const char *text;
	size_t length;

	fuzz_check((call(L, "encode") == LUA_OK) == good);
	if (!good) {
		check_message(L);
		return;
	}
	text = lua_tolstring(L, -1, &length);
	check_compact(text, length);
	fuzz_check(call(L, "decode") == LUA_OK);
	check_same(L, value, lua_gettop(L));
}

/* What was decoded, which is on top. jansson has no -0 but the float's. */
static void
check_decoded(lua_State *L, const struct input *input, const json_t *value)
{
	json_t *error, *again;
	const char *text;
	size_t length;

	if (memmem(input->data, input->left, "-0", 2) != NULL)
		return;
	fuzz_check(call(L, "encode") == LUA_OK);
	text = lua_tolstring(L, -1, &length);
	again = request_parse(text, length, &error);
	fuzz_check(json_equal(value, again));
	json_decref(again);
	lua_pop(L, 1);
}

static void
check_text(lua_State *L, const struct input *input)
{
	json_t *error = NULL, *value;

	value = request_parse(input->data, input->left, &error);
	lua_pushlstring(L, input->data, input->left);
	fuzz_check((call(L, "decode") == LUA_OK) == (value != NULL));
	if (value == NULL)
		check_message(L);
	else {
		check_decoded(L, input, value);
		check_value(L);
	}
	json_decref(value);
	json_decref(error);
}

static int
run(lua_State *L)
{
	struct input input = *(struct input *)lua_touserdata(L, 1);

	lua_settop(L, 0);
	if (*input.data == 't') {
		input.data++;
		input.left--;
		check_text(L, &input);
	} else {
		build(L, &input);
		check_value(L);
	}
	return 0;
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	setlocale(LC_CTYPE, "C.UTF-8");
	json_set_alloc_funcs(xmalloc, free);
	json_object_seed(1);
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {(const char *)data, size, REFERENCES};
	lua_State *L;

	if (size == 0)
		return 0;
	L = luaL_newstate();
	json_open(L);
	lua_pushcclosure(L, run, 1);
	lua_pushlightuserdata(L, &input);
	fuzz_check(lua_pcall(L, 1, 0, 0) == LUA_OK);
	lua_close(L);
	return 0;
}
