/* A descriptor that is waited for, also where the system has no memory to do
   so yet. */
#ifndef DAEMON_WATCH_H
#define DAEMON_WATCH_H

#include <event2/event.h>
#include <event2/event_struct.h>

struct watch {
	struct event event;
	struct event retry; /* pending where it could not be added */
};

/* As event_assign(3); it is not started. */
void watch_create(struct watch *watch, struct event_base *base, int fd,
    short what, event_callback_fn callback, void *arg);

/* Either may be called again. What could not be started is tried each second;
   a watch must be stopped before its descriptor is closed. */
void watch_start(struct watch *watch);
void watch_stop(struct watch *watch);

#endif
