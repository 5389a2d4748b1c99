/* JSON between Lua values and text: exact both ways. */
#ifndef CLIENT_LUA_JSON_H
#define CLIENT_LUA_JSON_H

#include <stddef.h>
#include <jansson.h>
#include <lua.h>

/*
 * null is json.null, a light userdata NULL. An integer is an integer and a
 * float a float: 1.0 is written "1.0", and -0 is the float -0.0. A table is an
 * array, also an empty one made in Lua, unless its first key is a string or
 * json.object marked it; what was decoded stays what it was, also emptied.
 * Tables are read raw: without their metamethods.
 *
 * Refused, with the path to it, is what JSON does not have or would not give
 * back the same: nil, functions, userdata, threads, NaN and infinities,
 * strings that are not UTF-8, U+0000 in keys, mixed keys, holes, tables within
 * themselves, and nesting deeper than LIMIT_NESTING.
 *
 * Each function below may raise a Lua error, one of memory too, and is to be
 * called protected. jansson's allocation must not fail: json_set_alloc_funcs
 * with xmalloc.
 */

/*
 * Pushes the table `json`: null, object(table), encode(value), decode(text).
 * To be called once in a state, and before the other two.
 */
void json_open(lua_State *L);

/* Text that grows, by xrealloc; begins as {0}. Its owner, who called
   json_encode, frees data with free(), after an error too. */
struct json_text {
	char *data; /* without a NUL at its end */
	size_t length, size;
};

/*
 * Appends the compact text of the value at the index. An error is a string
 * ("at .a[3].f: a function is no JSON value"), behind the position of the Lua
 * function that called, if one did; the length is then as it was.
 */
void json_encode(lua_State *L, int index, struct json_text *out);

/* Pushes what a value (borrowed) is. It must not nest deeper than
   request_parse allows. */
void json_push(lua_State *L, const json_t *value);

#endif
