/* What the parts of the scheduler share: scheduler.c is the life of a task,
   cancel.c what ends it from outside, limit.c what does in time, pause.c what
   holds it, retention.c what is kept of it. */
#ifndef DAEMON_SCHEDULER_IMPL_H
#define DAEMON_SCHEDULER_IMPL_H

#include "daemon/runqueue.h"
#include "daemon/scheduler.h"

struct scheduler {
	struct tasks *tasks;
	struct timers *timers;
	struct scheduler_limits limits;
	struct scheduler_hooks hooks;
	struct scheduler_gates gates;
	struct scheduler_counts counts;
	struct runqueue runqueue;
	struct task_list retained; /* the oldest first */
	struct timer retention;
};

/* A client's function, or the root's: not for anyone to spawn. */
bool is_internal(const struct function *function);

/* To the run queue, unless it is paused. */
void make_ready(struct scheduler *s, struct task *task);

void set_outcome(struct scheduler *s, struct task *task, enum task_state state,
    const char *text);

/* With the outcome that was set. It may be freed by this. */
void end_task(struct scheduler *s, struct task *task);

/* --- cancel.c --- */

/* Its function goes on in a process or a program elsewhere. */
bool has_run(const struct task *task);

/* Such a run ends, then the task or, with TASK_FAILED, the run alone. */
void stop_run(struct scheduler *s, struct task *task, enum task_state state,
    const char *text, const struct stop *stop);

/* Whether it was ended from outside, and only waits until it has. */
bool is_doomed(const struct task *task);

/* Ended from outside: at once, or when its run has. */
void doom(struct scheduler *s, struct task *task, enum task_state state,
    const char *text, const struct stop *stop);

void cancel_below(
    struct scheduler *s, struct task *top, const struct cancel *cancel);

/* A subtree, in preorder. */
struct subtree {
	struct task **tasks;
	size_t count, size;
};

void subtree_add(struct subtree *subtree, struct task *task);

/* Copies the first ids, at most `most`; returns the count of all. */
size_t subtree_ids(const struct subtree *subtree, uint64_t *ids, size_t most);

/* --- limit.c --- */

void limits_handle(struct scheduler *s);
void limit_task(struct scheduler *s, struct task *task, double seconds);
void limit_runs(struct task *task, double seconds);
void limit_run_begins(struct scheduler *s, struct task *task);
void limit_run_ends(struct scheduler *s, struct task *task);
void limit_ends(struct scheduler *s, struct task *task);

/* --- pause.c --- */

/* Whether a new child of the task starts paused. */
bool pauses_children(const struct task *task);
void pause_task(struct scheduler *s, struct task *task, bool subtree);

/* Forgets that the task is paused, as it ends. */
void drop_pause(struct task *task);

/* If it is paused, its state and its timers go on; it is not queued. */
void unpause(struct scheduler *s, struct task *task);

/* --- retention.c --- */

/* The task has ended. It may be freed by this. */
void retain(struct scheduler *s, struct task *task);
void retention_cb(void *arg, struct timer *timer);

#endif
