/* A function whose runs go on elsewhere, and take time to stop: what it is told
   is noted, and a run ends when the test says so. */
#ifndef TESTS_ENGINE_H
#define TESTS_ENGINE_H

#include "daemon/function.h"
#include "daemon/scheduler.h"

extern const struct function fn_engine;

/* What it was told, since the setup. */
extern size_t nstarts, nstops, npauses, nresumes;
#define ENGINE_STOPS 8
extern const struct task *stopped[ENGINE_STOPS]; /* the first, in order */
extern struct stop last_stop;

/* A timeout. */
#define FOREVER (-1.0)

/* That of fake_loop with it. */
void engine_setup(void);

/* A run of it that has begun. */
struct task *engine(struct task *parent, enum task_scope scope, double timeout);
struct task *plain(struct task *parent);

/* One that recurs after so many seconds. */
struct task *interval(double seconds);

/* Its run ends well. */
void finish(struct task *task);

/* With all below it, unless that says otherwise; how many are cancelled. The
   reason of the second is "enough". */
size_t cancel_with(struct task *task, const struct cancel *cancel);
size_t cancel(struct task *task);

#endif
