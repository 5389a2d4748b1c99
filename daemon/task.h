/* A task and its place: the tree, the ids, the names, the outcome. Pure data:
   nothing here runs, waits or tells anyone. */
#ifndef DAEMON_TASK_H
#define DAEMON_TASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>

#include "daemon/table.h"
#include "daemon/timer.h"

struct awaited;
struct cursor;
struct dependency;
struct function;
struct output;
struct pool;
struct wait_link;

#define TASK_ROOT_ID 1

enum task_state {
	TASK_READY,
	TASK_RUNNING,
	TASK_SLEEPING,
	TASK_WAITING,
	TASK_PAUSED,
	TASK_DONE, /* from here on finished */
	TASK_FAILED,
	TASK_CANCELLED,
	TASK_TIMEOUT
};

/* What a task does about its children before it ends. */
enum task_scope { SCOPE_DETACH, SCOPE_WAIT, SCOPE_CANCEL };

/* How a task ended. Shared: joiners keep it when the task is let go. */
struct outcome {
	uint32_t refs;
	enum task_state state;
	uint64_t order;	  /* rises with each outcome of this run */
	int64_t ended;	  /* ns of the timers' clock */
	int64_t finished; /* wall clock, microseconds */
	/* JSON: the result of a done task, the error of a failed one; of a
	   cancelled one the reason, a string, or the task that it was to come
	   after, {"task","state"}; else empty. */
	char text[];
};

/* One name, shared by all tasks that have it. */
struct name;

TAILQ_HEAD(task_list, task);
LIST_HEAD(wait_list, wait_link);
LIST_HEAD(cursor_list, cursor);

/* The limits of the whole task and of each of its runs, for those that have
   one of them. */
struct task_limit {
	struct timer timer;
	struct timer run_timer; /* set while it runs */
	struct task *task;
	double seconds, run_seconds; /* negative: none */
};

enum recurrence_kind {
	RECUR_LATER,	/* once, after a delay */
	RECUR_INTERVAL, /* sleep, run, sleep, run */
	RECUR_LOOP,	/* again as soon as it ends */
	RECUR_RATE,	/* so many times a second */
	RECUR_RETRY	/* until it succeeds */
};

/* How many attempts of a task are remembered. */
#define RECUR_ATTEMPTS 10

/* A run that has ended of a task that is retried. */
struct attempt {
	int64_t started, finished; /* wall clock, microseconds */
	char *error;		   /* JSON; NULL: it succeeded */
};

/* How a task runs its function again, and how that went so far. */
struct recurrence {
	enum recurrence_kind kind;
	bool immediate;			 /* RECUR_INTERVAL: it runs first */
	double every;			 /* seconds; RECUR_RATE: hertz */
	uint64_t max_runs, max_failures; /* 0: no bound */
	uint64_t times;			 /* RECUR_RETRY: again at most */
	double max_backoff;		 /* RECUR_RETRY: seconds */

	uint64_t runs;		  /* that have ended */
	uint64_t failures;	  /* of these */
	uint64_t failures_in_row; /* the last ones */
	uint64_t missed;	  /* RECUR_RATE: ticks skipped */
	char *last_error;	  /* JSON of the last failure; NULL: none */
	char *last_result;	  /* JSON of the last success; NULL: none */
	int64_t base;		  /* RECUR_RATE: ns of tick 0 */
	uint64_t tick;		  /* RECUR_RATE: the one that runs or is next */
	int64_t run_started;	  /* wall clock, microseconds: the last run */
	/* RECUR_RETRY: the last ones, each at its number modulo the size. */
	struct attempt attempts[];
};

/* What stands still while a task is paused. */
struct pause {
	enum task_state state; /* the one it had */
	bool subtree;	       /* new children start paused */
	int64_t since;	       /* ns of the timers' clock */
	int64_t wall_since;    /* wall clock, microseconds */
	int64_t wake_left;     /* ns; of its sleep */
	int64_t timeout_left;  /* ns; of its timeout */
	int64_t run_left;      /* ns; of its run's */
};

enum gate_step {
	GATE_OPEN,   /* it waits for none */
	GATE_AFTER,  /* for tasks to end */
	GATE_QUEUED, /* for its turn in its pool */
	GATE_HOLDS   /* its run has slots of the pool */
};

/* What must be true before a task is ready, and who waits for its end. */
struct gate {
	struct task *task;
	enum gate_step step;
	uint32_t weight; /* slots of the pool that a run takes */
	int64_t since;	 /* wall clock, microseconds: it waits */
	double delay;	 /* seconds to its first run, when it need not wait */

	struct dependency *after; /* tasks it waits for; NULL: none */
	size_t pending;		  /* how many */
	struct awaited *awaited;  /* who waits for this one; NULL: none */

