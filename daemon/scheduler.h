/* The life of a task: spawn, run, sleep, end, cancel. */
#ifndef DAEMON_SCHEDULER_H
#define DAEMON_SCHEDULER_H

#include "daemon/output.h"
#include "daemon/task.h"
#include "daemon/timer.h"

struct scheduler;

/* The bounds on tasks. */
struct scheduler_limits {
	size_t tasks;	       /* live ones */
	size_t retained;       /* finished ones kept */
	size_t retained_bytes; /* and what they hold */
	size_t retained_age;   /* seconds */
	size_t output;	       /* bytes of output kept for each task */
};

extern const struct scheduler_limits scheduler_default_limits;

/* What has happened since the start. */
struct scheduler_counts {
	uint64_t spawned;
	uint64_t finished[TASK_TIMEOUT + 1]; /* by state; from TASK_DONE on */
	size_t live[TASK_TIMEOUT + 1];	     /* now, by state; up to PAUSED */
	size_t internal; /* of these: the root and clients */
	size_t retained;
	size_t retained_bytes;
};

/* What happens to a task. */
enum scheduler_event {
	EVENT_CREATED,
	EVENT_STARTED,	/* for the first time */
	EVENT_FINISHED, /* however it ended */
	EVENT_FAILED,	/* a run of it, also its last */
	EVENT_OUTPUT	/* it wrote something */
};

/* Told of what the rest of the daemon hangs on it. */
struct scheduler_hooks {
	/* Something is ready: scheduler_run is to be called from the loop. */
	void (*wake)(void *arg);
	/* A task has ended; it is still there, out of the tree. */
	void (*ended)(void *arg, struct task *task);
	/* A task whose output someone follows is about to write so much. */
	void (*writes)(void *arg, struct task *task, size_t length);
	/* A run of a task that recurs has ended: to be followed by
	   scheduler_run_again or scheduler_end. */
	void (*run_ended)(struct scheduler *scheduler, struct task *task,
	    enum task_state state, const char *text);
	/* That has happened to a task that is no client. May be NULL. */
	void (*happened)(
	    void *arg, enum scheduler_event what, struct task *task);
	/* A task that recurs was paused for so many ns. */
	void (*resumed)(struct task *task, int64_t paused);
	/* One that had gates begins anew, at that time. */
	void (*begun)(struct task *task, int64_t at);
	void *arg;
};

/* Told of tasks that have gates, which are other tasks' concern too. */
struct scheduler_gates {
	/* A run is due: it begins by scheduler_pass. Until then the task is
	   waiting. */
	void (*due)(void *arg, struct task *task);
	/* A task that waits so was paused or resumed. */
	void (*held)(void *arg, struct task *task);
	/* The run has ended, or there will be none: what it took, and what it
	   waits for, is given back. More than once is harmless. */
	void (*left)(void *arg, struct task *task);
	/* The task has ended; it is still there, out of the tree. */
	void (*ended)(void *arg, struct task *task);
	void *arg;
};

/* Borrows timers, tasks and limits, and handles TIMER_WAKE, _TIMEOUT and
   _RETENTION. Makes the root task, of the function given. */
struct scheduler *scheduler_new(struct tasks *tasks, struct timers *timers,
    const struct scheduler_limits *limits, const struct scheduler_hooks *hooks,
    const struct function *root);
void scheduler_delete(struct scheduler *scheduler);

/* To be called before any task has gates. */
void scheduler_set_gates(
    struct scheduler *scheduler, const struct scheduler_gates *gates);

struct tasks *scheduler_tasks(struct scheduler *scheduler);
struct timers *scheduler_timers(struct scheduler *scheduler);
const struct scheduler_limits *scheduler_limits(
    const struct scheduler *scheduler);
const struct scheduler_counts *scheduler_counts(
    const struct scheduler *scheduler);

struct spawn {
	const struct function *function;
	const char *name;    /* NULL: the function's */
	struct task *parent; /* live */
	char *args;	     /* taken over; NULL: [] */
	char *options;	     /* taken over; NULL: {} */
	double timeout;	     /* seconds; negative: none */
	bool limits_run;     /* run_timeout is one */
	double run_timeout;  /* seconds, of each run */
	enum task_scope scope;
	uid_t owner;
	struct recurrence *recurrence; /* taken over; NULL: none */
	double delay;		       /* seconds to its first run */
	bool running;	   /* at once: its function is not started */
	void *data;	   /* its function's */
	struct gate *gate; /* taken over; NULL: none, else it waits until
			      scheduler_begin */
};

