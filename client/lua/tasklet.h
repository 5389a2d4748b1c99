/* A tasklet: a Lua coroutine that the daemon knows as a task. */
#ifndef CLIENT_LUA_TASKLET_H
#define CLIENT_LUA_TASKLET_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include <jansson.h>
#include <lua.h>

struct extra;
struct reply;
struct tasklet;

/* Tasklets in a row: those that are ready, or that wait for one thing. */
TAILQ_HEAD(tasklets, tasklet);

enum tasklet_state {
	TASKLET_READY,
	TASKLET_RUNNING,
	TASKLET_SLEEPING,
	TASKLET_JOINING,   /* another one: waits_on is that one's joiners */
	TASKLET_ASKING,	   /* the daemon: waits_on is the request's waiters */
	TASKLET_RECEIVING, /* a message */
	TASKLET_CALLING,   /* a reply: waits_on is the callee's callers */
	TASKLET_OFFERING,  /* at a channel: waits_on is its senders */
	TASKLET_TAKING,	   /* at a channel: waits_on is its receivers */
	TASKLET_ENDING, /* its function is over; the daemon says how it ends */
	TASKLET_DONE,	/* from here on it has ended */
	TASKLET_FAILED,
	TASKLET_CANCELLED,
	TASKLET_TIMEOUT,
};

enum tasklet_scope { SCOPE_DETACH, SCOPE_WAIT, SCOPE_CANCEL };

/*
 * The memory of a full userdata, small as there may be a hundred thousand.
 * Its user values are those of enum tasklet_value. It is anchored until it
 * has ended and the daemon's answer to its `host` is here.
 */
struct tasklet {
	lua_State *thread;	    /* NULL once its function is over */
	lua_State *innermost;	    /* the coroutine in it that waits */
	TAILQ_ENTRY(tasklet) entry; /* of the ready ones, or of waits_on */
	struct tasklets *waits_on;  /* NULL: nothing but time */
	struct tasklets joiners;
	struct extra *extra; /* what few have; NULL for none */
	json_int_t id;	     /* 0: not known yet */
	int64_t deadline; /* of its wait; while stopped, what is left of it */
	uint32_t heap_index; /* 0: not in the heap of deadlines */
	int slot;	     /* where it is anchored */
	uint32_t held;	     /* lines of it that are held back */
	uint8_t state, scope;
	bool started : 1;   /* its function has been called */
	bool timed_out : 1; /* its wait ended by its deadline */
	bool raises : 1;    /* an error is kept for it, for its wait */
	bool cancelled : 1; /* it was told to end */
	bool paused : 1;
	bool stopped : 1;  /* paused: its deadline stands still */
	bool parked : 1;   /* paused: ready, but in no queue */
	bool refused : 1;  /* the daemon did not take it */
	bool provided : 1; /* a run of a provided function */
	bool awaited : 1;  /* someone means to join it later */
	bool asked : 1;	   /* the daemon is to say how it ends */
	bool limited : 1;  /* the deadline of its wait is a limit's */
	bool handed : 1;   /* its wait at a channel ended with a value */
};

#define TASKLET_METATABLE "Tasklet"

/* VALUE_THREAD is its outcome once its function is over. */
enum tasklet_value { VALUE_THREAD = 1, VALUE_NAME, VALUE_PLACE, VALUES = 3 };

/* What is done in a state where it is made; once. */
void tasklet_open(lua_State *L);

/*
 * Makes a tasklet of the function at the index and what is above it, its
 * arguments; pops all these and pushes the tasklet. The user values but for
 * the thread are the caller's to set. It is not ready, and not anchored, until
 * tasklet_anchor.
 */
struct tasklet *tasklet_new(lua_State *L, int function);

/* Keeps the tasklet at the index until it has ended, and the daemon knows. */
void tasklet_anchor(lua_State *L, int index);

/* The tasklet at the index, or NULL where there is something else. */
struct tasklet *tasklet_test(lua_State *L, int index);

/* Pushes one that is anchored. Raises no error. */
void tasklet_push(lua_State *L, const struct tasklet *tasklet);

/* Pushes the one of that id, or nil. */
void tasklet_push_id(lua_State *L, json_int_t id);

/* While it is on, those that end can still be found by their ids: the daemon
   may have told of them before. Counted. */
void tasklet_keep(lua_State *L, bool on);

static inline bool
tasklet_has_ended(const struct tasklet *tasklet)
{
	return tasklet->state >= TASKLET_DONE;
}

const char *tasklet_state_name(const struct tasklet *tasklet);

/* Ends one that the daemon has ended without it: it never runs again. */
void tasklet_abandon(lua_State *L, struct tasklet *tasklet);

/* Runs one that is ready until it waits or ends. */
void tasklet_run(struct tasklet *tasklet);

/*
 * Has it raise the error on top of the stack, which is popped, where it waits,
 * or was interrupted; ends it where it never ran.
 */
void tasklet_raise(lua_State *L, struct tasklet *tasklet);

/* In the continuation of a wait, or where it is interrupted: raises what
   tasklet_raise gave, or that a limit ran out. */
void tasklet_check(lua_State *L, struct tasklet *tasklet);

/* The daemon's answer to the `host` of it. */
void tasklet_hosted_cb(void *tasklet, const struct reply *reply);

/* Its lines are sent: it is anchored no more, where that was all. */
void tasklet_let_go(lua_State *L, struct tasklet *tasklet);

/* How many are still anchored. */
unsigned tasklet_count(void);

#endif
