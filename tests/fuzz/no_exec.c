/* Stands in for daemon/fn_exec.c: what a fuzzer makes up must not be run. */
#include "config.h"

#include "daemon/fn_exec.h"

#include <stdlib.h>

#include "daemon/command.h"
#include "daemon/scheduler.h"
#include "proto/error.h"

static void
start(struct scheduler *scheduler, struct task *task)
{
	function_fail(scheduler, task, "no commands here");
}

static const struct function_arg args[] = {
    {.name = "argv", .type = TYPE_BYTES, .repeat = true},
    {.type = TYPE_END},
};

const struct function fn_exec = {
    .name = "exec",
    .summary = "Runs no command.",
    .args = args,
    .options = command_options,
    .check = command_check,
    .start = start,
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
