/* This process's children: the commands that it started, and what they left
   behind, which the system gives to it. */
#include "config.h"

#include "daemon/reaper.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <event2/event.h>

#include "daemon/log.h"
#include "daemon/proc.h"
#include "daemon/quote.h"
#include "daemon/task.h"
#include "daemon/timer.h"
#include "proto/hash.h"
#include "proto/xalloc.h"

/* A child that was not reaped: until then its pid is no other's. */
struct child {
	UT_hash_handle hh;
	pid_t pid;
	uint64_t task;	 /* 0: nobody's, or not known yet */
	bool is_command; /* else it was left behind */
	bool immune;	 /* it may not be signalled */
	int sent;	 /* the last signal */
	int64_t seen;	 /* first: monotonic ns */
};

struct reaper {
	char *socket;
	void (*swept)(void *arg);
	void *arg;
	struct child *children; /* by pid */
	bool unsure;		/* some child may be of a task not known yet */
	struct event *signal;	/* of the descriptor of SIGCHLD */
	struct event *look;
};

static const struct timeval zero_time = {0, 0};

/* ns. Where a process hangs in the system while it ends, others wait for it so
   long at most, and are looked at again and again. */
#define ENDING_PATIENCE 1000000000
static const struct timeval look_again = {0, 10000};

static struct child *
find(const struct reaper *reaper, pid_t pid)
{
	struct child *child;

	HASH_FIND(hh, reaper->children, &pid, sizeof pid, child);
	return child;
}

static struct child *
add(struct reaper *reaper, pid_t pid, uint64_t task, bool is_command)
{
	struct child *child = xcalloc(1, sizeof *child);

	child->pid = pid;
	child->task = task;
	child->is_command = is_command;
	child->seen = timers_monotonic();
	HASH_ADD(hh, reaper->children, pid, sizeof child->pid, child);
	return child;
}

static void
discard(struct reaper *reaper, struct child *child)
{
	/* NOLINTNEXTLINE: HASH_ITER has read the next one before */
	HASH_DEL(reaper->children, child);
	free(child);
}

/* The command as text that a log or a terminal may show; to be freed. */
static char *
command_of(pid_t pid)
{
	struct proc proc;
	char *at;

	if (proc_read(pid, &proc) == -1)
		return xstrdup("\"?\"");
	for (at = proc.command; *at != '\0'; at++)
		if ((unsigned char)*at >= 0x80)
			*at = '?';
	return quote_ascii(proc.command);
}

static uint64_t
task_by_environment(const struct reaper *reaper, pid_t pid)
{
	char *socket = proc_environment(pid, "TASKLET_SOCKET"), *id = NULL;
	uint64_t task = 0;

	if (socket != NULL && strcmp(socket, reaper->socket) == 0)
		id = proc_environment(pid, "TASKLET_ID");
	if (id != NULL)
		task = strtoull(id, NULL, 10);
	free(id);
	free(socket);
	return task;
}

/* A session's number is no other's while one process is left in it. */
static uint64_t
task_of_stranger(const struct reaper *reaper, pid_t pid)
{
	const struct child *leader;
	struct proc proc;
	uint64_t task;

	if (proc_read(pid, &proc) == -1)
		return 0;
	leader = find(reaper, proc.session);
	if (leader != NULL && leader->task != 0)
		return leader->task;
	task = task_by_environment(reaper, pid);
	return task != 0 ? task : task_by_environment(reaper, proc.session);
}

/* Returns whether there were any. */
static bool
reap_strangers(struct reaper *reaper)
{
	struct child *child, *next;
	bool any = false;

	HASH_ITER (hh, reaper->children, child, next) {
		if (child->is_command ||
		    waitpid(child->pid, NULL, WNOHANG) == 0)
			continue;
		discard(reaper, child);
		any = true;
	}
	return any;
}

/* While it ends, which may take it a while, it shows no environment. */
static bool
may_be_anyones(const struct child *child)
{
	struct proc proc;

	if (timers_monotonic() - child->seen > ENDING_PATIENCE)
		return false;
	return proc_read(child->pid, &proc) == -1 || proc.is_ending;
}

/* Who is just now in execve(2) does not show its environment either: it is
   asked twice. */
static void
add_stranger(struct reaper *reaper, pid_t pid)
{
	struct child *child = find(reaper, pid);
	bool is_new = child == NULL;

	if (is_new)
		child = add(reaper, pid, 0, false);
	if (child->is_command || child->task != 0)
		return;
	child->task = task_of_stranger(reaper, pid);
	if (child->task == 0 && (is_new || may_be_anyones(child)))
		reaper->unsure = true;
}

static void
add_strangers(struct reaper *reaper)
{
	pid_t *pids;
	size_t count, i;

	reaper->unsure = proc_children(&pids, &count) == -1;
	for (i = 0; i < count; i++)
		add_stranger(reaper, pids[i]);
	free(pids);
}

/* Who has ended after the list was read may have left others behind: before it
   is forgotten these are known. They may have ended too. */
