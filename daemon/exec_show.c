/* What is told of a command: its errors, and its part of `show`. */
#include "config.h"

#include "daemon/exec_impl.h"

#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "daemon/proc.h"
#include "daemon/reaper.h"
#include "daemon/signal.h"
#include "daemon/task.h"
#include "proto/bytes.h"
#include "proto/error.h"

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

static void
describe_usage(FILE *out, double user, double system, uint64_t memory)
{
	fprintf(out, ",\"cpu\":{\"user\":%.6f,\"system\":%.6f}", user, system);
	if (memory != 0)
		fprintf(out, ",\"peak_memory\":%" PRIu64, memory);
}

static double
seconds(const struct timeval *time)
{
	return (double)time->tv_sec + (double)time->tv_usec / 1e6;
}

/* Also where it has exited, and what it left has not: then nobody knows how
   much memory it took until it is reaped. */
static void
describe_running(FILE *out, const struct exec *exec)
{
	struct proc proc;

	if (proc_read(exec->pid, &proc) == 0)
		describe_usage(
		    out, proc.user, proc.system, proc_peak_memory(exec->pid));
}

static void
describe_ended(FILE *out, const struct exec *exec)
{
	describe_usage(out, seconds(&exec->usage.ru_utime),
	    seconds(&exec->usage.ru_stime),
	    (uint64_t)exec->usage.ru_maxrss * 1024);
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

static void
describe_folder(FILE *out, const struct task *task)
{
	json_t *options = function_options(task);
	json_t *cwd = json_incref(json_object_get(options, "cwd"));
	char here[PATH_MAX];

	if (cwd == NULL && getcwd(here, sizeof here) != NULL)
		cwd = bytes_new(here, strlen(here));
	fputs(",\"cwd\":", out);
	json_dumpf(cwd, out, JSON_COMPACT | JSON_ENCODE_ANY);
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
	if (exec->phase != EXEC_IDLE)
		describe_running(out, exec);
	else if (exec->exited)
		describe_ended(out, exec);
	if (exec->exited)
		describe_exit(out, exec);
	reaper_update(execs.reaper);
	fputs(",\"leftovers\":", out);
	reaper_describe(out, execs.reaper, task->id);
}
