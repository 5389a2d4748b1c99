/* The start of a process: clone(2), and what lies between that and exec. */
#ifndef DAEMON_CHILD_H
#define DAEMON_CHILD_H

#include <sys/resource.h>
#include <sys/types.h>

struct command;

/* Why a command cannot start. */
struct child_failure {
	const char *step; /* "chdir", "open", "exec", ... */
	const char *path; /* what that was about, of the command; or NULL */
	int error;	  /* errno */
};

/*
 * Takes a few descriptors, with which children are started: early, as they are
 * to be low. Returns -1, with errno set, where the system gives none.
 */
int child_create(void);
void child_destroy(void);

/*
 * Runs the command in a session of its own that ends with this process
 * (SIGKILL to its leader), with `fds` as its descriptors 0, 1 and 2 and no
 * others, default signals, and `files` as its RLIMIT_NOFILE. fds[1] and fds[2]
 * are -1 where the command has an output file. `cgroup` is the entrance of the
 * one that it runs in, or -1. What it costs does not grow with this process's
 * memory and descriptors, which are lent to it; this process stands still until
 * the exec.
 * Returns its pid, or -1 with the failure.
 */
pid_t child_start(const struct command *command, const int fds[3],
    const struct rlimit *files, int cgroup, struct child_failure *failure);

#endif