void
reaper_update(struct reaper *reaper)
{
	bool any;

	add_strangers(reaper);
	any = reap_strangers(reaper);
	if (any)
		add_strangers(reaper);
	if (any)
		reaper_look(reaper);
	else if (reaper->unsure)
		event_add(reaper->look, &look_again);
}

static void
look_cb(evutil_socket_t fd, short what, void *arg)
{
	struct reaper *reaper = arg;

	(void)fd;
	(void)what;
	reaper_update(reaper);
	reaper->swept(reaper->arg);
}

static void
signal_cb(evutil_socket_t fd, short what, void *arg)
{
	struct signalfd_siginfo info; /* whose it is does not matter */

	(void)what;
	if (read(fd, &info, sizeof info) > 0)
		reaper_look(arg);
}

/* Who started us may have it ignored, and then none would come. */
static int
open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	(void)signal(SIGCHLD, SIG_DFL);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

struct reaper *
reaper_new(struct event_base *base, const char *socket,
    void (*swept)(void *arg), void *arg)
{
	struct reaper *reaper = xcalloc(1, sizeof *reaper);

	reaper->socket = xstrdup(socket);
	reaper->swept = swept;
	reaper->arg = arg;
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) == -1)
		log_line(LOG_WARNING, "reaper",
		    "what commands leave behind is not seen: %s",
		    strerror(errno));
	reaper->look = evtimer_new(base, look_cb, reaper);
	reaper->signal = event_new(
	    base, open_signals(), EV_READ | EV_PERSIST, signal_cb, reaper);
	if (event_get_fd(reaper->signal) == -1 ||
	    event_add(reaper->signal, NULL) == -1) {
		reaper_delete(reaper);
		return NULL;
	}
	reaper_update(reaper);
	return reaper;
}

void
reaper_delete(struct reaper *reaper)
{
	struct child *child, *next;
	int fd, saved = errno;

	if (reaper == NULL)
		return;
	HASH_ITER (hh, reaper->children, child, next)
		discard(reaper, child);
	fd = event_get_fd(reaper->signal);
	event_free(reaper->signal);
	event_free(reaper->look);
	if (fd != -1)
		close(fd);
	errno = saved;
	free(reaper->socket);
	free(reaper);
}

void
reaper_add(struct reaper *reaper, pid_t pid, uint64_t task)
{
	(void)add(reaper, pid, task, true);
}

void
reaper_remove(struct reaper *reaper, pid_t pid)
{
	discard(reaper, find(reaper, pid));
}

void
reaper_disown(struct reaper *reaper, pid_t pid)
{
	find(reaper, pid)->is_command = false;
	reaper_look(reaper);
}

uint64_t
reaper_task(const struct reaper *reaper, pid_t pid)
{
	const struct child *child = find(reaper, pid);

	return child != NULL && child->is_command ? child->task : 0;
}

void
reaper_look(struct reaper *reaper)
{
	event_add(reaper->look, &zero_time);
}

/* --- what was left behind ----------------------------------------------- */

bool
reaper_is_unsure(const struct reaper *reaper)
{
	return reaper->unsure;
}

static bool
is_left_by(const struct child *child, uint64_t task)
{
	return !child->is_command && child->task == task;
}

size_t
reaper_count(const struct reaper *reaper, uint64_t task)
{
	const struct child *child;
	size_t count = 0;

	for (child = reaper->children; child != NULL; child = child->hh.next)
		if (is_left_by(child, task) && !child->immune)
			count++;
	return count;
}

static void
log_child(const struct child *child, const struct task *task, const char *what)
{
	char *command = command_of(child->pid);

	log_task(LOG_WARNING, "reaper", task->id, task_name(task),
	    "task %" PRIu64 " left process %ld, %s, behind: %s", task->id,
	    (long)child->pid, command, what);
	free(command);
}

bool
reaper_signal(struct reaper *reaper, const struct task *task, int number)
{
	struct child *child, *next;
	bool any = false;

	HASH_ITER (hh, reaper->children, child, next) {
		if (!is_left_by(child, task->id) || child->sent == number)
			continue;
		child->sent = number;
		any = true;
		if (kill(child->pid, number) == 0 || errno != EPERM)
			continue;
		child->immune = true;
		log_child(child, task, "it may not be signalled");
	}
	return any;
}

void
reaper_log(
    const struct reaper *reaper, const struct task *task, const char *what)
{
	const struct child *child;

	for (child = reaper->children; child != NULL; child = child->hh.next)
		if (is_left_by(child, task->id))
			log_child(child, task, what);
}

void
reaper_describe(FILE *out, const struct reaper *reaper, uint64_t task)
{
	const struct child *child;
	const char *before = "[";
	char *command;

	for (child = reaper->children; child != NULL; child = child->hh.next) {
		if (!is_left_by(child, task))
			continue;
		command = command_of(child->pid);
		fprintf(out, "%s{\"pid\":%ld,\"command\":%s}", before,
		    (long)child->pid, command);
		free(command);
		before = ",";
	}
	fputs(*before == '[' ? "[]" : "]", out);
}
