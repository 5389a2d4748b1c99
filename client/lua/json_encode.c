/* Lua values as JSON text. */
#include "config.h"

#include "client/lua/json.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <lauxlib.h>

#include "client/lua/json_impl.h"
#include "client/lua/name.h"
#include "proto/compact.h"
#include "proto/error.h"
#include "proto/limits.h"
#include "proto/xalloc.h"

/*
 * A value being written. On Lua's stack are, from `base`, for each table that
 * is open: the table, its key at hand and, on top or as the next table, the
 * value of that key.
 */
struct encoder {
	lua_State *L;
	struct json_text *out;
	size_t length; /* of out, so far */
	int base, depth;
	const void *open[LIMIT_NESTING];
};

/* --- text --------------------------------------------------------------- */

static void
append(struct encoder *e, const char *data, size_t length)
{
	struct json_text *out = e->out;

	if (out->size - e->length < length) {
		out->size = 2 * out->size + length + 64;
		out->data = xrealloc(out->data, out->size);
	}
	memcpy(out->data + e->length, data, length);
	e->length += length;
}

static void
append_plain(struct encoder *e, const char *text)
{
	append(e, text, strlen(text));
}

static int
append_cb(const char *data, size_t length, void *encoder)
{
	append(encoder, data, length);
	return 0;
}

static bool
needs_no_escape(const char *text, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		if (text[i] < 0x20 || text[i] > 0x7e || text[i] == '"' ||
		    text[i] == '\\')
			return false;
	return true;
}

/* False where it is not UTF-8. */
static bool
append_string(struct encoder *e, const char *text, size_t length)
{
	json_t *string;

	if (needs_no_escape(text, length)) {
		append(e, "\"", 1);
		append(e, text, length);
		append(e, "\"", 1);
		return true;
	}
	string = json_stringn(text, length);
	if (string == NULL)
		return false;
	json_dump_callback(string, append_cb, e, JSON_ENCODE_ANY);
	json_decref(string);
	return true;
}

/* --- what is refused ---------------------------------------------------- */

static bool
is_identifier(const char *text)
{
	static const char letters_and_digits[] =
	    "_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

	return *text != '\0' && (*text < '0' || *text > '9') &&
	       text[strspn(text, letters_and_digits)] == '\0';
}

static void
append_string_key(struct encoder *e, const char *key, size_t length)
{
	size_t shown = (size_t)error_quote_length(key);
	bool whole = shown == length;

	if (whole && is_identifier(key)) {
		append_plain(e, ".");
		append_plain(e, key);
		return;
	}
	append_plain(e, "[");
	append_string(e, key, shown);
	append_plain(e, whole ? "]" : "...]");
}

static void
append_key(struct encoder *e, int index)
{
	lua_State *L = e->L;
	const char *key;
	size_t length;

	if (lua_type(L, index) == LUA_TSTRING) {
		key = lua_tolstring(L, index, &length);
		append_string_key(e, key, length);
		return;
	}
	if (lua_type(L, index) == LUA_TNUMBER)
		luaL_tolstring(L, index, NULL);
	else
		lua_pushstring(L, luaL_typename(L, index));
	append_plain(e, "[");
	append_plain(e, lua_tostring(L, -1));
	append_plain(e, "]");
	lua_pop(L, 1);
}

/* A path that is long is told by its two ends. */
static void
append_path(struct encoder *e)
{
	int i;

	append_plain(e, "at ");
	for (i = 0; i < e->depth; i++) {
		if (i == 16 && e->depth > 32) {
			append_plain(e, "...");
			i = e->depth - 16;
		}
		append_key(e, e->base + 2 * i + 1);
	}
	append_plain(e, ": ");
}

/* Raises the error, about the key at hand or its value. The path is written
   behind the text, and left there. */
static _Noreturn void
refuse(struct encoder *e, const char *what)
{
	lua_State *L = e->L;
	size_t begin = e->length;

	if (e->depth > 0)
		append_path(e);
	append_plain(e, what);
	name_push_where(L);
	lua_pushlstring(L, e->out->data + begin, e->length - begin);
	lua_concat(L, 2);
	lua_error(L);
	__builtin_unreachable();
}

/* --- encoding ----------------------------------------------------------- */

static void encode_value(struct encoder *e);

static void
encode_number(struct encoder *e)
{
	lua_State *L = e->L;
	char text[COMPACT_REAL_SIZE];

	if (lua_isinteger(L, -1)) {
		snprintf(
		    text, sizeof text, LUA_INTEGER_FMT, lua_tointeger(L, -1));
		append_plain(e, text);
		return;
	}
	if (isnan(lua_tonumber(L, -1)))
		refuse(e, "NaN is no JSON value");
	if (isinf(lua_tonumber(L, -1)))
		refuse(e, "an infinity is no JSON value");
	compact_real(text, lua_tonumber(L, -1));
	append_plain(e, text);
}

