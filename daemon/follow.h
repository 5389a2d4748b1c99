/* One who is told of a task's output as it comes. */
#ifndef DAEMON_FOLLOW_H
#define DAEMON_FOLLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/output.h"

struct waiter;

/* To be read by its owner, the waiter, but changed by follow.c alone. */
struct follow {
	TAILQ_ENTRY(follow) entry; /* of the output's: who listens is first */
	bool listens;
	bool is_first; /* who writes waits for it */
	struct waiter *waiter;
	uint64_t task;
	struct output *output; /* a reference */
	struct output_read read;
	uint64_t lost;	 /* bytes, in all */
	uint64_t untold; /* of these */
};

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

/* It was told all, and is to be woken by more; or that no longer. */
void follow_listen(struct follow *follow);
void follow_unlisten(struct follow *follow);

/* Who listens to the output: one of them, or NULL. */
struct follow *follow_listener(struct output *output);

/* Whether it loses something by a write of that length. */
bool follow_loses(const struct follow *follow, size_t length);

/* Bytes of output that it keeps. */
size_t follow_held(const struct follow *follow);

#endif
