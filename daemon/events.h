/* What happens to tasks, told to those who subscribed to it. */
#ifndef DAEMON_EVENTS_H
#define DAEMON_EVENTS_H

#include <stdint.h>

#include "daemon/scheduler.h"

struct caller;
struct events;

/* Subscriptions at a time, each of which makes every event cost a little. */
#define EVENTS_SUBSCRIPTIONS 64

/* Events that wait for a subscriber to read; the oldest go. */
#define EVENTS_QUEUED 1024

/* Which events: bits are 1 << enum scheduler_event. */
struct event_filter {
	unsigned int what;
	uint64_t task;	  /* that one and those below it; 0: all */
	const char *name; /* glob(7), copied; NULL: any */
};

struct events *events_new(void);
void events_delete(struct events *events);

/* From now on, in place of an earlier subscription of the caller's. Returns -1
   where there are EVENTS_SUBSCRIPTIONS. */
int events_subscribe(struct events *events, struct caller *caller,
    const struct event_filter *filter);

/* No effect where it has none. */
void events_unsubscribe(struct events *events, struct caller *caller);

/* The scheduler's hook. Takes time only where someone subscribed. */
void events_note(struct events *events, struct scheduler *scheduler,
    enum scheduler_event what, const struct task *task);

/* The text of the caller's next notification, to be freed; NULL for none. */
char *events_take(struct caller *caller);

/* Whether there is one. */
bool events_wait(const struct caller *caller);

#endif
