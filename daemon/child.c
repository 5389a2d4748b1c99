/* The start of a process: clone(2), and what lies between that and exec. */
#include "config.h"

#include "daemon/child.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef HAVE_VALGRIND_VALGRIND_H
#include <valgrind/valgrind.h>
#endif

#include "daemon/command.h"
#include "proto/signal.h"

/* As the system knows it; all zero is SIG_DFL. The C library keeps two signals
   to itself, which may be ignored by inheritance all the same: so the system is
   asked itself. */
struct kernel_action {
	char bytes[sizeof(struct sigaction)];
};

static long
kernel_sigaction(
    int number, const struct kernel_action *action, struct kernel_action *old)
{
	return syscall(
	    SYS_rt_sigaction, number, action, old, SIGNAL_MOST / CHAR_BIT);
}

/*
 * Low descriptors, in ascending order, that are kept for what a child is to
 * have as 0, 1 and 2. To copy the parent's whole table would cost more the more
 * clients and commands there are: the child shares it, until it takes a copy of
 * what is no higher than these.
 */
static int lent[3] = {-1, -1, -1};

/* Bytes; no more than a few calls deep. */
#define STACK_SIZE 32768

/* What the child reads and where it leaves why it failed: it runs in the
   parent's memory, which waits, and makes nothing but system calls. */
struct start {
	const struct command *command;
	const struct rlimit *files;
	int cgroup;
	const bool *is_changed; /* by signal: whether it is not the default */
	struct child_failure *failure;
	pid_t parent;
};

static _Noreturn void
give_up(const struct start *start, const char *step, const char *path)
{
	start->failure->step = step;
	start->failure->path = path;
	start->failure->error = errno;
	_exit(127);
}

static void
leave_parent(const struct start *start)
{
	if (setsid() == -1)
		give_up(start, "setsid", NULL);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1)
		give_up(start, "prctl", NULL);
	/* It may have died before it was to take us along. */
	if (getppid() != start->parent)
		_exit(127);
}

static void
set_limits(const struct start *start)
{
	const struct command *command = start->command;

	if (start->cgroup != -1 && write(start->cgroup, "0", 1) == -1)
		give_up(start, "cgroup", NULL);
	if (command->mask != -1)
		umask((mode_t)command->mask);
	if (command->has_nice &&
	    setpriority(PRIO_PROCESS, 0, command->nice) == -1)
		give_up(start, "nice", NULL);
}

/* Without a wait for the other end of a FIFO. */
static int
open_output(const struct start *start)
{
	const char *path = start->command->file;
	int fd = open(path,
	    O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY | O_NONBLOCK | O_CLOEXEC,
	    0666);

	if (fd == -1 || fcntl(fd, F_SETFL, O_APPEND) == -1)
		give_up(start, "open", path);
	return fd;
}

static void
set_files(const struct start *start)
{
	const struct command *command = start->command;
	int fd, output = -1;

	if (close_range(
		(unsigned int)lent[2] + 1, UINT_MAX, CLOSE_RANGE_UNSHARE) == -1)
		give_up(start, "close_range", NULL);
	if (command->cwd != NULL && chdir(command->cwd) == -1)
		give_up(start, "chdir", command->cwd);
	if (command->output == OUTPUT_FILE)
		output = open_output(start);
	for (fd = 0; fd <= 2; fd++)
		if (dup2(fd > 0 && output != -1 ? output : lent[fd], fd) == -1)
			give_up(start, "dup2", NULL);
	if (close_range(3, UINT_MAX, 0) == -1)
		give_up(start, "close_range", NULL);
	if (setrlimit(RLIMIT_NOFILE, start->files) == -1)
		give_up(start, "setrlimit", NULL);
}

/* Handlers go before the mask: what is pending must not run one of them. */
static void
reset_signals(const struct start *start)
{
	const struct kernel_action by_default = {0};
	sigset_t none;
	int number;

	for (number = 1; number <= SIGNAL_MOST; number++)
		if (start->is_changed[number])
			(void)kernel_sigaction(number, &by_default, NULL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* As execvp(3) goes on: past what is not there or not for us. */
static _Noreturn void
execute(const struct start *start)
{
	const struct command *command = start->command;
	char *const *file, *denied = NULL;

	for (file = command->files; *file != NULL; file++) {
		execve(*file, command->argv, command->envp);
		if (errno == EACCES)
			denied = *file;
		else if (errno != ENOENT && errno != ENOTDIR)
			give_up(start, "exec", *file);
	}
	errno = denied != NULL ? EACCES : ENOENT;
	give_up(start, "exec", denied != NULL ? denied : command->argv[0]);
}

static int
run_child(void *arg)
{
	const struct start *start = arg;

	leave_parent(start);
	set_limits(start);
	set_files(start);
	reset_signals(start);
	execute(start);
}

/* Asked once, as this process changes none after its first command. To reset
   all of them, each time, took longer than all else that the child does. */
static const bool *
changed_signals(void)
{
	static const struct kernel_action by_default;
	static bool changed[SIGNAL_MOST + 1], known;
	struct kernel_action action;
	int number;

	if (known)
		return changed;
	known = true;
	for (number = 1; number <= SIGNAL_MOST; number++) {
		action = by_default;
		(void)kernel_sigaction(number, NULL, &action);
		changed[number] =
		    memcmp(&action, &by_default, sizeof action) != 0;
	}
	return changed;
}

int
child_create(void)
{
	int i;

	for (i = 0; i < 3; i++) {
		lent[i] = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
		if (lent[i] == -1)
			return -1;
	}
	return 0;
}

void
child_destroy(void)
{
	int i;

	for (i = 0; i < 3; i++)
		close(lent[i]);
}

/* Returns -1, with errno set, where the system refuses one. */
static int
lend(const int fds[3])
{
	int i, fd = 0;

	for (i = 0; i < 3 && fd != -1; i++)
		if (fds[i] != -1)
			fd = dup3(fds[i], lent[i], O_CLOEXEC);
	return fd == -1 ? -1 : 0;
}

static void
take_back(void)
{
	const int nothing[3] = {STDIN_FILENO, STDIN_FILENO, STDIN_FILENO};

	(void)lend(nothing);
}

/* Valgrind knows no table of descriptors that is shared by processes, and
   makes a fork(2) of this. */
static int
clone_flags(void)
{
	int flags = CLONE_VM | CLONE_VFORK | CLONE_FILES | SIGCHLD;

#ifdef HAVE_VALGRIND_VALGRIND_H
	if (RUNNING_ON_VALGRIND)
		flags &= ~CLONE_FILES;
#endif
	return flags;
}

/* With all signals blocked: a handler of ours would run in our memory. */
static pid_t
clone_child(struct start *start)
{
	_Alignas(max_align_t) char stack[STACK_SIZE];
	sigset_t all, before;
	pid_t pid;

	sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, &before);
	pid = clone(run_child, stack + sizeof stack, clone_flags(), start);
	if (pid == -1)
		*start->failure = (struct child_failure){"fork", NULL, errno};
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	return pid;
}

pid_t
child_start(const struct command *command, const int fds[3],
    const struct rlimit *files, int cgroup, struct child_failure *failure)
{
	struct start start = {
	    command, files, cgroup, changed_signals(), failure, getpid()};
	pid_t pid = -1;

	failure->error = 0;
	if (lend(fds) == 0)
		pid = clone_child(&start);
	else
		*failure = (struct child_failure){"dup3", NULL, errno};
	take_back();
	if (pid == -1 || failure->error == 0)
		return pid;
	while (waitpid(pid, NULL, 0) == -1 && errno == EINTR)
		continue;
	return -1;
}
