/* What the parts of connections share: conns.c is all of them, conn.c moves the
   bytes of one and ends it, conn_request.c turns lines into requests and
   replies into lines, conn_task.c is the task that it speaks for. */
#ifndef DAEMON_CONN_IMPL_H
#define DAEMON_CONN_IMPL_H

#include <event2/event_struct.h>

#include "daemon/caller.h"
#include "daemon/conn.h"
#include "daemon/quota.h"
#include "proto/frame.h"

struct attached;
struct evbuffer;
struct task;

enum conn_state {
	CONN_OPEN,
	CONN_LEAVING, /* no more requests; what is queued goes out */
	CONN_DEAD     /* detached; freed on a later turn */
};

struct conn {
	struct caller caller; /* first: the caller is the connection */
	struct conns *conns;
	struct task *task; /* its client task; NULL once that has ended */
	struct attached *attached; /* or the task that it attached to */
	LIST_ENTRY(conn) fellow;   /* of those attached to the same */
	LIST_ENTRY(conn) entry;
	enum conn_state state;
	int fd;
	struct event io;
	struct event turn;  /* zero timeout: there is work without I/O */
	struct event leave; /* the end of leave_time */
	short io_events;

	struct frame in;
	bool holds; /* there may be whole requests in it */
	struct evbuffer *out;
	bool eof;  /* it has shut down its sending side */
	bool mute; /* it is gone: replies are dropped */
	bool said_goodbye;

	/* The batch in progress. */
	json_t *requests; /* NULL: none */
	size_t next_request;
	struct batch *batch;
	size_t gathered; /* bytes in all batches not yet complete */
};

LIST_HEAD(conn_list, conn);

struct conns {
	struct daemon *daemon;
	struct event_base *base;
	struct conn_limits limits;
	void (*changed)(void *arg);
	void *changed_arg;
	struct conn_list conns;
	struct conn_list dead;
	struct attached *attached; /* by task */
	struct quota quota;
	size_t count;
	bool shutdown; /* no more connections */
	struct event *reaper;
};

/* --- conn.c --- */

/* Serves the client on that descriptor, which is taken over. */
void conn_new(struct conns *conns, int fd, uid_t uid);

/* It takes a turn. */
void conn_schedule(struct conn *conn);

/* It ends now; its memory is freed on a later turn. */
void conn_detach(struct conn *conn);

/* No more requests: what waits is answered with Cancelled, what is queued
   goes out, within a bounded time. */
void conn_leave(struct conn *conn, const char *why);

/* What waits is answered with Cancelled. What it had sent before is answered
   too, then it leaves, within the same time. */
void conn_dismiss(struct conn *conn);

/* --- conn_task.c --- */

/* It speaks for a new client task. */
void conn_spawn_client(struct conn *conn);

/* It no longer speaks for any: a client task ends. */
void conn_leave_task(struct conn *conn);

/* The `attach` of its caller. */
void conn_attach(struct caller *caller, struct task *task);

/* --- conn_request.c --- */

/* Handles one request that is held. False where there is none. */
bool conn_handle_next(struct conn *conn);

/* Queues the reply, taken over as the address is; NULL for none. */
void conn_queue(struct conn *conn, struct address *address, char *text);

/* Queues the next line to a program that hosts. False where there is none. */
bool conn_queue_line(struct conn *conn);

/* The request of that address gets no reply. */
void conn_drop_address(struct caller *caller, struct address *address);

/* Forgets the requests of the batch in progress, if any, that were not yet
   handled. */
void conn_close_batch(struct conn *conn);

#endif
