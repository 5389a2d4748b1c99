/* The live tasks of the daemon, as they are: its tree, and then its events. */
#ifndef CLIENT_LIVE_H
#define CLIENT_LIVE_H

#include <stdbool.h>
#include <jansson.h>

#include "proto/hash.h"
#include "proto/reply.h"

struct call;

/* A task as it was last told of. Connections and the root are none here. */
struct live_task {
	json_int_t id;
	char *name, *function;
	char state[16];
	char recurrence[16]; /* its kind; "" for none */
	double created;	     /* Unix seconds, as all times here */
	bool has_started;
	json_t *wait; /* only where it was asked for; else NULL */
	void *data;   /* of who watches; freed with free() */

	/* Of this module. */
	UT_hash_handle hh;
	unsigned int reading; /* the last in which it was seen */
	bool is_stale;
	struct live_task *next_stale;
};

enum live_change {
	LIVE_NEW,
	LIVE_CHANGED, /* maybe: its row was told again */
	LIVE_FAILED,  /* a run of it */
	LIVE_GONE     /* it is freed after this */
};

/* Zeroed but for call, note and arg. */
struct live {
	struct call *call;
	void (*note)(void *arg, struct live_task *task, enum live_change change,
	    double time);
	/* The events that were missed, by their numbers; NULL to ignore it. */
	void (*missed)(void *arg, json_int_t from, json_int_t to);
	void *arg;

	struct live_task *tasks; /* a hash of uthash's */
	bool is_read;		 /* the whole tree was read once */

	/* Of this module. */
	json_int_t subscribe, page; /* requests; 0 for none */
	unsigned int reading;	    /* counts how often the tree was read */
	bool again;		    /* it is to be read once more */
	size_t asked;		    /* requests for rows */
	struct live_task *stale, **stale_end;
};

/*
 * Subscribes, stays (call_stay), and begins to read the tree. The call is to be
 * used without waiting, by call_take, from now on; it tells of no other
 * notifications.
 */
void live_start(struct live *live);
void live_stop(struct live *live);

/* Takes a reply that is to no request of who watches; ends the process as
   call_method does. */
void live_take(struct live *live, const struct reply *reply);

/* Has the task's row asked for. */
void live_ask(struct live *live, struct live_task *task);

/* Sends what is to be asked for, as much as may be on its way at a time. Call
   it before each wait. */
void live_flush(struct live *live);

struct live_task *live_find(struct live *live, json_int_t id);
size_t live_count(const struct live *live);

#endif
