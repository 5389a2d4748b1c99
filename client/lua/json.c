/* The table `json`, the marks on tables, and JSON as Lua values. */
#include "config.h"

#include "client/lua/json.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>

#include "client/lua/json_impl.h"
#include "proto/request.h"
#include "proto/xalloc.h"

/* Keys of the registry, by their addresses: the metatables that mark a table,
   and that of a box. */
static const char array_mark, object_mark, box_meta;

/* What Lua's collector frees where an error is raised past it. */
struct box {
	struct json_text text;
	json_t *value;
};

/* --- marks -------------------------------------------------------------- */

static const void *
mark(lua_State *L, const char *key)
{
	const void *meta;

	lua_rawgetp(L, LUA_REGISTRYINDEX, key);
	meta = lua_topointer(L, -1);
	lua_pop(L, 1);
	return meta;
}

enum json_mark
json_mark_of(lua_State *L, int index)
{
	const void *meta;

	if (!lua_getmetatable(L, index))
		return JSON_MARK_NONE;
	meta = lua_topointer(L, -1);
	lua_pop(L, 1);
	if (meta == mark(L, &array_mark))
		return JSON_MARK_ARRAY;
	return meta == mark(L, &object_mark) ? JSON_MARK_OBJECT :
					       JSON_MARK_NONE;
}

/* --- decoding ----------------------------------------------------------- */

/* `marks` is where on the stack the two marks are, that of arrays first. */
static void push_value(lua_State *L, const json_t *value, int marks);

static void
push_array(lua_State *L, const json_t *array, int marks)
{
	json_t *member;
	size_t i;

	lua_createtable(L, (int)json_array_size(array), 0);
	json_array_foreach (array, i, member) {
		push_value(L, member, marks);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	lua_pushvalue(L, marks);
	lua_setmetatable(L, -2);
}

static void
push_object(lua_State *L, const json_t *object, int marks)
{
	const char *key;
	json_t *member;

	lua_createtable(L, 0, (int)json_object_size(object));
	json_object_foreach ((json_t *)object, key, member) {
		lua_pushstring(L, key);
		push_value(L, member, marks);
		lua_rawset(L, -3);
	}
	lua_pushvalue(L, marks + 1);
	lua_setmetatable(L, -2);
}

/* Recursion is bounded: request_parse refuses what nests deeper. */
static void
push_value(lua_State *L, const json_t *value, int marks)
{
	luaL_checkstack(L, LUA_MINSTACK, NULL);
	switch (json_typeof(value)) {
	case JSON_NULL:
		lua_pushlightuserdata(L, NULL);
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		lua_pushboolean(L, json_is_true(value));
		break;
	case JSON_INTEGER:
		lua_pushinteger(L, json_integer_value(value));
		break;
	case JSON_REAL:
		lua_pushnumber(L, json_real_value(value));
		break;
	case JSON_STRING:
		lua_pushlstring(
		    L, json_string_value(value), json_string_length(value));
		break;
	case JSON_ARRAY:
		push_array(L, value, marks);
		break;
	case JSON_OBJECT:
		push_object(L, value, marks);
		break;
	}
}

void
json_push(lua_State *L, const json_t *value)
{
	int marks = lua_gettop(L) + 1;

	luaL_checkstack(L, LUA_MINSTACK, NULL);
	lua_rawgetp(L, LUA_REGISTRYINDEX, &array_mark);
	lua_rawgetp(L, LUA_REGISTRYINDEX, &object_mark);
	push_value(L, value, marks);
	lua_replace(L, marks);
	lua_settop(L, marks);
}

/* A zero with a sign and nothing behind it, in text known as JSON. */
static bool
is_minus_zero(const char *text, size_t i, size_t length)
{
	if (length - i < 2 || text[i] != '-' || text[i + 1] != '0')
		return false;
	if (i > 0 && strchr("eE", text[i - 1]) != NULL)
		return false;
	return length - i == 2 || strchr(".eE", text[i + 2]) == NULL;
}

/*
 * Only a float has a zero with a sign, and jansson reads -0 as an integer. The
 * text, known as JSON, with -0.0 in its place, to be freed; NULL where it has
 * none.
 */
static char *
spell_minus_zeros(const char *text, size_t *length)
{
	char *spelt, *to;
	bool in_string = false;
	size_t i;

	if (memmem(text, *length, "-0", 2) == NULL)
		return NULL;
	spelt = to = xmalloc(2 * *length);
	for (i = 0; i < *length; i++) {
		if (text[i] == '"')
			in_string = !in_string;
		if (in_string && text[i] == '\\')
			*to++ = text[i++];
		*to++ = text[i];
		if (!in_string && i > 0 &&
		    is_minus_zero(text, i - 1, *length)) {
			*to++ = '.';
			*to++ = '0';
		}
	}
	*length = (size_t)(to - spelt);
	return spelt;
}

/* --- the table `json` ----------------------------------------------------- */

static void
box_empty(struct box *box)
{
	free(box->text.data);
	json_decref(box->value);
	*box = (struct box){0};
}

static int
box_gc(lua_State *L)
{
	box_empty(lua_touserdata(L, 1));
	return 0;
}

static struct box *
box_push(lua_State *L)
{
	struct box *box = lua_newuserdatauv(L, sizeof *box, 0);

	*box = (struct box){0};
	lua_rawgetp(L, LUA_REGISTRYINDEX, &box_meta);
	lua_setmetatable(L, -2);
	return box;
}

static int
encode(lua_State *L)
{
	struct box *box;

	luaL_checkany(L, 1);
	box = box_push(L);
	json_encode(L, 1, &box->text);
	lua_pushlstring(L, box->text.data, box->text.length);
	box_empty(box);
	return 1;
}

/* The value, or the error that says why there is none. */
static json_t *
parse(const char *text, size_t length, json_t **error)
{
	json_t *value = request_parse(text, length, error);
	char *spelt;

	if (value == NULL)
		return NULL;
	spelt = spell_minus_zeros(text, &length);
	if (spelt == NULL)
		return value;
	json_decref(value);
	value = request_parse(spelt, length, error);
	free(spelt);
	return value;
}

static int
decode(lua_State *L)
{
	json_t *error = NULL;
	struct box *box;
	const char *text;
	size_t length;

	text = luaL_checklstring(L, 1, &length);
	box = box_push(L);
	box->value = parse(text, length, &error);
	if (box->value == NULL) {
		box->value = error;
		return luaL_error(L, "%s",
		    json_string_value(json_object_get(error, "message")));
	}
	json_push(L, box->value);
	box_empty(box);
	return 1;
}

static int
object(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	if (json_mark_of(L, 1) == JSON_MARK_NONE && lua_getmetatable(L, 1))
		return luaL_argerror(L, 1,
		    "it has a metatable, which json.object would replace");
	lua_rawgetp(L, LUA_REGISTRYINDEX, &object_mark);
	lua_setmetatable(L, 1);
	lua_settop(L, 1);
	return 1;
}

void
json_open(lua_State *L)
{
	static const luaL_Reg functions[] = {
	    {"object", object},
	    {"encode", encode},
	    {"decode", decode},
	    {NULL, NULL},
	};

	luaL_checkstack(L, LUA_MINSTACK, NULL);
	lua_newtable(L);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &array_mark);
	lua_newtable(L);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &object_mark);
	lua_newtable(L);
	lua_pushcfunction(L, box_gc);
	lua_setfield(L, -2, "__gc");
	lua_rawsetp(L, LUA_REGISTRYINDEX, &box_meta);
	luaL_newlib(L, functions);
	lua_pushlightuserdata(L, NULL);
	lua_setfield(L, -2, "null");
}
