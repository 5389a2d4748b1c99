/* Tasks as the JSON that the wire shows. */
#ifndef DAEMON_TASK_JSON_H
#define DAEMON_TASK_JSON_H

#include <jansson.h>

#include "daemon/scheduler.h"

/* A row, as in `tree`, `list` and `children`: new. */
json_t *task_json_row(struct scheduler *scheduler, const struct task *task);

/* A task in full, as in `show`: new. */
json_t *task_json_full(struct scheduler *scheduler, const struct task *task);

#endif
