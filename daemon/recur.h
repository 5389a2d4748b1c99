/* Recurrence: later, interval, loop and rate, over the scheduler. */
#ifndef DAEMON_RECUR_H
#define DAEMON_RECUR_H

#include "daemon/scheduler.h"

/* Runs a second, at least and at most: once in LIMIT_SECONDS is the least, as
   the ns of a tick later than that may not fit 64 bits. */
#define RECUR_HERTZ_LEAST 1e-9
#define RECUR_HERTZ_MOST  1e6

/* A failing loop waits 1 s, 2 s, 4 s ... at most so many. */
#define RECUR_BACKOFF_MOST 60

/* A new recurrence of that kind; `every` is seconds from 0 to LIMIT_SECONDS,
   or hertz from RECUR_HERTZ_LEAST to RECUR_HERTZ_MOST. */
struct recurrence *recur_new(enum recurrence_kind kind, double every);

/* The same, as if it had not begun. */
struct recurrence *recur_again(const struct recurrence *recurrence);

/* Spawns a task that recurs: spawn->recurrence is set, spawn->delay is not
   looked at. As scheduler_spawn. */
struct task *recur_spawn(
    struct scheduler *scheduler, const struct spawn *spawn);

/* Hooks of the scheduler. */
void recur_run_ended(struct scheduler *scheduler, struct task *task,
    enum task_state state, const char *text);
void recur_resumed(struct task *task, int64_t paused);

/* The name of a kind, as on the wire. */
const char *recur_kind_name(enum recurrence_kind kind);

#endif
