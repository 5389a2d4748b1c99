/* A scheduler on a fake clock, and a function that does as a test says. */
#ifndef TESTS_STAGE_H
#define TESTS_STAGE_H

#include "daemon/scheduler.h"
#include "tests/plain_tasks.h" /* tasks and root are the stage's */

#define STAGE_ALL SIZE_MAX

extern int64_t now; /* of the fake clock, in ns */
extern struct timers *timers;
extern struct scheduler *scheduler;
extern size_t wakes; /* how often the loop was asked to run */

/* What an actor does: it waits until the test ends it. */
extern const struct function fn_actor;

/* As a client: not for anyone to spawn. */
extern const struct function fn_guest;

/* Told of each task that ends, or is to write to someone who follows; NULL but
   where a test sets it. */
extern void (*stage_ended)(struct task *task);
extern void (*stage_writes)(struct task *task, size_t length);

/* Before and after each test; a test that wants other bounds starts the stage
   again with them. */
void stage_setup(void);
void stage_restart(const struct scheduler_limits *limits);
void stage_teardown(void);

/* A new task below `parent`, without a timeout. Args are JSON text or NULL. */
struct task *stage_spawn(const struct function *function, struct task *parent,
    enum task_scope scope, const char *args);

/* An actor that waits already. */
struct task *stage_actor(struct task *parent, enum task_scope scope);

/* An actor below the root that ends after so many seconds at the latest. */
struct task *stage_actor_with_timeout(enum task_scope scope, double timeout);

/* Ends it `done`, or cancels it and all below it. */
void stage_finish(struct task *task);
void stage_cancel(struct task *task);

/* Runs all that is ready. */
void stage_run(void);

/* The clock moves, what is due fires, and all that is ready runs. */
void stage_advance(double seconds);

#endif
