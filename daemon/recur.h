/* Recurrence: later, interval, loop, rate and retry, over the scheduler. */
#ifndef DAEMON_RECUR_H
#define DAEMON_RECUR_H

#include "daemon/scheduler.h"

/* Runs a second, at least and at most: once in LIMIT_SECONDS is the least, as
   the ns of a tick later than that may not fit 64 bits. */

/* A failing loop waits 1 s, 2 s, 4 s ... at most so many. */
#define RECUR_BACKOFF_MOST 60

/* What a retry waits at first, in seconds, where nothing else is asked for;
   by RECUR_BACKOFF_MOST at most. */
#define RECUR_RETRY_BACKOFF 1

/* A new recurrence of that kind; `every` is seconds from 0 to LIMIT_SECONDS,
   or hertz from LIMIT_HERTZ_LEAST to LIMIT_HERTZ. What RECUR_RETRY waits,
   which is `every` at first, doubles with each failure up to max_backoff. */
struct recurrence *recur_new(enum recurrence_kind kind, double every);

/* The same, as if it had not begun. */
struct recurrence *recur_again(const struct recurrence *recurrence);

/* Sets the delay of a spawn with a recurrence. */
void recur_prepare(struct scheduler *scheduler, struct spawn *spawn);

/* Hooks of the scheduler. */
void recur_run_ended(struct scheduler *scheduler, struct task *task,
    enum task_state state, const char *text);
void recur_resumed(struct task *task, int64_t paused);
void recur_begun(struct task *task, int64_t at);

/* RECUR_RETRY: the number, from 0, of the oldest attempt that is remembered, or
   would be. They go up to `runs`. */
uint64_t recur_first_attempt(const struct recurrence *recurrence);

/* The name of a kind, as on the wire. */
const char *recur_kind_name(enum recurrence_kind kind);

#endif
