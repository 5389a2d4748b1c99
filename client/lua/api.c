/* The global variables of scripts: Tasklet, json, exec and arg. */
#include "config.h"

#include "client/lua/api.h"

#include "client/lua/co.h"
#include "client/lua/error.h"
#include "client/lua/handle.h"
#include "client/lua/json.h"
#include "client/lua/name.h"
#include "client/lua/prelude.h"
#include "client/lua/request.h"
#include "client/lua/tasklet.h"
#include "client/lua/wait.h"

void
api_open(lua_State *L)
{
	json_open(L);
	lua_setglobal(L, "json");
	co_open(L);
	name_open(L);
	tasklet_open(L);
	lua_newtable(L);
	handle_open(L);
	request_open(L);
	wait_open(L);
	error_push_metatable(L);
	lua_setfield(L, -2, "Error");
	prelude_open(L);
}
