/* Calls to the daemon: a request goes out, its reply comes back. */
#ifndef CLIENT_CALL_H
#define CLIENT_CALL_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>
#include <jansson.h>

#include "proto/frame.h"
#include "proto/reply.h"

/* A connection, made by the first request. */
struct call {
	const char *option; /* the socket asked for; NULL for the default */
	char *path;	    /* the socket connected to */
	int fd;		    /* -1 before the first request */
	struct frame frame;
	char *out; /* requests queued, from out_begin to out_end */
	size_t out_begin, out_end, out_size;
	json_int_t id; /* of the last request */
	json_t *value; /* the last reply, NULL before it */

	json_int_t attach; /* request: it speaks for a task; 0 for none */
	bool is_attached;  /* that was granted */

	json_int_t stay; /* request: it is answered at the end; 0 for none */
	json_t *end;	 /* the error it was answered with; else NULL */

	/* Is given the params of each notification of that method, borrowed;
	   all others are ignored. */
	const char *method;
	void (*notify)(void *arg, json_t *params);

	/* Is called where the connection has ended, before that is told. It
	   may end the process. */
	void (*lost)(void *arg);
	void *arg;
};

void call_create(struct call *call);
void call_destroy(struct call *call);

/*
 * Connects where that was not done. In a command that the daemon at the other
 * end started (TASKLET_ID, TASKLET_SOCKET) the connection then speaks for that
 * task, where it still can; is_attached tells so after the first reply.
 */
void call_open(struct call *call);

/* Whether the daemon is this user's own. Connects. */
bool call_is_own(struct call *call);

/*
 * Calls a method and waits for its result, which is borrowed until the next
 * reply is read. Steals params. Where there is no result the process ends:
 * with the daemon's error reported and its status, or with
 * STATUS_UNREACHABLE.
 */
json_t *call_method(struct call *call, const char *method, json_t *params);

/* As call_method, but that the daemon's error is given in the reply. */
void call_try(
    struct call *call, const char *method, json_t *params, struct reply *reply);

/*
 * Many requests at once. call_send queues one and returns its id; steals
 * params. call_receive sends what is queued and waits for the next reply, to
 * whichever request, borrowed until the next. How many requests are queued is
 * for the caller to bound.
 */
json_int_t call_send(struct call *call, const char *method, json_t *params);
void call_receive(struct call *call, struct reply *reply);

/*
 * For who stays until the daemon goes. Has the daemon tell of the end, as when
 * it shuts down; where it did, the process ends with that error rather than as
 * one whose connection was lost, once all that came before it was taken.
 */
void call_stay(struct call *call);

/* Whether it is the error, or NULL, of a daemon that shuts down, or drops this
   client. */
bool call_is_over(const json_t *error);

/* Whether call_receive would not wait. */
bool call_is_ready(const struct call *call);

/*
 * For who waits for more than replies. call_take gives the next reply that has
 * come, as call_receive, or returns false. call_wait sends what is queued and
 * waits for anything to come; for `fd`, unless it is -1, to be ready to be
 * read; or for a signal that is not in `mask`, unless it is NULL. Returns
 * whether `fd` is ready.
 */
bool call_take(struct call *call, struct reply *reply);
bool call_wait(struct call *call, int fd, const sigset_t *mask);

/* As call_wait, but at most that long. */
bool call_wait_for(struct call *call, int fd, const sigset_t *mask,
    const struct timespec *most);

/* Sends what is queued, as much as can be now. */
void call_flush(struct call *call);

/* Ends the process: the last result is not what the protocol says. */
_Noreturn void call_refuse_result(const struct call *call);

#endif
