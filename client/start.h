/* Requests that start tasks, as far as they can be checked without a daemon. */
#ifndef CLIENT_START_H
#define CLIENT_START_H

#include "proto/request.h"

/*
 * Whether the method is one of those which files of tasks may hold, and its
 * params are such as it takes. Returns NULL or a new ERROR_INVALID_PARAMS.
 */
json_t *start_check(const struct request *request);

#endif
