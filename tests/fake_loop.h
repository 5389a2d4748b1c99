/* A scheduler on a fake clock, and a function whose runs do as they are told.
   Time stands still but for go_on, suspend and settle. */
#ifndef TESTS_FAKE_LOOP_H
#define TESTS_FAKE_LOOP_H

#include "daemon/function.h"
#include "daemon/recur.h"
#include "daemon/scheduler.h"

extern struct scheduler *scheduler;
extern struct timers *timers;
extern struct task *root;

/* Around each test. The clock starts at some odd number of ns. */
void fake_loop_setup(void);
void fake_loop_teardown(void);

/* Seconds since the setup. */
double seconds_now(void);
int64_t ns_now(void); /* the same, in ns */

/* Runs what is ready, until nothing is. */
void settle(void);

/* Time goes on; each deadline is met when it is there. */
void go_on(double seconds);

/* The machine was suspended: time has gone on when it wakes up. */
void suspend(double seconds);

/* What a run does: it takes so many seconds, then fails or not. */
struct job_run {
	double takes; /* 0: it ends at once */
	bool fails;
};

/* A function whose run number `run` (from 0, of all tasks since the setup)
   does what *job_plan says; NULL: it ends at once and does not fail. It
   returns the number, or fails with it. */
extern const struct function fn_job;
extern struct job_run (*job_plan)(uint64_t run);

/* When the runs began, in seconds since the setup: the first ones. */
#define JOB_STARTS 64
extern double job_starts[JOB_STARTS];
extern uint64_t job_count;

/* Checks when the runs so far began, to the ns. */
#define expect_starts(...) \
	check_starts((const double[]){__VA_ARGS__}, \
	    sizeof(double[]){__VA_ARGS__} / sizeof(double))
void check_starts(const double *starts, size_t count);

/* A job below that parent. */
struct spawn job_spawn(struct task *parent);

/* One that recurs, whose recurrence is job_recurrence until the next is made.
 */
struct spawn job_recurring(enum recurrence_kind kind, double every);
extern struct recurrence *job_recurrence;

struct task *job_start(struct spawn *spawn);

/* Both at once. */
struct task *job_recur(enum recurrence_kind kind, double every);

/* Plans: each run does that. */
struct job_run job_fails(uint64_t run);
struct job_run job_takes_half_a_second(uint64_t run);

/* Pauses or resumes; returns how many. The ids of those that were paused
   last are there, in preorder. */
#define SUBTREE false
#define ONLY	true
extern uint64_t paused[16];
size_t hold(struct task *task, bool only);
size_t resume(struct task *task, bool only);

/* The one task, which must be there to be paused. */
void pause_one(struct task *task);
void resume_one(struct task *task);

/* Checks that, and the counts. */
void expect_state(const struct task *task, enum task_state state);

/* Checks how a task has ended, and when, in seconds since the setup. */
void expect_end(const struct task *task, enum task_state state,
    const char *text, double when);

/* Checks that the gauges and counters of the scheduler say what a walk over
   all tasks finds. */
void check_counts(void);

#endif
