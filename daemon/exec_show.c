/* What is told of a command: its errors, and its part of `show`. */
#include "config.h"

#include "daemon/exec_impl.h"

#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "daemon/proc.h"
#include "daemon/reaper.h"
#include "daemon/task.h"
#include "proto/bytes.h"
#include "proto/error.h"
#include "proto/signal.h"

static json_t *
signal_json(const siginfo_t *info)
{
	const char *name = signal_name(info->si_status);
	json_t *signal = json_pack("{s:i, s:b}", "number", info->si_status,
	    "core", info->si_code == CLD_DUMPED);

	if (name != NULL)
		json_object_set_new(signal, "name", json_string(name));
	return signal;
}

json_t *
exec_error(const siginfo_t *info)
{
	json_t *error;

	if (info->si_pid == 0)
		return error_new(ERROR_FUNCTION,
		    "the command could not be ended, and goes on");
	if (info->si_code == CLD_EXITED) {
		error = error_new(
		    ERROR_FUNCTION, "exit status %d", info->si_status);
		error_set_data(
		    error, "exit_status", json_integer(info->si_status));
		return error;
	}
	error = error_new(ERROR_FUNCTION, "killed by signal %d, %s%s",
	    info->si_status, strsignal(info->si_status),
	    info->si_code == CLD_DUMPED ? ", core dumped" : "");
	error_set_data(error, "signal", signal_json(info));
	return error;
}

static double
seconds(const struct timeval *time)
{
	return (double)time->tv_sec + (double)time->tv_usec / 1e6;
}

/*
 * execve(2) takes the peak of the memory over that was there before, which
 * after clone(2) is the daemon's own: only what is well above that is the
 * command's. The kernel counts roughly.
 */
static uint64_t
peak_memory(const struct exec *exec)
{
	long peak = exec->usage.ru_maxrss;

	return peak > exec->inherited + exec->inherited / 8 ?
		   (uint64_t)peak * 1024 :
		   0;
}

/* What the system tells of a process and those it has waited for. One that has
   exited, while what it left has not, no longer tells how much memory it took
   until it is reaped. */
static bool
measure_process(const struct exec *exec, struct cgroup_usage *usage)
{
	struct proc proc;

	if (exec->phase == EXEC_IDLE) {
		usage->user = seconds(&exec->usage.ru_utime);
		usage->system = seconds(&exec->usage.ru_stime);
		usage->peak_memory = peak_memory(exec);
		return exec->exited;
	}
	if (proc_read(exec->pid, &proc) == -1)
		return false;
	usage->user = proc.user;
	usage->system = proc.system;
	usage->peak_memory = proc_peak_memory(exec->pid);
	return true;
}

/* Its cgroup knows of all that it started. */
static bool
measure(const struct exec *exec, struct cgroup_usage *usage)
{
	bool is_known = measure_process(exec, usage);
	uint64_t peak = usage->peak_memory;

	if (exec->is_measured)
		*usage = exec->measured;
	else if (exec->cgroup == NULL ||
		 cgroup_measure(exec->cgroup, usage) == -1)
		return is_known;
	if (usage->peak_memory == 0)
		usage->peak_memory = peak;
	return true;
}

static void
describe_usage(FILE *out, const struct exec *exec)
{
	struct cgroup_usage usage = {0};

	if (!measure(exec, &usage))
		return;
	fprintf(out, ",\"cpu\":{\"user\":%.6f,\"system\":%.6f}", usage.user,
	    usage.system);
	if (usage.memory != 0)
		fprintf(out, ",\"memory\":%" PRIu64, usage.memory);
	if (usage.peak_memory != 0)
		fprintf(out, ",\"peak_memory\":%" PRIu64, usage.peak_memory);
}

static void
describe_exit(FILE *out, const struct exec *exec)
{
	json_t *signal;

	if (exec->info.si_code == CLD_EXITED) {
		fprintf(out, ",\"exit_status\":%d", exec->info.si_status);
		return;
	}
	signal = signal_json(&exec->info);
	fputs(",\"signal\":", out);
	json_dumpf(signal, out, JSON_COMPACT);
	json_decref(signal);
}

/* Where the daemon's own folder is gone, it has no path. */
static void
describe_folder(FILE *out, const struct task *task)
{
	json_t *options = function_options(task);
	json_t *cwd = json_incref(json_object_get(options, "cwd"));
	char here[PATH_MAX];

	if (cwd == NULL && getcwd(here, sizeof here) != NULL)
		cwd = bytes_new(here, strlen(here));
	if (cwd != NULL) {
		fputs(",\"cwd\":", out);
		json_dumpf(cwd, out, JSON_COMPACT | JSON_ENCODE_ANY);
	}
	json_decref(cwd);
	json_decref(options);
}

void
exec_describe(FILE *out, const struct task *task)
{
	const struct exec *exec = task->data;

	fprintf(out, ",\"argv\":%s", task->args);
	describe_folder(out, task);
	if (exec == NULL || exec->pid <= 0)
		return;
	fprintf(out, ",\"pid\":%ld", (long)exec->pid);
	describe_usage(out, exec);
	if (exec->exited)
		describe_exit(out, exec);
	reaper_update(execs.reaper);
	fputs(",\"leftovers\":", out);
	reaper_describe(out, execs.reaper, task->id);
}
