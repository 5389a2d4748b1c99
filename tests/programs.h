/* Programs that host tasks, on the stage: what they are told is looked at. */
#ifndef TESTS_PROGRAMS_H
#define TESTS_PROGRAMS_H

#include "daemon/host.h"
#include "tests/asker.h"

extern struct hosts *hosts;
extern size_t hosts_wakes; /* how often the loop was asked to run */
extern struct caller programs[2];
extern size_t program_wakes; /* how often one had something to be told */

/* Before and after each test, with those of the asker. */
void programs_setup(void);
void programs_teardown(void);

/* Before all else: the stage with other bounds. */
void programs_restart(const struct scheduler_limits *limits);

/* A task of programs[i]; one of the first below the root. */
struct task *host(
    size_t i, struct task *parent, enum task_scope scope, double timeout);
struct task *host_one(void);

/* programs[i] provides that function. */
void provide(size_t i, const char *name);

/* A task that runs it, with the args [1]. */
struct task *run_provided(const char *name);

/* That the next line to programs[i] is this notification about the task;
   `more` follows its id. */
void expect_told(
    size_t i, const char *method, const struct task *task, const char *more);
void expect_told_nothing(size_t i);

/* The `more` of a run of "f". */
#define RUN ",\"function\":\"f\",\"args\":[1],\"options\":{}"

void expect_state(const struct task *task, enum task_state state);

#endif
