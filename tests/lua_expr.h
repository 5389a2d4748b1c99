/* Expressions of Lua, and what they give. */
#ifndef TESTS_LUA_EXPR_H
#define TESTS_LUA_EXPR_H

#include <lua.h>

/* The state of a test, with all libraries, `json` and tests/lua_json.lua. */
extern lua_State *L;
void lua_expr_setup(void);
void lua_expr_teardown(void);

/* Fails where an expression is, as tostring has it, something else. Clears
   the stack. An error that is raised is what its message is. */
void expect(const char *expression, const char *wanted);
void expect_true(const char *expression);

#endif
