/* Tasklets as values of Lua: making them, and their members. */
#ifndef CLIENT_LUA_HANDLE_H
#define CLIENT_LUA_HANDLE_H

#include <lua.h>

/*
 * Adds to the table on top of the stack, `core` of the prelude:
 *
 * new(f, options, label)  a function that starts f as a tasklet, which it
 *                         returns; both may be nil
 * name_of(f)              the label of f, by default: what it is called
 * current()               the caller's tasklet, or nil
 * find(id)                the tasklet of that id here, or nil
 * id(t)                   its id; nil where it is not known yet
 * await(t)                marks that someone will join it
 * own(make)               a table that lives as long as the caller's tasklet;
 *                         nil where there is none, and none is to be made
 * keep(on)                while it is on, find() finds those that ended since
 * methods                 a table, for the methods of tasklets
 */
void handle_open(lua_State *L);

#endif
