/* The function exec: a command, its output and its whole process tree. */
#include "config.h"

#include "daemon/exec_impl.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <event2/event.h>

#include "daemon/capture.h"
#include "daemon/command.h"
#include "daemon/input.h"
#include "daemon/log.h"
#include "daemon/reaper.h"
#include "daemon/scheduler.h"
#include "daemon/task.h"
#include "proto/error.h"
#include "proto/xalloc.h"

/* Seconds in which SIGKILL must have ended a process; one that hangs in the
   system is then no longer waited for. */
#define KILL_PATIENCE 2

struct execs execs = {.null = -1};

/* --- signals ------------------------------------------------------------ */

/* To its group, and to what left that. */
static void
send_signal(struct exec *exec, int number)
{
	exec->signal = number;
	if (kill(-exec->pid, number) == -1 && errno == EPERM && !exec->exited) {
		log_task(LOG_WARNING, "exec", exec->task->id,
		    task_name(exec->task),
		    "task %" PRIu64 ": process %ld may not be signalled",
		    exec->task->id, (long)exec->pid);
		exec->abandoned = true;
	}
	if (number == SIGKILL && exec->cgroup != NULL)
		cgroup_kill(exec->cgroup);
	(void)reaper_signal(execs.reaper, exec->task, number);
	reaper_look(execs.reaper);
}

static void
set_deadline(struct exec *exec, double seconds)
{
	struct timers *timers = scheduler_timers(execs.scheduler);
	int64_t deadline = timers_after(timers, seconds);

	if (!timer_is_set(&exec->timer) || deadline < exec->timer.deadline)
		timer_set(timers, &exec->timer, deadline);
}

static void
kill_all(struct exec *exec)
{
	exec->phase = EXEC_KILLED;
	timer_cancel(scheduler_timers(execs.scheduler), &exec->timer);
	send_signal(exec, SIGKILL);
	set_deadline(exec, KILL_PATIENCE);
}

static void
ask_to_end(struct exec *exec, int number, double grace)
{
	exec->phase = EXEC_ASKED;
	send_signal(exec, number);
	/* One that is stopped would hear nothing. */
	(void)kill(-exec->pid, SIGCONT);
	set_deadline(exec, grace);
}

static void
exec_stop(
    struct scheduler *scheduler, struct task *task, const struct stop *stop)
{
	struct exec *exec = task->data;
	int number =
	    stop->signal != 0 ? stop->signal : exec->command->kill_signal;

	(void)scheduler;
	if (exec->phase == EXEC_KILLED)
		return;
	if (stop->grace == 0)
		kill_all(exec);
	else
		ask_to_end(exec, number,
		    stop->grace > 0 ? stop->grace : exec->command->grace);
}

static void
exec_pause(struct scheduler *scheduler, struct task *task)
{
	(void)scheduler;
	(void)kill(-((struct exec *)task->data)->pid, SIGSTOP);
}

static void
exec_resume(struct scheduler *scheduler, struct task *task)
{
	(void)scheduler;
	(void)kill(-((struct exec *)task->data)->pid, SIGCONT);
}

/* --- the end ------------------------------------------------------------ */

static void
close_pidfd(struct exec *exec)
{
	if (exec->pidfd == -1)
		return;
	event_del(&exec->ended);
	close(exec->pidfd);
	exec->pidfd = -1;
}

/* Frees what only a run needs. */
static void
clear_run(struct exec *exec)
{
	timer_cancel(scheduler_timers(execs.scheduler), &exec->timer);
	LIST_REMOVE(exec, entry);
	exec->phase = EXEC_IDLE;
	close_pidfd(exec);
	capture_delete(exec->capture);
	exec->capture = NULL;
	input_delete(exec->input);
	exec->input = NULL;
	cgroup_delete(exec->cgroup);
	exec->cgroup = NULL;
	command_delete(exec->command);
	exec->command = NULL;
}

/* All that is still in its cgroup came there from elsewhere. */
static void
leave_cgroup(struct exec *exec)
{
	if (exec->cgroup == NULL)
		return;
	exec->is_measured = cgroup_measure(exec->cgroup, &exec->measured) == 0;
	exec->measured.memory = 0;
	if (!exec->command->keeps)
		cgroup_kill(exec->cgroup);
}

