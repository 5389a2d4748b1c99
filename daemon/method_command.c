/* The methods that commands brought: attach, write. */
#include "config.h"

#include "daemon/method_table.h"

#include <inttypes.h>
#include <string.h>

#include "daemon/fn_exec.h"
#include "daemon/task.h"
#include "proto/bytes.h"
#include "proto/error.h"
#include "proto/xalloc.h"

enum { ATTACH_TASK, ATTACH_INSTANCE };

static const struct param attach_params[] = {
    {"task", PARAM_TASK, .required = true, .summary = "A live task."},
    {"instance", PARAM_STRING,
	.summary = "The run of the daemon that it is of, as of version."},
    {.type = PARAM_END},
};

static enum method_status
attach_handler(struct call *call)
{
	const json_t *instance = call->params[ATTACH_INSTANCE];
	struct task *task;

	if (instance != NULL &&
	    strcmp(json_string_value(instance), call->daemon->instance) != 0)
		return method_fail(
		    call, error_new(ERROR_NO_SUCH_TASK,
			      "this is another run of the daemon, whose tasks "
			      "have other ids"));
	task = method_task(call, call->params[ATTACH_TASK]);
	if (task == NULL)
		return METHOD_ERROR;
	if (!task_is_live(task))
		return method_fail(
		    call, error_new(ERROR_NO_SUCH_TASK,
			      "task %" PRIu64 " has ended: nobody can speak "
			      "for it",
			      task->id));
	if (task->function->summary == NULL)
		return method_fail(
		    call, error_new(ERROR_INVALID_PARAMS,
			      "task %" PRIu64 " is a %s, which speaks for "
			      "itself",
			      task->id, task->function->name));
	call->caller->attach(call->caller, task);
	return method_return(call, json_null());
}

const struct method method_attach = {
    .name = "attach",
    .summary = "Makes this connection speak for a task: what it spawns is "
	       "that task's child. Its own client task ends.",
    .params = attach_params,
    .access = ACCESS_OWNER,
    .result = METHOD_NULL,
    .handler = attach_handler,
};

enum { WRITE_TASK, WRITE_DATA, WRITE_EOF };

static const struct param write_params[] = {
    {"task", PARAM_TASK, .required = true,
	.summary = "A command with the option stdin_pipe."},
    {"data", PARAM_DATA, .summary = "What it is to read."},
    {"eof", PARAM_BOOL, .summary = "Nothing comes after that."},
    {.type = PARAM_END},
};

static enum method_status
write_handler(struct call *call)
{
	struct task *task = method_task(call, call->params[WRITE_TASK]);
	const json_t *param = call->params[WRITE_DATA];
	size_t length = 0;
	char *data;

	if (task == NULL)
		return METHOD_ERROR;
	data = param == NULL ? xstrdup("") : bytes_read(param, &length);
	if (exec_write(task, call->caller, &call->address, data, length,
		json_is_true(call->params[WRITE_EOF]), &call->error) == -1)
		return METHOD_ERROR;
	return METHOD_WAIT;
}

const struct method method_write = {
    .name = "write",
    .summary = "Gives a command input; answers when it was taken.",
    .params = write_params,
    .access = ACCESS_OWNER,
    .result = METHOD_NULL,
    .handler = write_handler,
};
