/* The tasks that a name pattern means. */
#ifndef CLIENT_MATCH_H
#define CLIENT_MATCH_H

#include <stddef.h>
#include <jansson.h>

struct call;

/*
 * Of each name that matches, as the daemon takes a name: those that live, or,
 * where none does, the one that finished last of those still kept. Not meant
 * are the daemon and its clients, those of other users that have finished, and,
 * where this connection speaks for a task, that task and those above it.
 * Returns how many they are; *ids, rising, is to be freed. Ends the process as
 * call_method does.
 */
size_t match_tasks(struct call *call, const char *glob, json_int_t **ids);

#endif
