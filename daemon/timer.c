/* Deadlines: one heap behind a clock that tests can fake. */
#include "config.h"

#include "daemon/timer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "proto/xalloc.h"

/* Children of a node. Four of the 16-byte slots are one cache line: a
   4-heap is half as deep as a binary one and misses half as often (D. B.
   Johnson, "Priority queues with update", 1975). */
#define ARITY 4
#define FIRST 1 /* slot 0 means "not set" */

/* The deadline stands here too, so that sifting touches no owner. */
struct slot {
	int64_t deadline;
	struct timer *timer;
};

struct timers {
	struct slot *heap; /* [FIRST, end) */
	uint32_t end;
	uint32_t size;
	int64_t (*clock)(void);
	timers_arm_fn *arm;
	void *arm_arg;
	bool running; /* timers_run arms at its end */
	struct {
		timer_fire_fn *fire;
		void *arg;
	} kinds[TIMER_KINDS];
};

int64_t
timers_monotonic(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NS_PER_SECOND + ts.tv_nsec;
}

struct timers *
timers_new(int64_t (*clock)(void), timers_arm_fn *arm, void *arg)
{
	struct timers *timers = xcalloc(1, sizeof *timers);

	timers->clock = clock;
	timers->arm = arm;
	timers->arm_arg = arg;
	timers->end = FIRST;
	return timers;
}

void
timers_delete(struct timers *timers)
{
	free(timers->heap);
	free(timers);
}

void
timers_handle(
    struct timers *timers, enum timer_kind kind, timer_fire_fn *fire, void *arg)
{
	timers->kinds[kind].fire = fire;
	timers->kinds[kind].arg = arg;
}

int64_t
timers_now(const struct timers *timers)
{
	return timers->clock();
}

int64_t
timers_after(const struct timers *timers, double seconds)
{
	return timers->clock() + (int64_t)ceil(seconds * NS_PER_SECOND);
}

static int64_t
earliest(const struct timers *timers)
{
	return timers->end > FIRST ? timers->heap[FIRST].deadline : INT64_MAX;
}

static void
arm_if_changed(struct timers *timers, int64_t before)
{
	if (timers->arm != NULL && !timers->running &&
	    earliest(timers) != before)
		timers->arm(timers->arm_arg, earliest(timers));
}

static uint32_t
parent_of(uint32_t slot)
{
	return (slot - FIRST - 1) / ARITY + FIRST;
}

static uint32_t
first_child_of(uint32_t slot)
{
	return (slot - FIRST) * ARITY + FIRST + 1;
}

static void
place(struct timers *timers, uint32_t slot, struct slot what)
{
	timers->heap[slot] = what;
	what.timer->slot = slot;
}

static void
sift_up(struct timers *timers, uint32_t slot, struct slot what)
{
	while (slot > FIRST &&
	       timers->heap[parent_of(slot)].deadline > what.deadline) {
		place(timers, slot, timers->heap[parent_of(slot)]);
		slot = parent_of(slot);
	}
	place(timers, slot, what);
}

static uint32_t
earliest_child(const struct timers *timers, uint32_t slot)
{
	uint32_t child = first_child_of(slot), best = child, i;

	for (i = child + 1; i < child + ARITY && i < timers->end; i++)
		if (timers->heap[i].deadline < timers->heap[best].deadline)
			best = i;
	return best;
}

static void
sift_down(struct timers *timers, uint32_t slot, struct slot what)
{
	uint32_t child;

	while (first_child_of(slot) < timers->end) {
		child = earliest_child(timers, slot);
		if (timers->heap[child].deadline >= what.deadline)
			break;
		place(timers, slot, timers->heap[child]);
		slot = child;
	}
	place(timers, slot, what);
}

static void
sift(struct timers *timers, uint32_t slot, struct slot what)
{
	if (slot > FIRST &&
	    timers->heap[parent_of(slot)].deadline > what.deadline)
		sift_up(timers, slot, what);
	else
		sift_down(timers, slot, what);
}

static void
insert(struct timers *timers, struct slot what)
{
	if (timers->end >= timers->size) {
		timers->size = timers->size == 0 ? 64 : 2 * timers->size;
		timers->heap =
		    xrealloc(timers->heap, timers->size * sizeof *timers->heap);
	}
	sift_up(timers, timers->end++, what);
}

static void
take(struct timers *timers, struct timer *timer)
{
	uint32_t slot = timer->slot;
	struct slot last = timers->heap[--timers->end];

	if (slot != timers->end)
		sift(timers, slot, last);
	timer->slot = 0;
}

void
timer_set(struct timers *timers, struct timer *timer, int64_t deadline)
{
	int64_t before = earliest(timers);
	struct slot what = {deadline, timer};

	timer->deadline = deadline;
	if (timer->slot != 0)
		sift(timers, timer->slot, what);
	else
		insert(timers, what);
	arm_if_changed(timers, before);
}

void
timer_cancel(struct timers *timers, struct timer *timer)
{
	int64_t before = earliest(timers);

	if (timer->slot == 0)
		return;
	take(timers, timer);
	arm_if_changed(timers, before);
}

bool
timer_is_set(const struct timer *timer)
{
	return timer->slot != 0;
}

void
timers_run(struct timers *timers, size_t most)
{
	int64_t now = timers->clock();
	struct timer *timer;

	timers->running = true;
	for (; most > 0 && earliest(timers) <= now; most--) {
		timer = timers->heap[FIRST].timer;
		take(timers, timer);
		timers->kinds[timer->kind].fire(
		    timers->kinds[timer->kind].arg, timer);
	}
	timers->running = false;
	if (timers->arm != NULL)
		timers->arm(timers->arm_arg, earliest(timers));
}

size_t
timers_count(const struct timers *timers)
{
	return timers->end - FIRST;
}
