/* The connection to the daemon: lines out, replies and notifications in. */
#ifndef CLIENT_LUA_LINK_H
#define CLIENT_LUA_LINK_H

#include <stdbool.h>
#include <stddef.h>

struct event_base;
struct reply;
struct request;

typedef void link_reply_cb(void *arg, const struct reply *reply);

/* What comes without having been asked for, and what is done when all that
   came at once has been dealt with. */
struct link_calls {
	void (*request_cb)(const struct request *request);
	void (*idle_cb)(void);
};

/*
 * Connects as tasklet-ctl does. Here, and wherever the connection is lost, the
 * process ends with a message.
 */
void link_open(struct event_base *base, const char *socket,
    const struct link_calls *calls);
void link_close(void);

/* Whether the daemon is this user's own. */
bool link_is_own(void);

/* The id for a request, whose reply goes to `reply_cb`; it is 1 or more. */
unsigned link_expect(link_reply_cb *reply_cb, void *arg);

/* The reply to that request goes there instead. */
void link_redirect(unsigned id, link_reply_cb *reply_cb, void *arg);

/* Gives the request that reply, in place of the daemon. */
void link_answer(unsigned id, const struct reply *reply);

/* Takes nothing more that comes, until it is to go on. */
void link_hold(void);
void link_resume(void);

/* Queues a line, which ends with its LF. */
void link_send(const char *line, size_t length);

/* Sends what is queued, as far as it goes. */
void link_flush(void);

/* Sends all that is queued, and waits until it is out. */
void link_drain(void);

/* Whether the daemon should first take what is queued. */
bool link_is_full(void);

#endif
