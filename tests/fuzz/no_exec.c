/* Stands in for daemon/fn_exec.c: what a fuzzer makes up must not be run. */
#include "config.h"

#include "daemon/fn_exec.h"

#include <stdlib.h>

#include "daemon/command.h"
#include "daemon/scheduler.h"
#include "proto/bytes.h"
#include "proto/error.h"

/* It is said to have run so long. */
#define SECONDS 1

/* Every other argument is what it writes to stderr. */
static void
start(struct scheduler *scheduler, struct task *task)
{
	json_t *args = function_args(task), *arg;
	size_t i, length;
	char *data;

	json_array_foreach (args, i, arg) {
		data = bytes_read(arg, &length);
		scheduler_write(scheduler, task,
		    i % 2 == 0 ? STREAM_STDOUT : STREAM_STDERR, data, length);
		free(data);
	}
	json_decref(args);
	scheduler_sleep(scheduler, task, SECONDS);
}

static void
wake(struct scheduler *scheduler, struct task *task)
{
	scheduler_finish(scheduler, task, TASK_DONE, "{\"exit_status\":0}");
}

static const struct function_arg args[] = {
    {.name = "argv", .type = TYPE_BYTES, .repeat = true},
    {.type = TYPE_END},
};

const struct function fn_exec = {
    .name = "exec",
    .summary = "Writes its arguments, as if it was a command.",
    .args = args,
    .options = command_options,
    .check = command_check,
    .start = start,
    .wake = wake,
};

int
exec_write(struct task *task, struct caller *caller, struct address *address,
    char *data, size_t length, bool eof, json_t **error)
{
	(void)task;
	(void)caller;
	(void)address;
	(void)length;
	(void)eof;
	free(data);
	*error = error_new(ERROR_FUNCTION, "no commands here");
	return -1;
}

struct task *
exec_of_session(pid_t session)
{
	(void)session;
	return NULL;
}
