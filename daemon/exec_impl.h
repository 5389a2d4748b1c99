/* What the parts of exec share: fn_exec.c is the life of a run, exec_start.c
   its beginning, exec_write.c what is written to it, exec_show.c what is told
   of it. */
#ifndef DAEMON_EXEC_IMPL_H
#define DAEMON_EXEC_IMPL_H

#include <signal.h>
#include <sys/queue.h>
#include <sys/resource.h>

#include <event2/event_struct.h>
#include <jansson.h>

#include "daemon/cgroup.h"
#include "daemon/child.h"
#include "daemon/command.h"
#include "daemon/fn_exec.h"
#include "daemon/timer.h"

struct capture;
struct input;
struct reaper;

enum phase {
	EXEC_IDLE,    /* no run */
	EXEC_RUNNING, /* of its own accord */
	EXEC_ASKED,   /* to end */
	EXEC_KILLED
};

/* The last run of a task, or the one that it is in. The command is reaped last
   of all: until then its pid, and so its group's number, is no other's. */
struct exec {
	struct timer timer; /* first: the end of the grace, or of patience */
	struct task *task;
	LIST_ENTRY(exec) entry; /* of those that run */
	enum phase phase;
	int signal;	/* that its phase sends */
	bool exited;	/* the command itself */
	bool abandoned; /* it cannot be ended: it is not waited for */
	pid_t pid;	/* 0: never started */
	int pidfd;	/* -1: none, SIGCHLD tells */
	struct event ended;
	siginfo_t info;	       /* how it exited */
	struct rusage usage;   /* when it was reaped */
	long inherited;	       /* KiB of its ru_maxrss that are the daemon's */
	struct cgroup *cgroup; /* NULL: none */
	struct cgroup_usage measured; /* when it ended */
	bool is_measured;
	struct command *command;
	struct capture *capture;
	struct input *input;
	bool input_is_over; /* of all runs: its end was written */
};

/* Of this process. */
struct execs {
	struct event_base *base;
	struct scheduler *scheduler;
	struct waiters *waiters;
	struct reaper *reaper;
	struct command_environment environment;
	struct rlimit files;
	int null; /* exec_open_null */
	LIST_HEAD(, exec) running;
};

extern struct execs execs;

/* --- fn_exec.c --- */

/* That of the task; made by its first run, or by a write before that. */
struct exec *exec_of(struct task *task);

/* --- exec_start.c --- */

/* Where execs.null is -1, tries to open it; returns it. */
int exec_open_null(void);

/* Starts exec->command; returns -1 with the failure. `ended` is called when
   it has, if a descriptor is to be had for that. */
int exec_start_command(struct exec *exec, struct child_failure *failure,
    void (*ended)(evutil_socket_t fd, short what, void *arg));

/* A new FunctionError. */
json_t *exec_start_error(const struct child_failure *failure);

/* --- exec_show.c --- */

/* A new FunctionError for a run that was no success. */
json_t *exec_error(const siginfo_t *info);

/* The `describe` of the function. */
void exec_describe(FILE *out, const struct task *task);

#endif
