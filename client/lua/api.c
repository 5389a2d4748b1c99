/* The global variables of scripts: Tasklet, Channel, Timeout, Local, json, exec
   and arg. */
#include "config.h"

#include "client/lua/api.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "client/lua/channel.h"
#include "client/lua/co.h"
#include "client/lua/error.h"
#include "client/lua/extra.h"
#include "client/lua/handle.h"
#include "client/lua/json.h"
#include "client/lua/limit.h"
#include "client/lua/mailbox.h"
#include "client/lua/name.h"
#include "client/lua/prelude.h"
#include "client/lua/request.h"
#include "client/lua/tasklet.h"
#include "client/lua/wait.h"

/* --- where the script runs ------------------------------------------------ */

static int
push_folder(lua_State *L)
{
	char folder[PATH_MAX];

	lua_pushstring(L, getcwd(folder, sizeof folder));
	return 1;
}

/* What is UTF-8 of it, and is not the daemon's own. */
static int
push_environment(lua_State *L)
{
	const char *end;
	json_t *text;
	char **p;

	lua_newtable(L);
	for (p = environ; *p != NULL; p++) {
		end = strchr(*p, '=');
		text = json_string(*p);
		if (text == NULL || end == NULL ||
		    strncmp(*p, "TASKLET_", 8) == 0) {
			json_decref(text);
			continue;
		}
		json_decref(text);
		lua_pushlstring(L, *p, (size_t)(end - *p));
		lua_pushstring(L, end + 1);
		lua_rawset(L, -3);
	}
	return 1;
}

void
api_open(lua_State *L)
{
	json_open(L);
	lua_setglobal(L, "json");
	co_open(L);
	name_open(L);
	tasklet_open(L);
	extra_open(L);
	channel_open(L);
	lua_newtable(L);
	handle_open(L);
	mailbox_open(L);
	limit_open(L);
	request_open(L);
	wait_open(L);
	error_push_metatable(L);
	lua_setfield(L, -2, "Error");
	lua_pushcfunction(L, push_folder);
	lua_setfield(L, -2, "folder");
	lua_pushcfunction(L, push_environment);
	lua_setfield(L, -2, "environment");
	lua_pushinteger(L, geteuid());
	lua_setfield(L, -2, "uid");
	prelude_open(L);
}
