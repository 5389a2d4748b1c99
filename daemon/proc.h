/* What /proc tells of processes (proc(5)). */
#ifndef DAEMON_PROC_H
#define DAEMON_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct proc {
	char command[64]; /* as the process calls itself; any bytes */
	pid_t session;
	bool is_ending;	     /* it has no memory any more, so no environment */
	double user, system; /* CPU seconds, its ended children's too */
};

/* Returns 0, or -1 where there is no such process. */
int proc_read(pid_t pid, struct proc *proc);

/* The most memory it has held, in bytes; 0 where that is unknown. */
uint64_t proc_peak_memory(pid_t pid);

/* The value of a variable of the environment that it began with, to be freed;
   NULL where there is none, or it may not be read. */
char *proc_environment(pid_t pid, const char *name);

/*
 * The children of this process's first thread, also zombies: how many, and an
 * array of them, to be freed. Returns 0, also on a system that does not tell,
 * or -1 where it does not just now; then there are none.
 */
int proc_children(pid_t **pids, size_t *count);

#endif
