/* What the two halves of waiting share: waiter.c is who waits and for how long,
   waiter_reply.c what it is told. */
#ifndef DAEMON_WAITER_IMPL_H
#define DAEMON_WAITER_IMPL_H

#include "daemon/waiter.h"

/* One task that a request waits for. */
struct wait_link {
	LIST_ENTRY(wait_link) entry; /* while it has no outcome */
	struct waiter *waiter;
	uint64_t task;
	struct outcome *outcome;
};

struct waiter {
	struct timer timer;
	TAILQ_ENTRY(waiter) entry;
	struct waiter_list *list; /* of its caller's */
	struct caller *caller;
	struct address address;
	enum waiter_mode mode;
	int64_t since;		 /* wall clock, microseconds */
	json_t *error;		 /* the reply, where it is an error */
	struct wait_link *first; /* WAIT_ANY: the one that finished first */
	size_t pending;		 /* links without an outcome */
	size_t count;
	size_t weight; /* of caller->nwaiting */

	/* WAIT_ANSWER: */
	const char *what;
	char *answer;
	struct waiter **slot; /* NULL once it is answered */
	void (*gone)(struct waiter **slot);

	/* WAIT_FOLLOW: it listens while it is waiting, no longer when it is
	   telling, and has told all when it is ready. */
	struct follow *follow;

	struct wait_link links[];
};

/* A task that has ended, for those who waited for it. */
struct ending {
	STAILQ_ENTRY(ending) entry;
	struct outcome *outcome;
	struct wait_list links;
};

struct waiters {
	struct timers *timers;
	size_t reply; /* bytes of one, at most */
	void (*wake)(void *arg);
	void *wake_arg;
	STAILQ_HEAD(, ending) endings;
};

/* --- waiter_reply.c --- */

/* Ids of the tasks whose outcome is missing; `most` of them at most. */
json_t *pending_ids(const struct waiter *waiter, size_t most);

/* The text of the reply to a request that is ready; to be freed. */
char *reply_to(const struct waiters *waiters, const struct waiter *waiter);

#endif
