/* JSON for Lua where Lua gets no memory: an error, nothing lost, and the state
   is good for more. */
#include "config.h"

#include "client/lua/json.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>

#include "proto/request.h"
#include "proto/xalloc.h"
#include "tests/unit.h"

/* Lua's memory. */
static struct {
	size_t bytes;  /* that a state holds */
	long left;     /* allocations until one fails; -1: none does */
	bool for_good; /* and all after it */
	bool failed;
} memory = {.left = -1};
static long json_pieces; /* that jansson holds */

static char *text;    /* a value */
static json_t *value; /* the same */
static struct json_text out;

/* --- memory that fails -------------------------------------------------- */

static bool
fails(void)
{
	if (memory.left == -1)
		return false;
	if (memory.left > 0) {
		memory.left--;
		return false;
	}
	if (!memory.for_good)
		memory.left = -1;
	memory.failed = true;
	return true;
}

/* Lua does not expect that what shrinks fails. */
static void *
lua_memory(void *arg, void *old, size_t old_size, size_t size)
{
	(void)arg;
	if (old == NULL)
		old_size = 0;
	if (size > old_size && fails())
		return NULL;
	memory.bytes += size - old_size;
	if (size > 0)
		return xrealloc(old, size);
	free(old);
	return NULL;
}

static void *
json_memory(size_t size)
{
	json_pieces++;
	return xmalloc(size);
}

static void
json_memory_free(void *piece)
{
	if (piece != NULL)
		json_pieces--;
	free(piece);
}

/* --- what is done with it ----------------------------------------------- */

static int
open_json(lua_State *L)
{
	json_open(L);
	lua_setglobal(L, "json");
	return 0;
}

/* Calls json.NAME with what is on top, and leaves what it gives. */
static void
call(lua_State *L, const char *name)
{
	lua_getglobal(L, "json");
	lua_getfield(L, -1, name);
	lua_remove(L, -2);
	lua_insert(L, -2);
	lua_call(L, 1, 1);
}

static int
decode_and_encode(lua_State *L)
{
	lua_pushstring(L, text);
	call(L, "decode");
	call(L, "encode");
	unit_check(lua_rawlen(L, -1) == strlen(text));
	return 0;
}

/* An error with a long path. */
static int
encode_what_is_refused(lua_State *L)
{
	lua_pushstring(L, text);
	call(L, "decode");
	lua_getfield(L, -1, "nested");
	lua_rawgeti(L, -1, 1);
	lua_pushcfunction(L, encode_what_is_refused);
	lua_setfield(L, -2, "function");
	lua_pop(L, 2);
	call(L, "encode");
	return 0;
}

static int
decode_what_is_refused(lua_State *L)
{
	lua_pushlstring(L, text, strlen(text) - 1);
	call(L, "decode");
	return 0;
}

static int
push_and_append(lua_State *L)
{
	json_push(L, value);
	out.length = 0;
	json_encode(L, -1, &out);
	unit_check(out.length == strlen(text));
	return 0;
}

static int
append_what_is_refused(lua_State *L)
{
	lua_newtable(L);
	lua_pushcfunction(L, append_what_is_refused);
	lua_setfield(L, -2, "function");
	out.length = 0;
	json_encode(L, -1, &out);
	return 0;
}

/* --- tests -------------------------------------------------------------- */

static void
setup(void)
{
	FILE *stream;
	json_t *error;
	size_t size;
	int i;

	json_set_alloc_funcs(json_memory, json_memory_free);
	stream = xopen_memstream(&text, &size);
	fputs("{\"nested\":[{},[[[]]]]", stream);
	for (i = 0; i < 100; i++)
		fprintf(stream, ",\"%d\":[%d,%d.5,\"\\n%d\",null,{\"a\":true}]",
		    i, -i, i, i);
	fputs("}", stream);
	fclose(stream);
	value = request_parse(text, size, &error);
}

static void
teardown(void)
{
	json_decref(value);
	ck_assert_int_eq(json_pieces, 0);
	free(text);
	free(out.data);
	out = (struct json_text){0};
	json_set_alloc_funcs(xmalloc, free);
}

static int
run(lua_State *L, lua_CFunction function, long left)
{
	int status;

	lua_settop(L, 0);
	lua_gc(L, LUA_GCCOLLECT);
	lua_pushcfunction(L, function);
	memory.failed = false;
	memory.left = left;
	status = lua_pcall(L, 0, 0, 0);
	memory.left = -1;
	return status;
}

static lua_State *
new_state(void)
{
	lua_State *L = lua_newstate(lua_memory, NULL);

	unit_check(run(L, open_json, -1) == LUA_OK);
	return L;
}

static void
delete_state(lua_State *L)
{
	lua_close(L);
	unit_check(memory.bytes == 0);
}

/* Fails each allocation in turn, until there are no more. The function ends
   as is wanted or for want of memory; the state is then good for more. */
static void
fail_each(lua_CFunction function, int wanted)
{
	lua_State *L = new_state();
	int status, errors = 0;
	long i = 0;

	do {
		status = run(L, function, i++);
		unit_check(status == wanted || status == LUA_ERRMEM);
		unit_check(memory.failed || status == wanted);
		errors += status == LUA_ERRMEM;
	} while (memory.failed);
	unit_check(run(L, decode_and_encode, -1) == LUA_OK);
	unit_check(errors > 0 || !memory.for_good);
	delete_state(L);
}

/* Each alone, where a collection helps, and with all that come after it. */
static void
fail_all(lua_CFunction function, int wanted)
{
	memory.for_good = false;
	fail_each(function, wanted);
	memory.for_good = true;
	fail_each(function, wanted);
}

START_TEST(a_table_json_is_made_whole_or_an_error_is_raised)
{
	fail_all(open_json, LUA_OK);
}
END_TEST

START_TEST(a_value_comes_back_or_an_error_is_raised)
{
	fail_all(decode_and_encode, LUA_OK);
}
END_TEST

START_TEST(a_value_is_refused_or_memory_is_out)
{
	fail_all(encode_what_is_refused, LUA_ERRRUN);
}
END_TEST

START_TEST(text_is_refused_or_memory_is_out)
{
	fail_all(decode_what_is_refused, LUA_ERRRUN);
}
END_TEST

START_TEST(what_c_owns_it_keeps)
{
	fail_all(push_and_append, LUA_OK);
	fail_all(append_what_is_refused, LUA_ERRRUN);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    a_table_json_is_made_whole_or_an_error_is_raised,
	    a_value_comes_back_or_an_error_is_raised,
	    a_value_is_refused_or_memory_is_out,
	    text_is_refused_or_memory_is_out,
	    what_c_owns_it_keeps,
	};

	return unit_run("lua_json_memory", setup, teardown, tests,
	    sizeof tests / sizeof tests[0]);
}
