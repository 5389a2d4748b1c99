/* What a task writes, on the whole screen, as it comes. */
#ifndef CLIENT_PAGER_H
#define CLIENT_PAGER_H

#include <signal.h>
#include <jansson.h>

struct call;

/*
 * Shows the output of a task until a key ends that, or a signal came. `call`
 * is how the daemon is reached; it is not used, but a connection of its own.
 * Returns NULL, or why there is nothing to show, to be freed.
 */
char *pager_show(const struct call *call, json_int_t id, const char *name,
    const sigset_t *mask);

#endif