static void
encode_string(struct encoder *e)
{
	size_t length;
	const char *text = lua_tolstring(e->L, -1, &length);

	if (!append_string(e, text, length))
		refuse(e, "a string that is not UTF-8");
}

/* The key is below the top. What is not UTF-8 cannot be part of the path. */
static void
encode_key(struct encoder *e)
{
	const char *key;
	size_t length;

	if (lua_type(e->L, -2) != LUA_TSTRING)
		refuse(e, "no key of an object: those are strings");
	key = lua_tolstring(e->L, -2, &length);
	if (memchr(key, '\0', length) != NULL)
		refuse(e, "U+0000 in a key");
	if (!append_string(e, key, length)) {
		e->depth--;
		refuse(e, "a key that is not UTF-8");
	}
	append_plain(e, ":");
}

static void
encode_object(struct encoder *e)
{
	const char *comma = "";

	append_plain(e, "{");
	lua_pushnil(e->L);
	while (lua_next(e->L, -2)) {
		append_plain(e, comma);
		encode_key(e);
		encode_value(e);
		lua_pop(e->L, 1);
		comma = ",";
	}
	append_plain(e, "}");
}

/* The highest index. Where it is not the number of keys there are holes,
   which will be refused as nil. */
static lua_Integer
last_index(struct encoder *e)
{
	lua_State *L = e->L;
	lua_Integer last = 0;

	lua_pushnil(L);
	while (lua_next(L, -2)) {
		if (!lua_isinteger(L, -2) || lua_tointeger(L, -2) < 1)
			refuse(e, "no key of an array: those are 1, 2, 3, ...");
		if (lua_tointeger(L, -2) > last)
			last = lua_tointeger(L, -2);
		lua_pop(L, 1);
	}
	return last;
}

static void
encode_array(struct encoder *e)
{
	lua_Integer last = last_index(e), i;

	append_plain(e, "[");
	for (i = 1; i <= last; i++) {
		if (i > 1)
			append_plain(e, ",");
		lua_pushinteger(e->L, i);
		lua_rawgeti(e->L, -2, i);
		encode_value(e);
		lua_pop(e->L, 2);
	}
	append_plain(e, "]");
}

static bool
is_object(lua_State *L)
{
	enum json_mark mark = json_mark_of(L, -1);
	bool is_named;

	if (mark != JSON_MARK_NONE)
		return mark == JSON_MARK_OBJECT;
	lua_pushnil(L);
	if (!lua_next(L, -2))
		return false;
	is_named = lua_type(L, -2) == LUA_TSTRING;
	lua_pop(L, 2);
	return is_named;
}

static void
encode_table(struct encoder *e)
{
	const void *table = lua_topointer(e->L, -1);
	int i;

	for (i = 0; i < e->depth; i++)
		if (e->open[i] == table)
			refuse(e, "a table within itself");
	if (e->depth == LIMIT_NESTING)
		refuse(e, lua_pushfstring(e->L, "tables nest deeper than %d",
			      LIMIT_NESTING));
	luaL_checkstack(e->L, LUA_MINSTACK, NULL);
	e->open[e->depth++] = table;
	if (is_object(e->L))
		encode_object(e);
	else
		encode_array(e);
	e->depth--;
}

/* What is on top. */
static void
encode_value(struct encoder *e)
{
	lua_State *L = e->L;

	switch (lua_type(L, -1)) {
	case LUA_TBOOLEAN:
		append_plain(e, lua_toboolean(L, -1) ? "true" : "false");
		return;
	case LUA_TNUMBER:
		encode_number(e);
		return;
	case LUA_TSTRING:
		encode_string(e);
		return;
	case LUA_TTABLE:
		encode_table(e);
		return;
	case LUA_TLIGHTUSERDATA:
		if (lua_touserdata(L, -1) != NULL)
			break;
		append_plain(e, "null");
		return;
	case LUA_TNIL:
		refuse(e, "nil is no JSON value: null is json.null");
	}
	refuse(e,
	    lua_pushfstring(L, "a %s is no JSON value", luaL_typename(L, -1)));
}

void
json_encode(lua_State *L, int index, struct json_text *out)
{
	struct encoder e = {.L = L, .out = out, .length = out->length};

	luaL_checkstack(L, LUA_MINSTACK, NULL);
	lua_pushvalue(L, index);
	e.base = lua_gettop(L);
	encode_value(&e);
	lua_pop(L, 1);
	out->length = e.length;
}
