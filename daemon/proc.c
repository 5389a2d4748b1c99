/* What /proc tells of processes (proc(5)). */
#include "config.h"

#include "daemon/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/xalloc.h"

/* An environment is at most as much as exec takes (execve(2)). */
#define MOST (6U * 1024 * 1024)

/* A whole file, NUL-terminated, to be freed; NULL where it cannot be read. */
static char *
read_file(int fd, size_t *length)
{
	size_t size = 4096;
	char *text = xmalloc(size);
	ssize_t got;

	*length = 0;
	while ((got = pread(fd, text + *length, size - *length - 1,
		    (off_t)*length)) > 0) {
		*length += (size_t)got;
		if (size - *length > 1)
			continue;
		if (size >= MOST)
			break;
		size *= 2;
		text = xrealloc(text, size);
	}
	text[*length] = '\0';
	if (got != -1)
		return text;
	free(text);
	return NULL;
}

static char *
read_of(pid_t pid, const char *name, size_t *length)
{
	char path[64], *text;
	int fd;

	snprintf(path, sizeof path, "/proc/%ld/%s", (long)pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return NULL;
	text = read_file(fd, length);
	close(fd);
	return text;
}

/* "pid (command) state ppid pgrp session ...": the command may hold anything,
   a parenthesis too. */
static int
parse_stat(const char *text, struct proc *proc)
{
	const char *begin = strchr(text, '('), *end = strrchr(text, ')');
	double ticks = (double)sysconf(_SC_CLK_TCK);
	unsigned long user, system, size;
	long children_user, children_system, session;

	if (begin == NULL || end == NULL ||
	    sscanf(end + 1,
		" %*c %*d %*d %ld %*d %*d %*u %*u %*u %*u %*u %lu %lu %ld %ld"
		" %*d %*d %*d %*d %*u %lu",
		&session, &user, &system, &children_user, &children_system,
		&size) != 6)
		return -1;
	snprintf(proc->command, sizeof proc->command, "%.*s",
	    (int)(end - begin - 1), begin + 1);
	proc->session = (pid_t)session;
	proc->is_ending = size == 0;
	proc->user = ((double)user + (double)children_user) / ticks;
	proc->system = ((double)system + (double)children_system) / ticks;
	return 0;
}

int
proc_read(pid_t pid, struct proc *proc)
{
	size_t length;
	char *text = read_of(pid, "stat", &length);
	int result = text == NULL ? -1 : parse_stat(text, proc);

	free(text);
	return result;
}

uint64_t
proc_peak_memory(pid_t pid)
{
	size_t length;
	char *text = read_of(pid, "status", &length);
	const char *line = text == NULL ? NULL : strstr(text, "\nVmHWM:");
	uint64_t kilobytes = 0;

	if (line != NULL)
		(void)sscanf(line, "\nVmHWM: %" SCNu64, &kilobytes);
	free(text);
	return kilobytes * 1024;
}

char *
proc_environment(pid_t pid, const char *name)
{
	size_t length, at, named = strlen(name);
	char *text = read_of(pid, "environ", &length), *value = NULL;

	for (at = 0; text != NULL && at < length; at += strlen(text + at) + 1)
		if (strncmp(text + at, name, named) == 0 &&
		    text[at + named] == '=') {
			value = xstrdup(text + at + named + 1);
			break;
		}
	free(text);
	return value;
}

/* Kept open: it is read whenever a child ends. */
static int
children_fd(void)
{
	static int fd = -1;
	char path[64];

	if (fd == -1) {
		snprintf(path, sizeof path, "/proc/self/task/%ld/children",
		    (long)getpid());
		fd = open(path, O_RDONLY | O_CLOEXEC);
	}
	return fd;
}

/* One reading is exact: it is children that are reaped while it goes on that
   make it miss others, and only this thread reaps them. */
static int
read_children(char **text)
{
	size_t length;

	*text = NULL;
	if (children_fd() == -1)
		return 0;
	*text = read_file(children_fd(), &length);
	return *text == NULL ? -1 : 0;
}

int
proc_children(pid_t **pids, size_t *count)
{
	char *text, *at, *end;
	int result = read_children(&text);
	size_t size = 0;
	long pid;

	*pids = NULL;
	*count = 0;
	for (at = text; text != NULL && (pid = strtol(at, &end, 10)) > 0;
	     at = end) {
		if (*count == size) {
			size = size == 0 ? 16 : 2 * size;
			*pids = xrealloc(*pids, size * sizeof **pids);
		}
		(*pids)[(*count)++] = (pid_t)pid;
	}
	free(text);
	return result;
}
