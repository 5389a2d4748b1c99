/* The beginning of a run: what the command reads and writes, and its start. */
#include "config.h"

#include "daemon/exec_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include <event2/event.h>

#include "daemon/capture.h"
#include "daemon/command.h"
#include "daemon/input.h"
#include "daemon/reaper.h"
#include "daemon/task.h"
#include "proto/bytes.h"
#include "proto/error.h"

/* All that it may read, in a file that has no name. */
static int
open_text(const struct command *command)
{
	int fd = memfd_create("stdin", MFD_CLOEXEC);
	size_t written = 0;
	ssize_t got;

	while (fd != -1 && written < command->input_length) {
		got = write(fd, command->input + written,
		    command->input_length - written);
		if (got == -1 && errno != EINTR) {
			close(fd);
			return -1;
		}
		written += got == -1 ? 0 : (size_t)got;
	}
	if (fd != -1)
		(void)lseek(fd, 0, SEEK_SET);
	return fd;
}

/* The command's end of a pipe; ours is non-blocking. */
static int
open_pipe(struct exec *exec)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) == -1)
		return -1;
	(void)fcntl(ends[1], F_SETFL, O_NONBLOCK);
	if (exec->input == NULL)
		exec->input = input_new(execs.base, execs.waiters);
	input_open(exec->input, ends[1]);
	return ends[0];
}

int
exec_open_null(void)
{
	if (execs.null == -1)
		execs.null = open("/dev/null", O_RDWR | O_CLOEXEC);
	return execs.null;
}

/* A run after that which was written the end finds nothing to read. */
static int
open_input(struct exec *exec)
{
	if (exec->command->input_pipe &&
	    (exec->input != NULL || !exec->input_is_over))
		return open_pipe(exec);
	if (exec->command->input != NULL)
		return open_text(exec->command);
	return exec_open_null();
}

/* What it wrote is read again: that may be all that it is waited for. */
static void
look_again(void *arg)
{
	if (((const struct exec *)arg)->exited)
		reaper_look(execs.reaper);
}

/* Returns -1, with errno set, where the system gives no descriptor. */
static int
open_output(struct exec *exec, int fds[3])
{
	switch (exec->command->output) {
	case OUTPUT_CAPTURE:
		exec->capture = capture_new(execs.base, execs.scheduler,
		    exec->task, exec->command->waits ? look_again : NULL, exec);
		if (exec->capture == NULL)
			return -1;
		fds[1] = capture_fd(exec->capture, STREAM_STDOUT);
		fds[2] = capture_fd(exec->capture, STREAM_STDERR);
		break;
	case OUTPUT_NULL:
		fds[1] = fds[2] = exec_open_null();
		if (fds[1] == -1)
			return -1;
		break;
	case OUTPUT_FILE:
		fds[1] = fds[2] = -1;
		break;
	}
	return 0;
}

/* Without a descriptor, SIGCHLD has it looked at. */
static void
watch(struct exec *exec, void (*ended)(evutil_socket_t, short, void *))
{
	exec->pidfd = pidfd_open(exec->pid, 0);
	if (exec->pidfd == -1)
		return;
	event_assign(
	    &exec->ended, execs.base, exec->pidfd, EV_READ, ended, exec);
	if (event_add(&exec->ended, NULL) == 0)
		return;
	close(exec->pidfd);
	exec->pidfd = -1;
}

/* Where it cannot be had, only what is to be limited needs one. */
static int
open_cgroup(struct exec *exec, int *entrance)
{
	const struct cgroup_limits *limits = &exec->command->limits;
	int saved;

	*entrance = -1;
	exec->cgroup = cgroup_new(exec->task->id, limits);
	if (exec->cgroup != NULL)
		*entrance = cgroup_entrance(exec->cgroup);
	if (*entrance != -1)
		return 0;
	saved = errno;
	cgroup_delete(exec->cgroup);
	exec->cgroup = NULL;
	errno = saved;
	return limits->memory_max == 0 && limits->cpu_weight == 0 &&
		       limits->tasks_max == 0 ?
		   0 :
		   -1;
}

/* The most memory that the daemon has ever had, in KiB. */
static long
own_peak(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss;
}

static pid_t
start_child(struct exec *exec, const int fds[3], struct child_failure *failure)
{
	int entrance;
	pid_t pid;

	if (open_cgroup(exec, &entrance) == -1) {
		*failure = (struct child_failure){"cgroup", NULL, errno};
		return -1;
	}
	pid = child_start(exec->command, fds, &execs.files, entrance, failure);
	exec->inherited = own_peak();
	if (entrance != -1)
		close(entrance);
	return pid;
}

int
exec_start_command(struct exec *exec, struct child_failure *failure,
    void (*ended)(evutil_socket_t fd, short what, void *arg))
{
	int fds[3];

	fds[0] = open_input(exec);
	*failure = (struct child_failure){"stdin", NULL, errno};
	if (fds[0] == -1)
		return -1;
	if (open_output(exec, fds) == -1)
		*failure = (struct child_failure){"pipe", NULL, errno};
	else
		exec->pid = start_child(exec, fds, failure);
	if (fds[0] != execs.null)
		close(fds[0]);
	if (exec->pid <= 0)
		return -1;
	reaper_add(execs.reaper, exec->pid, exec->task->id);
	watch(exec, ended);
	return 0;
}

json_t *
exec_start_error(const struct child_failure *failure)
{
	const char *path = failure->path == NULL ? "" : failure->path;
	json_t *error =
	    error_new(ERROR_FUNCTION, "the command cannot start: %s%s%.*s: %s",
		failure->step, *path == '\0' ? "" : " ", ERROR_QUOTE(path),
		strerror(failure->error));

	error_set_data(error, "step", json_string(failure->step));
	if (failure->path != NULL)
		error_set_data(error, "path", bytes_new(path, strlen(path)));
	error_set_data(error, "errno", json_integer(failure->error));
	error_set_data(
	    error, "error", json_string(strerrorname_np(failure->error)));
	return error;
}
