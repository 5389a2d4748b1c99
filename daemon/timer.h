/* Deadlines: one heap behind a clock that tests can fake. */
#ifndef DAEMON_TIMER_H
#define DAEMON_TIMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NS_PER_SECOND INT64_C(1000000000)

/* Whose a timer is: what fires is told apart by kind, so that a timer is 16
   bytes and each task can have one. */
enum timer_kind {
	TIMER_WAKE,	 /* a task's sleep */
	TIMER_TIMEOUT,	 /* a task's timeout */
	TIMER_RUN,	 /* a run's */
	TIMER_RETENTION, /* the oldest finished task */
	TIMER_WAITER,	 /* a request that waits */
	TIMER_DESCRIBE,	 /* a question to a program */
	TIMER_EXEC,	 /* the grace of a command */
	TIMER_KINDS
};

/* Embedded in its owner. Zeroed but for kind it is not set. */
struct timer {
	int64_t deadline; /* ns of the clock */
	uint32_t slot;	  /* place in the heap, 0 while not set */
	uint32_t kind;
};

struct timers;

/* Called when the earliest deadline has changed; INT64_MAX is none. */
typedef void timers_arm_fn(void *arg, int64_t deadline);
typedef void timer_fire_fn(void *arg, struct timer *timer);

/* The clock of the daemon: CLOCK_MONOTONIC in ns. */
int64_t timers_monotonic(void);

/* An empty heap. `arm` may be NULL: then timers_run is called by hand. */
struct timers *timers_new(
    int64_t (*clock)(void), timers_arm_fn *arm, void *arg);
void timers_delete(struct timers *timers);

/* What is called for each due timer of that kind. It may set and cancel
   timers, the due one too, which is no longer set when it is called. */
void timers_handle(struct timers *timers, enum timer_kind kind,
    timer_fire_fn *fire, void *arg);

int64_t timers_now(const struct timers *timers);

/* The deadline that lies `seconds` (0 to LIMIT_SECONDS) from now; never
   earlier than asked for. */
int64_t timers_after(const struct timers *timers, double seconds);

/* Sets or moves; O(log n). The timer must stay where it is while set. */
void timer_set(struct timers *timers, struct timer *timer, int64_t deadline);

/* No effect on one that is not set. O(log n). */
void timer_cancel(struct timers *timers, struct timer *timer);

bool timer_is_set(const struct timer *timer);

/*
 * Fires up to `most` timers that are due, the earliest first, then calls
 * `arm` once: a deadline that is over means that it is to be called again.
 */
void timers_run(struct timers *timers, size_t most);

/* Timers that are set. */
size_t timers_count(const struct timers *timers);

#endif
