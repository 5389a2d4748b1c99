/* What a tasklet is doing, for `show`. */
#ifndef CLIENT_LUA_DESCRIBE_H
#define CLIENT_LUA_DESCRIBE_H

#include <jansson.h>

struct tasklet;

/* A new object: state, wait, line, traceback, created_at. */
json_t *describe_tasklet(struct tasklet *tasklet);

#endif
