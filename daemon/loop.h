/* The libevent base, and what it calls each turn. */
#ifndef DAEMON_LOOP_H
#define DAEMON_LOOP_H

#include <stdint.h>

struct event_base;
struct gates;
struct hosts;
struct loop;
struct scheduler;
struct timers;
struct waiters;

/* Returns NULL, after logging why, where the system gives no descriptor. */
struct loop *loop_new(void);
void loop_delete(struct loop *loop);

struct event_base *loop_base(struct loop *loop);

/* What its turns run; borrowed. */
void loop_serve(struct loop *loop, struct timers *timers, struct gates *gates,
    struct scheduler *scheduler, struct waiters *waiters, struct hosts *hosts);

/* Runs until event_base_loopbreak. Returns 0, or -1, after logging it, where
   the system does not let it go on. */
int loop_run(struct loop *loop);

/* Hooks for those: something is ready; the earliest deadline has changed. */
void loop_wake(void *loop);
void loop_arm(void *loop, int64_t deadline);

#endif