static void
reap(struct exec *exec)
{
	if (exec->exited) {
		while (wait4(exec->pid, NULL, 0, &exec->usage) == -1 &&
		       errno == EINTR)
			continue;
		reaper_remove(execs.reaper, exec->pid);
	} else {
		reaper_disown(execs.reaper, exec->pid);
	}
}

static void
finish(struct exec *exec)
{
	struct task *task = exec->task;
	bool ok = exec->info.si_code == CLD_EXITED &&
		  exec->command->ok[exec->info.si_status & 0xff];
	json_t *error = ok ? NULL : exec_error(&exec->info);
	char result[sizeof "{\"exit_status\":255}"];

	reap(exec);
	leave_cgroup(exec);
	if (exec->abandoned || exec->command->keeps) {
		capture_release(exec->capture);
		exec->capture = NULL;
	}
	clear_run(exec);
	if (!ok) {
		function_raise(execs.scheduler, task, error);
		return;
	}
	snprintf(result, sizeof result, "{\"exit_status\":%d}",
	    exec->info.si_status & 0xff);
	scheduler_finish(execs.scheduler, task, TASK_DONE, result);
}

/* Whether it has exited. */
static void
look_at(struct exec *exec)
{
	int result;

	exec->info.si_pid = 0;
	do
		result = waitid(P_PID, (id_t)exec->pid, &exec->info,
		    WEXITED | WNOHANG | WNOWAIT);
	while (result == -1 && errno == EINTR);
	exec->exited = result == 0 && exec->info.si_pid != 0;
}

/* Where no descriptor tells. What it left is known only by the next look. */
static bool
has_ended_unseen(struct exec *exec)
{
	if (exec->exited || exec->pidfd != -1)
		return false;
	look_at(exec);
	return exec->exited;
}

/* What the command left behind ends with it, or is let live on. */
static bool
is_over(struct exec *exec)
{
	uint64_t id = exec->task->id;

	if (exec->abandoned)
		return true;
	if (!exec->exited)
		return false;
	if (exec->phase == EXEC_RUNNING && !capture_fits(exec->capture))
		return false;
	if (reaper_is_unsure(execs.reaper))
		return false;
	if (reaper_count(execs.reaper, id) == 0)
		return true;
	if (exec->phase != EXEC_RUNNING)
		return false;
	if (exec->command->keeps) {
		reaper_log(execs.reaper, exec->task, "it is kept");
		return true;
	}
	ask_to_end(exec, exec->command->kill_signal, exec->command->grace);
	return false;
}

/* Those found after the last signal have theirs now, and time to die of it. */
static void
signal_found(struct exec *exec)
{
	bool found = reaper_signal(execs.reaper, exec->task, exec->signal) ||
		     reaper_is_unsure(execs.reaper);

	if (!found || exec->phase != EXEC_KILLED)
		return;
	timer_cancel(scheduler_timers(execs.scheduler), &exec->timer);
	set_deadline(exec, KILL_PATIENCE);
}

/* The loop may have been held up: what it saw last is not what is. */
static void
give_up(struct exec *exec)
{
	reaper_update(execs.reaper);
	if (!exec->exited)
		look_at(exec);
	signal_found(exec);
	if (timer_is_set(&exec->timer))
		return;
	if (!is_over(exec)) {
		log_task(LOG_ERROR, "exec", exec->task->id,
		    task_name(exec->task),
		    "task %" PRIu64 ": process %ld, or what it left, outlives "
		    "SIGKILL",
		    exec->task->id, (long)exec->pid);
		exec->abandoned = true;
	}
	reaper_look(execs.reaper);
}

static void
timer_cb(void *arg, struct timer *timer)
{
	struct exec *exec = (struct exec *)timer;

	(void)arg;
	if (exec->phase == EXEC_ASKED)
		kill_all(exec);
	else
		give_up(exec);
}

static void
swept_cb(void *arg)
{
	struct exec *exec, *next;

	(void)arg;
	for (exec = LIST_FIRST(&execs.running); exec != NULL; exec = next) {
		next = LIST_NEXT(exec, entry);
		if (has_ended_unseen(exec)) {
			reaper_look(execs.reaper);
			continue;
		}
		if (exec->phase != EXEC_RUNNING)
			signal_found(exec);
		if (is_over(exec))
			finish(exec);
	}
	cgroups_sweep();
}

