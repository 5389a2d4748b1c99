/* Tasks as the JSON that the wire shows. It is written as text: args and
   results are text already, and a page has a thousand rows. */
#ifndef DAEMON_TASK_JSON_H
#define DAEMON_TASK_JSON_H

#include <stdio.h>
#include <jansson.h>

#include "daemon/scheduler.h"

/* The members of a row, as in `tree`, `list` and `children`, without the
   braces, so that more can be put beside them. */
void task_json_row(
    FILE *out, struct scheduler *scheduler, const struct task *task);

/* Those of a task in full, as in `show`. */
void task_json_full(
    FILE *out, struct scheduler *scheduler, const struct task *task);

/* The `result` or the `error` of an outcome. */
void task_json_outcome(FILE *out, const struct outcome *outcome);

/* The error of a task that did not end done: what `show` gives, and the cause
   in a JoinError. New. */
json_t *task_json_error(const struct outcome *outcome);

/* Microseconds of the wall clock as Unix seconds. */
void task_json_time(FILE *out, int64_t microseconds);

#endif
