/* The methods that start tasks or say how they start, which files of tasks may
   hold: their params. */
#ifndef PROTO_STARTERS_H
#define PROTO_STARTERS_H

#include "proto/param.h"
#include "proto/request.h"

/* The params that all which start a task have, by their index. */
enum {
	SPAWN_FUNCTION,
	SPAWN_ARGS,
	SPAWN_OPTIONS,
	SPAWN_NAME,
	SPAWN_PARENT,
	SPAWN_TIMEOUT,
	SPAWN_SCOPE,
	SPAWN_UNIQUE,
	SPAWN_RUN_TIMEOUT,
	SPAWN_POOL,
	SPAWN_WEIGHT,
	SPAWN_AFTER,
	SPAWN_AFTER_OK,
	SPAWN_MORE /* those of one method alone */
};

/* Of `pool`. */
enum { POOL_NAME, POOL_SIZE };

/* The values of scope, ended by NULL. */
extern const char *const starter_scopes[];

extern const struct param starter_spawn[], starter_later[], starter_interval[],
    starter_loop[], starter_rate[], starter_pool[];

/* The method's params, or NULL with a new ERROR_INVALID_PARAMS in *error where
   it is none of these. */
const struct param *starter_params(const char *method, json_t **error);

#endif
