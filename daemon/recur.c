/* Recurrence: later, interval, loop, rate and retry, over the scheduler. */
#include "config.h"

#include "daemon/recur.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/log.h"
#include "daemon/quote.h"
#include "proto/xalloc.h"

const char *
recur_kind_name(enum recurrence_kind kind)
{
	static const char *const names[] = {
	    [RECUR_LATER] = "later",
	    [RECUR_INTERVAL] = "interval",
	    [RECUR_LOOP] = "loop",
	    [RECUR_RATE] = "rate",
	    [RECUR_RETRY] = "retry",
	};

	return names[kind];
}

struct recurrence *
recur_new(enum recurrence_kind kind, double every)
{
	size_t attempts = kind == RECUR_RETRY ? RECUR_ATTEMPTS : 0;
	struct recurrence *r =
	    xcalloc(1, sizeof *r + attempts * sizeof r->attempts[0]);

	r->kind = kind;
	r->every = every;
	return r;
}

struct recurrence *
recur_again(const struct recurrence *recurrence)
{
	struct recurrence *r = recur_new(recurrence->kind, recurrence->every);

	r->immediate = recurrence->immediate;
	r->max_runs = recurrence->max_runs;
	r->max_failures = recurrence->max_failures;
	r->times = recurrence->times;
	r->max_backoff = recurrence->max_backoff;
	return r;
}

void
recur_prepare(struct scheduler *scheduler, struct spawn *spawn)
{
	struct recurrence *r = spawn->recurrence;
	bool sleeps_first = r->kind == RECUR_LATER ||
			    (r->kind == RECUR_INTERVAL && !r->immediate);

	spawn->delay = sleeps_first ? r->every : 0;
	r->base = timers_now(scheduler_timers(scheduler));
}

/* Later than any clock will show, and far from an overflow. */
#define NEVER (INT64_MAX / 2)

/* The ns of a tick: from its number, so that no error adds up. */
static int64_t
tick_time(const struct recurrence *r, uint64_t tick)
{
	long double after = ceill((long double)tick * NS_PER_SECOND / r->every);

	return after < (long double)(NEVER - r->base) ?
		   r->base + (int64_t)after :
		   NEVER;
}

/* The first tick after this one that is not over. */
static int64_t
next_tick(struct recurrence *r, int64_t now)
{
	uint64_t next = r->tick + 1, reached;

	if (tick_time(r, next) < now) {
		reached = (uint64_t)((long double)(now - r->base) * r->every /
				     NS_PER_SECOND);
		while (tick_time(r, reached) < now)
			reached++;
		r->missed += reached - next;
		next = reached;
	}
	r->tick = next;
	return tick_time(r, next);
}

static int64_t
backoff(uint64_t failures)
{
	uint64_t seconds =
	    failures > 6 ? RECUR_BACKOFF_MOST : UINT64_C(1) << (failures - 1);

	if (seconds > RECUR_BACKOFF_MOST)
		seconds = RECUR_BACKOFF_MOST;
	return (int64_t)seconds * NS_PER_SECOND;
}

/* Doubles with each failure, all of which are in a row. */
static double
retry_backoff(const struct recurrence *r)
{
	int doublings = r->failures > 1000 ? 1000 : (int)r->failures - 1;

	return fmin(ldexp(r->every, doublings), r->max_backoff);
}

static int64_t
next_run(struct scheduler *scheduler, struct recurrence *r)
{
	struct timers *timers = scheduler_timers(scheduler);
	int64_t now = timers_now(timers);

	switch (r->kind) {
	case RECUR_INTERVAL:
		return timers_after(timers, r->every);
	case RECUR_RATE:
		return next_tick(r, now);
	case RECUR_RETRY:
		return timers_after(timers, retry_backoff(r));
	default:
		return r->failures_in_row == 0 ?
			   now :
			   now + backoff(r->failures_in_row);
	}
}

static void
keep(char **last, const char *text)
{
	free(*last);
	*last = xstrdup(text);
}

static void
note_failure(struct scheduler *scheduler, struct task *task, const char *text)
{
	struct recurrence *r = task->recurrence;
	char *name = quote_ascii(task_name(task));
	char *error = quote_json_ascii(text);

	log_task(LOG_WARNING, "recur", task->id, task_name(task),
	    "task %" PRIu64 " %s: run %" PRIu64 " failed: %s", task->id, name,
	    r->runs, error);
	free(error);
	free(name);
	r->failures++;
	r->failures_in_row++;
	keep(&r->last_error, text);
	scheduler_note_failure(scheduler, task);
}

static void
note_attempt(struct recurrence *r, enum task_state state, const char *text)
{
	struct attempt *attempt = &r->attempts[r->runs % RECUR_ATTEMPTS];

	free(attempt->error);
	attempt->error = state == TASK_FAILED ? xstrdup(text) : NULL;
	attempt->started = r->run_started;
	attempt->finished = task_wall_clock();
}

/* Whether its first success, or its last failure, ends the task. */
static bool
ends_with_run(const struct recurrence *r, enum task_state state)
{
	if (r->kind == RECUR_RETRY)
		return state != TASK_FAILED || r->failures > r->times;
	return r->kind == RECUR_LATER;
}

void
recur_run_ended(struct scheduler *scheduler, struct task *task,
    enum task_state state, const char *text)
{
	struct recurrence *r = task->recurrence;

	if (r->kind == RECUR_RETRY)
		note_attempt(r, state, text);
	r->runs++;
	if (state == TASK_FAILED) {
		note_failure(scheduler, task, text);
	} else {
		r->failures_in_row = 0;
		keep(&r->last_result, text);
	}
	if (ends_with_run(r, state))
		scheduler_end(scheduler, task, state, text);
	else if (r->max_failures != 0 && r->failures_in_row >= r->max_failures)
		scheduler_end(scheduler, task, TASK_FAILED, text);
	else if (r->max_runs != 0 && r->runs >= r->max_runs)
		scheduler_end(scheduler, task, TASK_DONE,
		    r->last_result != NULL ? r->last_result : "null");
	else
		scheduler_run_again(scheduler, task, next_run(scheduler, r));
}

void
recur_resumed(struct task *task, int64_t paused)
{
	task->recurrence->base += paused;
}

void
recur_begun(struct task *task, int64_t at)
{
	task->recurrence->base = at;
}

uint64_t
recur_first_attempt(const struct recurrence *r)
{
	return r->runs > RECUR_ATTEMPTS ? r->runs - RECUR_ATTEMPTS : 0;
}
