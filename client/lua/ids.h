/* The tasklets by the ids that the daemon gave them. */
#ifndef CLIENT_LUA_IDS_H
#define CLIENT_LUA_IDS_H

#include <jansson.h>

struct tasklet;

void ids_add(struct tasklet *tasklet);
void ids_remove(const struct tasklet *tasklet);

/* NULL where it is no tasklet's. */
struct tasklet *ids_find(json_int_t id);

#endif
