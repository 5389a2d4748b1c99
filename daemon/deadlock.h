/* Waits that could never end: who waits for whom, around a cycle. */
#ifndef DAEMON_DEADLOCK_H
#define DAEMON_DEADLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <jansson.h>

struct caller;
struct task;
struct tasks;

/* Who speaks for a task: the first caller that does, or the one after; NULL
   after the last. */
typedef const struct caller *deadlock_speaker_fn(
    void *arg, const struct task *task, const struct caller *after);

struct deadlock {
	struct tasks *tasks;
	deadlock_speaker_fn *speaker;
	void *arg;
};

/* One that is about to wait, for tasks that are live or finished. */
struct deadlock_wait {
	const struct task *self;   /* who is; NULL: one that is new */
	const struct task *parent; /* whose child it is, or is to be */
	struct task *const *tasks;
	size_t count;
	bool any; /* one of them is enough */
};

/*
 * A new ERROR_DEADLOCK where that could never end, else NULL. What counts is
 * joins without a timeout of who speaks for a task, tasks that it is to come
 * after, children that it waits for before it ends, and a pool whose slots
 * are held by such tasks. A client, who may go at any time, is waited for by
 * what is below it alone. It looks no further than 1,000 such waits.
 */
json_t *deadlock_check(
    const struct deadlock *deadlock, const struct deadlock_wait *wait);

#endif
