/* The tasklets by the ids that the daemon gave them. */
#ifndef CLIENT_LUA_IDS_H
#define CLIENT_LUA_IDS_H

#include <jansson.h>

struct tasklet;

void ids_add(struct tasklet *tasklet);
void ids_remove(const struct tasklet *tasklet);

void ids_close(void);

/* NULL where it is no tasklet's. */
struct tasklet *ids_find(json_int_t id);

/* Calls it for each of them; it may not add or remove any. */
void ids_each(void (*call)(struct tasklet *tasklet));

#endif
