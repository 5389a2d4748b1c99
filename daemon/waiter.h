/* Requests that wait: for the outcome of tasks, or for a time. */
#ifndef DAEMON_WAITER_H
#define DAEMON_WAITER_H

#include <stdio.h>

#include "daemon/caller.h"
#include "daemon/output.h"
#include "daemon/task.h"
#include "daemon/timer.h"

struct waiters;

enum waiter_mode {
	WAIT_SLEEP,
	WAIT_ONE,    /* the reply is the task's own result */
	WAIT_ALL,    /* an array of outcomes */
	WAIT_ANY,    /* the outcome of the first to finish */
	WAIT_ANSWER, /* what waiter_answer says */
	WAIT_FOLLOW, /* notifications of one task's output, until its end */
};

/* Borrows timers and handles TIMER_WAITER. Outcomes of more than `reply` bytes
   are not put together. `wake` is called when waiters_run is to be called
   from the loop. */
struct waiters *waiters_new(
    struct timers *timers, size_t reply, void (*wake)(void *arg), void *arg);
void waiters_delete(struct waiters *waiters);

/*
 * Makes the request wait; the caller owns it, and the address is taken over.
 * `tasks` are live or finished, the same one may be there twice. `timeout` is
 * in seconds, negative for none: for WAIT_SLEEP, how long.
 */
void waiter_new(struct waiters *waiters, struct caller *caller,
    struct address *address, enum waiter_mode mode, struct task *const tasks[],
    size_t count, double timeout);

/*
 * Makes the request wait for someone's answer, at most that long. `what` names
 * that in `wait` ("write"), a constant. The waiter is put in *slot, which
 * becomes NULL when it is answered or gone, for whatever cause; the slot must
 * live until then.
 */
void waiter_new_open(struct waiters *waiters, struct caller *caller,
    struct address *address, const char *what, double timeout,
    struct waiter **slot);

/* Has `gone` called, after its slot was emptied, where it is not answered: its
   time ran out, or the client is gone. */
void waiter_watch(struct waiter *waiter, void (*gone)(struct waiter **slot));

/* Follows what the task writes, from read->after on; `read` says also which
   stream, and whether as text. */
void waiter_new_follow(struct waiters *waiters, struct caller *caller,
    struct address *address, struct task *task, struct output *output,
    const struct output_read *read);

/* Answers it with that JSON text, taken over, or with that error, stolen. */
void waiter_answer(
    struct waiters *waiters, struct waiter *waiter, char *result);
void waiter_refuse(
    struct waiters *waiters, struct waiter *waiter, json_t *error);

/* The scheduler's hook: O(1), whoever waits is told by waiters_run. */
void waiters_task_ended(struct waiters *waiters, struct task *task);

/* The scheduler's hook, before a write: those who listened have something to
   tell. Who would lose something is told of it at once, where that has room,
   and it is not too many. */
void waiters_task_writes(struct task *task, size_t length);

/* Hands up to `most` outcomes to those who wait. True where there are more. */
bool waiters_run(struct waiters *waiters, size_t most);

/* The reply to the first ready request of the caller, and its address, both
   handed over; NULL where none is ready. Free the text with free(). */
char *waiter_take_reply(
    struct waiters *waiters, struct caller *caller, struct address *address);

/* The next notification to the caller, to be freed; it is NULL where a request
   had nothing to tell after all. False where none has. */
bool waiter_take_notification(
    struct waiters *waiters, struct caller *caller, char **text);

/* Requests of the caller that wait are ready, with the error Cancelled. */
void waiters_cancel(
    struct waiters *waiters, struct caller *caller, const char *why);

/* Drops the caller's requests, unanswered; `drop` gets each address. */
void waiters_drop(struct waiters *waiters, struct caller *caller,
    void (*drop)(struct caller *caller, struct address *address));

/* Visits the tasks that requests of the caller wait for without a timeout, but
   not those of which one is enough, until `visit` returns false. Returns what
   it did last. */
bool waiters_each_join(const struct caller *caller,
    bool (*visit)(void *arg, uint64_t task), void *arg);

/* Writes what the caller waits for, the `wait` of its task. False, with
   nothing written, where that is nothing. */
bool waiters_describe(FILE *out, const struct caller *caller);

#endif
