/* The scheduler: which tasklets run, in what order, and how waits end. */
#ifndef CLIENT_LUA_SCHED_H
#define CLIENT_LUA_SCHED_H

#include <stdbool.h>
#include <stdint.h>

struct event_base;
struct tasklet;
struct tasklets;

#define SCHED_NEVER INT64_MAX

void sched_open(struct event_base *base);
void sched_close(void);

/* Runs tasklets, and what comes from the daemon, until there is no tasklet
   left and it is not to go on without. */
void sched_run(void);
void sched_go_on(bool without_tasklets);

/* To be called when what was called from outside is done: sees to it that the
   loop goes on with what is ready or due. */
void sched_settle(void);

/* Nanoseconds on the clock of deadlines. */
int64_t sched_now(void);

/* Puts it behind all that are ready. */
void sched_ready(struct tasklet *tasklet);

/* Puts it before all that are ready. */
void sched_ready_first(struct tasklet *tasklet);

/*
 * The running tasklet is in that state from now on: in `list`, where that is
 * not NULL, and until the deadline (SCHED_NEVER for none) or its limits', which
 * sets tasklet->timed_out, or until sched_wake.
 */
void sched_wait(struct tasklet *tasklet, int state, struct tasklets *list,
    int64_t deadline);

/* Nothing more comes from the daemon before it has run, if it is about to. */
void sched_let_run(const struct tasklet *tasklet);

/* Ends its wait. */
void sched_wake(struct tasklet *tasklet);

/* Ends the waits of all in the list. */
void sched_wake_all(struct tasklets *list);

/* Takes it out of wherever it is: it will not run again. */
void sched_remove(struct tasklet *tasklet);

/* Holds it, its deadline standing still, and lets it go on. Both may be
   repeated. */
void sched_pause(struct tasklet *tasklet);
void sched_resume(struct tasklet *tasklet);

#endif