	struct pool *pool;	 /* NULL: none, or it has ended */
	TAILQ_ENTRY(gate) entry; /* of the pool's queue, or of its holders */
	uint64_t ticket;	 /* its turn: less is earlier */
	char pool_name[];	 /* "": none */
};

/* A million of these sleep at once: keep it small. */
struct task {
	struct table_link by_id;
	uint64_t id;
	struct name *name;
	const struct function *function;
	char *args;    /* compact JSON array; NULL is [] */
	char *options; /* compact JSON object; NULL is {} */

	/* A finished task's parent is an id, as the parent may be gone. */
	union {
		struct task *parent; /* NULL only for the root */
		uint64_t parent_id;
	};
	TAILQ_ENTRY(task) sibling;
	struct task_list children; /* in order of spawning or adoption */
	uint32_t nchildren;

	uid_t owner;
	uint8_t state; /* enum task_state */
	uint8_t scope; /* enum task_scope */
	bool queued;   /* in the run queue */
	bool stopping; /* it is to end as `outcome` says when its run has */
	bool closing;  /* its function has ended, its children have not */
	bool fresh;    /* its function is to be started, not resumed */
	struct timer wake;

	TAILQ_ENTRY(task) in_order; /* all tasks, by id */
	TAILQ_ENTRY(task) of_name;  /* of the name's live or finished ones */
	TAILQ_ENTRY(task) queue;    /* run queue, or finished ones by age */

	int64_t created, started; /* wall clock, microseconds; 0: not yet */
	struct task_limit *limit; /* NULL: none */
	struct recurrence *recurrence; /* NULL: it runs once */
	struct pause *pause;	       /* NULL: it is not paused */
	struct gate *gate;	  /* NULL: it waits for none, nor any for it */
	struct outcome *outcome;  /* set when stopping, closing or finished */
	struct output *output;	  /* NULL: it wrote none */
	struct wait_list joiners; /* what waits for its outcome */
	struct cursor_list cursors; /* what stands on it */
	void *data;		    /* its function's */
};

struct tasks;

/* Microseconds of the wall clock: to be shown, never computed with. */
int64_t task_wall_clock(void);

/* An empty table. Deleting it frees all tasks. */
struct tasks *tasks_new(void);
void tasks_delete(struct tasks *tasks);

size_t tasks_live(const struct tasks *tasks);
struct task *tasks_first(const struct tasks *tasks);

/*
 * A new task, ready, with the next id, as the last child of `parent` (a live
 * task; NULL for the root alone). Takes args over. `nameless` tasks have a
 * name but are not found by it.
 */
struct task *task_new(struct tasks *tasks, struct task *parent,
    const struct function *function, const char *name, char *args,
    bool nameless);

/* The live or finished task of that id, or NULL. O(1). */
struct task *task_find(const struct tasks *tasks, uint64_t id);

/*
 * The live task of that name, else the one of that name that finished last;
 * NULL where there is none. *live is how many live. Where that is over 1,
 * the rest follow by task_next_namesake. O(1).
 */
struct task *task_find_name(
    const struct tasks *tasks, const char *name, size_t *live);
struct task *task_next_namesake(const struct task *task);

const char *task_name(const struct task *task);
bool task_is_live(const struct task *task);

/* For a live task itself, else its nearest ancestor that lives. Amortised
   O(1): the way is made shorter for the next one. */
struct task *task_living(const struct tasks *tasks, struct task *task);

/*
 * Out of the tree, with its outcome (taken over): its children are adopted
 * by its parent in its place, cursors on it move on. It is still found by id
 * and, where none lives, by name. O(children).
 */
void task_finish(
    struct tasks *tasks, struct task *task, struct outcome *outcome);

/* Frees a finished task. */
void task_free(struct tasks *tasks, struct task *task);

/*
 * The task after this one in preorder of the tree below `top` (NULL for the
 * whole tree), or NULL after the last; task_after leaves out its
 * descendants.
 */
struct task *task_next(const struct task *task, const struct task *top);
struct task *task_after(const struct task *task, const struct task *top);

/* How many ancestors it has; O(that). */
size_t task_depth(const struct task *task);

/* The name of a state, as on the wire; state_find returns -1 for no state. */
const char *task_state_name(enum task_state state);
int task_state_find(const char *name);
const char *task_scope_name(enum task_scope scope);

/* NULL is allowed. */
void recurrence_delete(struct recurrence *recurrence);
void gate_delete(struct gate *gate);

/* Copies text (NULL is ""); one reference. */
struct outcome *outcome_new(
    struct tasks *tasks, enum task_state state, const char *text, int64_t now);
/* Makes it one of now, after all others: its task ends later than it was
   known how. */
void outcome_renew(struct tasks *tasks, struct outcome *outcome, int64_t now);
struct outcome *outcome_ref(struct outcome *outcome);
void outcome_unref(struct outcome *outcome); /* NULL is allowed */

#endif
