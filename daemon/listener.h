/* The control socket: bound, listened on, accepted from. */
#ifndef DAEMON_LISTENER_H
#define DAEMON_LISTENER_H

struct conns;
struct event_base;
struct listener;
struct place;

/*
 * Binds the socket with mode 0600, unless it is handed over, and accepts
 * clients for conns. A socket file that no daemon serves any more is replaced;
 * one that is served, or that is no socket, is left alone. Returns NULL after
 * logging why. Takes over the descriptor of the place, and borrows it.
 */
struct listener *listener_new(
    struct event_base *base, const struct place *place, struct conns *conns);

/* Stops accepting and removes the socket, if we bound it and it is still
   ours. */
void listener_delete(struct listener *listener); /* NULL is allowed */

/* A descriptor came free: accepting goes on, if it was paused for want of
   one. */
void listener_resume(struct listener *listener);

#endif