/* Who traces the command hears of its end first, and may keep it for a while:
   SIGCHLD tells when it is our turn. */
static void
ended_cb(evutil_socket_t fd, short what, void *arg)
{
	struct exec *exec = arg;

	(void)fd;
	(void)what;
	look_at(exec);
	close_pidfd(exec);
	reaper_look(execs.reaper);
}

/* --- the beginning ------------------------------------------------------ */

struct exec *
exec_of(struct task *task)
{
	struct exec *exec = task->data;

	if (exec != NULL)
		return exec;
	exec = xcalloc(1, sizeof *exec);
	exec->timer.kind = TIMER_EXEC;
	exec->task = task;
	exec->pidfd = -1;
	task->data = exec;
	return exec;
}

static void
read_command(struct exec *exec)
{
	json_t *args = function_args(exec->task);
	json_t *options = function_options(exec->task);

	exec->command =
	    command_new(args, options, exec->task->id, &execs.environment);
	json_decref(args);
	json_decref(options);
}

static void
exec_start(struct scheduler *scheduler, struct task *task)
{
	struct exec *exec = exec_of(task);
	struct child_failure failure;
	json_t *error;

	read_command(exec);
	exec->exited = exec->abandoned = exec->is_measured = false;
	exec->pid = 0;
	memset(&exec->info, 0, sizeof exec->info);
	memset(&exec->usage, 0, sizeof exec->usage);
	LIST_INSERT_HEAD(&execs.running, exec, entry);
	exec->phase = EXEC_RUNNING;
	if (exec_start_command(exec, &failure, ended_cb) == 0)
		return;
	error = exec_start_error(&failure);
	clear_run(exec);
	function_raise(scheduler, task, error);
}

/* --- what else there is to a task --------------------------------------- */

/* What was written to one that never began. */
static void
exec_ended(struct scheduler *scheduler, struct task *task)
{
	struct exec *exec = task->data;

	(void)scheduler;
	if (exec == NULL)
		return;
	input_delete(exec->input);
	exec->input = NULL;
}

static void
exec_forget(struct task *task)
{
	struct exec *exec = task->data;

	if (exec == NULL)
		return;
	if (exec->phase != EXEC_IDLE)
		clear_run(exec);
	input_delete(exec->input);
	free(exec);
	task->data = NULL;
}

struct task *
exec_of_session(pid_t session)
{
	uint64_t id = reaper_task(execs.reaper, session);

	return id == 0 ? NULL : task_find(scheduler_tasks(execs.scheduler), id);
}

static const struct function_arg exec_args[] = {
    {.name = "argv", .type = TYPE_BYTES, .repeat = true},
    {.type = TYPE_END},
};

const struct function fn_exec = {
    .name = "exec",
    .summary = "Runs a command: argv, as it is.",
    .args = exec_args,
    .options = command_options,
    .check = command_check,
    .start = exec_start,
    .stop = exec_stop,
    .pause = exec_pause,
    .resume = exec_resume,
    .ended = exec_ended,
    .forget = exec_forget,
    .describe = exec_describe,
};

/* The path as a command finds it that runs in another folder. */
static char *
from_anywhere(const char *path)
{
	char *here = *path == '/' ? NULL : getcwd(NULL, 0);
	char *whole =
	    here == NULL ? xstrdup(path) : xasprintf("%s/%s", here, path);

	free(here);
	return whole;
}

int
exec_create(struct event_base *base, struct scheduler *scheduler,
    struct waiters *waiters, const char *socket, const char *instance,
    const struct rlimit *files)
{
	char *path = from_anywhere(socket);

	execs.base = base;
	execs.scheduler = scheduler;
	execs.waiters = waiters;
	command_environment_create(&execs.environment, path, instance);
	execs.files = *files;
	(void)exec_open_null();
	LIST_INIT(&execs.running);
	cgroups_create();
	timers_handle(scheduler_timers(scheduler), TIMER_EXEC, timer_cb, NULL);
	if (child_create() == 0)
		execs.reaper = reaper_new(base, path, swept_cb, NULL);
	free(path);
	return execs.reaper == NULL ? -1 : 0;
}

void
exec_destroy(void)
{
	reaper_delete(execs.reaper);
	child_destroy();
	capture_delete_released();
	cgroups_destroy();
	if (execs.null != -1)
		close(execs.null);
	command_environment_destroy(&execs.environment);
}
