/* Ready tasks, first come first served. */
#ifndef DAEMON_RUNQUEUE_H
#define DAEMON_RUNQUEUE_H

#include "daemon/task.h"

struct runqueue {
	struct task_list ready;
	size_t count;
};

void runqueue_create(struct runqueue *queue);

/* To the end of the queue; no effect on a task that is in it. */
void runqueue_push(struct runqueue *queue, struct task *task);

/* No effect on a task that is not in it. */
void runqueue_remove(struct runqueue *queue, struct task *task);

/* Takes the first one; NULL where there is none. */
struct task *runqueue_pop(struct runqueue *queue);

#endif
