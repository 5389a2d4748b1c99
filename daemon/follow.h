/* One who is told of a task's output as it comes. */
#ifndef DAEMON_FOLLOW_H
#define DAEMON_FOLLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/output.h"

struct follow;
struct waiter;

/*
 * Follows the output, and keeps it as long as it lives. `read` says from where
 * on, its end at most, which stream (OUTPUT_STREAM) or both (OUTPUT_RUN),
 * whether as text, and the most bytes of one notification, at least 4. `waiter`
 * is who is to be told of more.
 */
struct follow *follow_new(uint64_t task, struct output *output,
    const struct output_read *read, struct waiter *waiter);
void follow_delete(struct follow *follow); /* NULL is allowed */

/* The text of the next notification, to be freed; NULL where there is nothing
   to tell, and once the task has ended, nothing will be. */
char *follow_take(struct follow *follow, bool ended);

/* The result for one who was told all: JSON text, to be freed. */
char *follow_result(const struct follow *follow);

/* It waits for more, until told not to. */
void follow_listen(struct follow *follow);
void follow_unlisten(struct follow *follow);

/* Who listens to the output: one of them, or NULL. */
struct waiter *follow_listener(struct output *output);

/* Bytes of output that it keeps. */
size_t follow_held(const struct follow *follow);

#endif