/*
 * A new task, ready; its function runs from the loop. NULL, with what it was
 * to take over freed, where the bound on tasks is reached. A function that is
 * not for anyone to spawn (a client's) is not bounded here, starts as running,
 * is not found by name and is not retained. O(1), the deadline O(log n).
 */
struct task *scheduler_spawn(
    struct scheduler *scheduler, const struct spawn *spawn);

/* To be called for a task that was spawned with gates, once it can be shown
   what it waits for: only then it is said to be created. */
void scheduler_note_gated(struct scheduler *scheduler, struct task *task);

/* A task that was spawned with gates begins, after such a delay. */
void scheduler_begin(
    struct scheduler *scheduler, struct task *task, double delay);

/* A run that was due is ready. The task is not paused. */
void scheduler_pass(struct scheduler *scheduler, struct task *task);

/* Runs up to `most` ready tasks. True where more are ready. */
bool scheduler_run(struct scheduler *scheduler, size_t most);

/* For functions: the task sleeps, then its function is resumed. */
void scheduler_sleep(
    struct scheduler *scheduler, struct task *task, double seconds);

/* For functions: the task is in that state, of its own accord. */
void scheduler_set_state(
    struct scheduler *scheduler, struct task *task, enum task_state state);

/* The task's output, made where it has none yet. */
struct output *scheduler_output(struct scheduler *scheduler, struct task *task);

/* For functions: to that stream of the task's output. */
void scheduler_write(struct scheduler *scheduler, struct task *task,
    enum output_stream stream, const char *data, size_t length);

/* For functions: the run has ended. A task that does not recur, or was told to
   stop, ends as by scheduler_end. */
void scheduler_finish(struct scheduler *scheduler, struct task *task,
    enum task_state state, const char *text);

/* A run of a task that recurs has failed: that is an event. */
void scheduler_note_failure(struct scheduler *scheduler, struct task *task);

/* The task starts its function anew at that deadline, or, if it is over, from
   the run queue; one that is paused, when it is resumed. */
void scheduler_run_again(
    struct scheduler *scheduler, struct task *task, int64_t deadline);

/*
 * By its scope the task ends now, or once its children have ended. `text` is
 * as in struct outcome, copied. A task that is not retained is freed before
 * this returns.
 */
void scheduler_end(struct scheduler *scheduler, struct task *task,
    enum task_state state, const char *text);

/* How a run is to end that takes time to. */
struct stop {
	int signal;   /* 0: what the function takes for it */
	double grace; /* seconds until it is ended by force; negative: the
			 function's own */
};

extern const struct stop stop_default;

struct cancel {
	bool only;		 /* leaves what is below it alone */
	const char *reason;	 /* a JSON text, or NULL */
	const struct stop *stop; /* NULL: stop_default */
};

/*
 * Cancels the task and all below it but clients. A task whose function takes
 * time to stop ends then, and is told anew each time that it is cancelled.
 * Returns how many tasks that were, and in ids the first `most` of them, in
 * preorder. The root cannot be cancelled.
 */
size_t scheduler_cancel(struct scheduler *scheduler, struct task *task,
    const struct cancel *cancel, uint64_t *ids, size_t most);

/*
 * Holds the task and all below it but clients, or it alone, until it is
 * resumed: what was left of its sleep and of its timeout stands still. A new
 * child of a subtree that was paused starts paused. Both return what
 * scheduler_cancel does, of the tasks whose state that changed.
 */
size_t scheduler_pause(struct scheduler *scheduler, struct task *task,
    bool only, uint64_t *ids, size_t most);
size_t scheduler_resume(struct scheduler *scheduler, struct task *task,
    bool only, uint64_t *ids, size_t most);

/* Lets a finished task go, before the bounds do. */
void scheduler_forget(struct scheduler *scheduler, struct task *task);

/* Cancels all tasks but the root and clients. */
void scheduler_cancel_all(
    struct scheduler *scheduler, const struct cancel *cancel);

#endif
