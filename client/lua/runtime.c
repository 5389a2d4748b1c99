/* What the parts of tasklet-lua share: the Lua state, and messages. */
#include "config.h"

#include "client/lua/runtime.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>
#include <lualib.h>

#include "client/text.h"
#include "proto/xalloc.h"

static lua_State *state;

static int
open_libraries(lua_State *L)
{
	luaL_openlibs(L);
	return 0;
}

static void *
allocate(void *arg, void *old, size_t old_size, size_t size)
{
	(void)arg;
	(void)old_size;
	if (size > 0)
		return realloc(old, size);
	free(old);
	return NULL;
}

void
runtime_open(void)
{
	state = lua_newstate(allocate, NULL);
	if (state == NULL)
		runtime_fail("not enough memory");
	/* What is no tasklet's thread says so. */
	*(void **)lua_getextraspace(state) = NULL;
	runtime_call(open_libraries, NULL);
}

void
runtime_close(void)
{
	lua_close(state);
	state = NULL;
}

lua_State *
runtime_state(void)
{
	return state;
}

void
runtime_call(lua_CFunction function, void *arg)
{
	lua_pushcfunction(state, function);
	lua_pushlightuserdata(state, arg);
	if (lua_pcall(state, 1, 0, 0) != LUA_OK)
		runtime_fail("%s", lua_type(state, -1) == LUA_TSTRING ?
				       lua_tostring(state, -1) :
				       "an error that is no string");
}

static void __attribute__((format(printf, 1, 0)))
write_line(const char *format, va_list args)
{
	char *text = xvasprintf(format, args);
	char *safe = text_safe(text, strlen(text), "\n\t");

	fflush(stdout);
	fprintf(stderr, "tasklet-lua: %s\n", safe);
	free(safe);
	free(text);
}

void
runtime_warn(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_line(format, args);
	va_end(args);
}

void
runtime_fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_line(format, args);
	va_end(args);
	exit(1);
}

void
runtime_flush(void)
{
	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return;
	runtime_fail("cannot write to stdout: %s",
	    errno != 0 ? strerror(errno) : "a write failed");
}
