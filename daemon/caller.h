/* Who makes a request: what methods and waiters know of a connection. */
#ifndef DAEMON_CALLER_H
#define DAEMON_CALLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>
#include <jansson.h>

#include "daemon/cursor.h"

struct batch;
struct host;
struct subscription;
struct task;
struct waiter;

TAILQ_HEAD(waiter_list, waiter);

/* Where a reply goes: which request it answers, and in which batch. */
struct address {
	json_t *id;	     /* owned; NULL is null */
	struct batch *batch; /* NULL: none */
	bool silent;	     /* a notification: no reply */
};

/* Part of a connection, and gone with it. */
struct caller {
	uint64_t task; /* the task it speaks for */
	uid_t uid;
	struct walks walks;
	struct host *host; /* NULL: its program hosts and provides nothing */

	struct waiter_list waiting; /* requests that wait */
	struct waiter_list telling; /* those with notifications for it */
	struct waiter_list ready;   /* those to be answered, in order */
	size_t nwaiting;	    /* what the requests in all wait for */

	struct subscription *subscription; /* to events; NULL: none */

	/* Called when `telling` or `ready` is no longer empty, or its program
	   is to be told something. */
	void (*wake)(struct caller *caller);

	/* Whether it takes a notification at once, which is taken over. */
	bool (*has_room)(const struct caller *caller);
	void (*tell)(struct caller *caller, char *notification);

	/* Makes it speak for that live task, and no longer for its own. */
	void (*attach)(struct caller *caller, struct task *task);
};

#endif
