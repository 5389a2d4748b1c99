/* The libevent base, and what it calls each turn. */
#include "config.h"

#include "daemon/loop.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <event2/event.h>

#include "daemon/gate.h"
#include "daemon/host.h"
#include "daemon/log.h"
#include "daemon/scheduler.h"
#include "daemon/timer.h"
#include "daemon/waiter.h"
#include "proto/xalloc.h"

/* Of each kind, at most so much in one turn: then descriptors are looked at
   again. 256 tasks take well under a millisecond. */
#define BATCH 256

/* Nanoseconds. To be woken costs as much as to run a task or two, so what is
   due so soon waits for what is due until then: it is late by this at most,
   which is what the kernel's timer slack is for any other program. */
#define GATHER 50000

struct loop {
	struct event_base *base;
	struct event *ready; /* active, or zero timeout, while anything is */
	bool in_ready;
	struct event *timer;
	int timerfd; /* the earliest deadline: absolute, exact to the ns */
	bool failed;
	struct timers *timers;
	struct gates *gates;
	struct scheduler *scheduler;
	struct waiters *waiters;
	struct hosts *hosts;
};

void
loop_wake(void *arg)
{
	static const struct timeval now = {0, 0};
	struct loop *loop = arg;

	/* Before the next request is read; what that in turn makes ready waits
	   until descriptors were looked at: libevent 2.1 would go on for ever.
	 */
	if (loop->in_ready)
		event_add(loop->ready, &now);
	else
		event_active(loop->ready, EV_TIMEOUT, 0);
}

/* Not sooner than GATHER from now, unless it is over. */
static int64_t
gathered(int64_t deadline)
{
	int64_t now = timers_monotonic();

	return deadline <= now || deadline - now >= GATHER ? deadline :
							     now + GATHER;
}

void
loop_arm(void *arg, int64_t deadline)
{
	struct loop *loop = arg;
	struct itimerspec when = {{0, 0}, {0, 0}}; /* disarmed */

	deadline = gathered(deadline);
	if (deadline != INT64_MAX) {
		if (deadline < 1)
			deadline = 1;
		when.it_value.tv_sec = deadline / NS_PER_SECOND;
		when.it_value.tv_nsec = deadline % NS_PER_SECOND;
	}
	if (timerfd_settime(loop->timerfd, TFD_TIMER_ABSTIME, &when, NULL) == 0)
		return;
	/* Without deadlines nothing could be relied on. */
	log_line(LOG_ERROR, "loop", "the timer: %s", strerror(errno));
	loop->failed = true;
	event_base_loopbreak(loop->base);
}

int
loop_run(struct loop *loop)
{
	if (!loop->failed && event_base_dispatch(loop->base) == -1) {
		log_line(LOG_ERROR, "loop", "cannot wait for events");
		loop->failed = true;
	}
	return loop->failed ? -1 : 0;
}

static void
ready_cb(evutil_socket_t fd, short what, void *arg)
{
	struct loop *loop = arg;
	bool more;

	(void)fd;
	(void)what;
	loop->in_ready = true;
	more = gates_run(loop->gates, BATCH);
	more |= scheduler_run(loop->scheduler, BATCH);
	more |= waiters_run(loop->waiters, BATCH);
	more |= hosts_run(loop->hosts, BATCH);
	if (more)
		loop_wake(loop);
	loop->in_ready = false;
}

static void
timer_cb(evutil_socket_t fd, short what, void *arg)
{
	struct loop *loop = arg;

	(void)fd;
	(void)what;
	/* That arms the descriptor anew, which makes it unreadable. */
	timers_run(loop->timers, BATCH);
}

/* libevent's own, of what it could not do. */
static void
log_cb(int severity, const char *message)
{
	log_line(severity == EVENT_LOG_ERR ? LOG_ERROR : LOG_WARNING, "loop",
	    "%s", message);
}

struct loop *
loop_new(void)
{
	struct loop *loop = xcalloc(1, sizeof *loop);

	event_set_log_callback(log_cb);
	loop->timerfd =
	    timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (loop->timerfd == -1)
		goto fail;
	loop->base = event_base_new();
	if (loop->base == NULL)
		goto fail;
	loop->ready = evtimer_new(loop->base, ready_cb, loop);
	loop->timer = event_new(
	    loop->base, loop->timerfd, EV_READ | EV_PERSIST, timer_cb, loop);
	if (loop->ready == NULL || loop->timer == NULL ||
	    event_add(loop->timer, NULL) == -1)
		goto fail;
	return loop;
fail:
	log_line(LOG_ERROR, "loop", "the event loop: %s", strerror(errno));
	loop_delete(loop);
	return NULL;
}

void
loop_delete(struct loop *loop)
{
	if (loop->timer != NULL)
		event_free(loop->timer);
	if (loop->ready != NULL)
		event_free(loop->ready);
	if (loop->base != NULL)
		event_base_free(loop->base);
	if (loop->timerfd != -1)
		close(loop->timerfd);
	free(loop);
}

struct event_base *
loop_base(struct loop *loop)
{
	return loop->base;
}

void
loop_serve(struct loop *loop, struct timers *timers, struct gates *gates,
    struct scheduler *scheduler, struct waiters *waiters, struct hosts *hosts)
{
	loop->timers = timers;
	loop->gates = gates;
	loop->scheduler = scheduler;
	loop->waiters = waiters;
	loop->hosts = hosts;
}
