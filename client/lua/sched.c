/* The scheduler: which tasklets run, in what order, and how waits end. */
#include "config.h"

#include "client/lua/sched.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <event2/event.h>

#include "client/lua/co.h"
#include "client/lua/heap.h"
#include "client/lua/limit.h"
#include "client/lua/line.h"
#include "client/lua/link.h"
#include "client/lua/runtime.h"
#include "client/lua/tasklet.h"
#include "client/lua/watch.h"

/* Tasklets that run before descriptors are looked at again, and the time after
   which they are so in any case. */
#define BATCH	 256
#define BATCH_NS 4000000

/* CPU time of the process after which the one that runs is interrupted, so that
   what came is heard. */
#define SLICE_NS 100000000

#define NS_PER_SECOND 1000000000

static struct {
	struct event_base *base;
	struct event *turn; /* when something is ready, or due */
	timer_t slices;
	struct tasklets ready;
	struct heap deadlines;
	bool goes_on; /* without tasklets */
} sched;

int64_t
sched_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

/* For a fifth of what sched_now costs; a few milliseconds behind. */
static int64_t
coarse_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (int64_t)now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

/* --- waits ---------------------------------------------------------------- */

void
sched_ready(struct tasklet *t)
{
	t->state = TASKLET_READY;
	TAILQ_INSERT_TAIL(&sched.ready, t, entry);
}

void
sched_ready_first(struct tasklet *t)
{
	t->state = TASKLET_READY;
	TAILQ_INSERT_HEAD(&sched.ready, t, entry);
}

void
sched_wait(
    struct tasklet *t, int state, struct tasklets *list, int64_t deadline)
{
	int64_t limit = limit_deadline(t);

	t->state = (uint8_t)state;
	t->timed_out = false;
	t->limited = limit < SCHED_NEVER && limit <= deadline;
	if (t->limited)
		deadline = limit;
	t->waits_on = list;
	if (list != NULL)
		TAILQ_INSERT_TAIL(list, t, entry);
	if (deadline == SCHED_NEVER)
		return;
	t->deadline = deadline;
	heap_add(&sched.deadlines, t);
}

/* Of one that waits: takes it out of all that would wake it. */
static void
unlink_wait(struct tasklet *t)
{
	heap_remove(&sched.deadlines, t);
	t->stopped = false;
	if (t->waits_on != NULL)
		TAILQ_REMOVE(t->waits_on, t, entry);
	t->waits_on = NULL;
}

void
sched_wake(struct tasklet *t)
{
	unlink_wait(t);
	sched_ready(t);
}

void
sched_wake_all(struct tasklets *list)
{
	struct tasklet *t;

	while ((t = TAILQ_FIRST(list)) != NULL)
		sched_wake(t);
}

void
sched_remove(struct tasklet *t)
{
	if (t->state != TASKLET_READY)
		unlink_wait(t);
	else if (!t->parked)
		TAILQ_REMOVE(&sched.ready, t, entry);
	t->parked = false;
}

void
sched_pause(struct tasklet *t)
{
	if (!t->paused)
		limit_shift(t, -sched_now());
	t->paused = true;
	if (t->heap_index == 0)
		return;
	heap_remove(&sched.deadlines, t);
	t->deadline -= sched_now();
	t->stopped = true;
}

void
sched_resume(struct tasklet *t)
{
	if (t->paused)
		limit_shift(t, sched_now());
	t->paused = false;
	if (t->parked) {
		t->parked = false;
		sched_ready(t);
	}
	if (t->stopped) {
		t->stopped = false;
		t->deadline += sched_now();
		heap_add(&sched.deadlines, t);
	}
}

/* --- turns ---------------------------------------------------------------- */

static void
wake_due(void)
{
	int64_t now = heap_first(&sched.deadlines) != NULL ? sched_now() : 0;
	struct tasklet *t;

	while (
	    (t = heap_first(&sched.deadlines)) != NULL && t->deadline <= now) {
		t->timed_out = true;
		sched_wake(t);
	}
}

/* While the daemon does not take what it is sent, no more is made. */
static bool
can_run(void)
{
	return !TAILQ_EMPTY(&sched.ready) && !line_is_full();
}

void
sched_let_run(const struct tasklet *t)
{
	if (t->state == TASKLET_READY && !t->paused && can_run())
		link_hold();
}

static void
run_first(void)
{
	struct tasklet *t = TAILQ_FIRST(&sched.ready);

	TAILQ_REMOVE(&sched.ready, t, entry);
	if (t->paused)
		t->parked = true;
	else
		tasklet_run(t);
}

static void
turn_cb(evutil_socket_t fd, short what, void *arg)
{
	int64_t stop = coarse_now() + BATCH_NS;
	int i;

	(void)fd;
	(void)what;
	(void)arg;
	wake_due();
	for (i = 0; i < BATCH && can_run() && coarse_now() < stop; i++)
		run_first();
	link_resume();
	sched_settle();
}

/* Libevent's clock stands still within a turn, so that it may be early; then
   nothing is due yet, and it is set anew. */
static void
arm(int64_t wait)
{
	struct timeval after;

	if (wait < 0)
		wait = 0;
	after.tv_sec = wait / NS_PER_SECOND;
	after.tv_usec = (wait % NS_PER_SECOND + 999) / 1000;
	if (after.tv_usec == 1000000) {
		after.tv_sec++;
		after.tv_usec = 0;
	}
	event_add(sched.turn, &after);
}

void
sched_settle(void)
{
	const struct tasklet *first = heap_first(&sched.deadlines);
	bool is_over =
	    tasklet_count() == 0 && !sched.goes_on && watch_is_settled();

	link_flush();
	if (!can_run())
		link_resume();
	if (is_over) {
		event_base_loopbreak(sched.base);
		return;
	}
	if (can_run()) {
		arm(0);
		return;
	}
	/* About to wait: what was printed is to be seen. */
	runtime_flush();
	if (first != NULL)
		arm(first->deadline - sched_now());
	else
		event_del(sched.turn);
}

static void
slice_cb(int number)
{
	(void)number;
	co_interrupt();
}

/* By CPU time: a program that waits makes no wake-ups. */
static void
open_slices(void)
{
	struct sigaction action = {
	    .sa_handler = slice_cb, .sa_flags = SA_RESTART};
	struct sigevent event = {
	    .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGVTALRM};
	struct itimerspec each = {{0, SLICE_NS}, {0, SLICE_NS}};

	sigaction(SIGVTALRM, &action, NULL);
	if (timer_create(CLOCK_PROCESS_CPUTIME_ID, &event, &sched.slices) ==
		-1 ||
	    timer_settime(sched.slices, 0, &each, NULL) == -1)
		runtime_fail("cannot make a timer: %s", strerror(errno));
}

void
sched_open(struct event_base *base)
{
	sched.base = base;
	TAILQ_INIT(&sched.ready);
	sched.turn = evtimer_new(base, turn_cb, NULL);
	open_slices();
}

void
sched_close(void)
{
	timer_delete(sched.slices);
	event_free(sched.turn);
	free(sched.deadlines.items);
}

void
sched_go_on(bool without_tasklets)
{
	sched.goes_on = without_tasklets;
}

void
sched_run(void)
{
	sched_settle();
	event_base_dispatch(sched.base);
}
