/* Ready tasks, first come first served. */
#include "config.h"

#include "daemon/runqueue.h"

void
runqueue_create(struct runqueue *queue)
{
	TAILQ_INIT(&queue->ready);
	queue->count = 0;
}

void
runqueue_push(struct runqueue *queue, struct task *task)
{
	if (task->queued)
		return;
	TAILQ_INSERT_TAIL(&queue->ready, task, queue);
	task->queued = true;
	queue->count++;
}

void
runqueue_remove(struct runqueue *queue, struct task *task)
{
	if (!task->queued)
		return;
	TAILQ_REMOVE(&queue->ready, task, queue);
	task->queued = false;
	queue->count--;
}

struct task *
runqueue_pop(struct runqueue *queue)
{
	struct task *task = TAILQ_FIRST(&queue->ready);

	if (task != NULL)
		runqueue_remove(queue, task);
	return task;
}
