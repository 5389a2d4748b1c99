/* What clients write to the input of a command. */
#include "config.h"

#include "daemon/exec_impl.h"

#include <inttypes.h>
#include <stdlib.h>

#include "daemon/input.h"
#include "daemon/task.h"
#include "proto/error.h"

static bool
has_pipe(const struct task *task)
{
	json_t *options = function_options(task);
	bool has = json_is_true(json_object_get(options, "stdin_pipe"));

	json_decref(options);
	return has;
}

int
exec_write(struct task *task, struct caller *caller, struct address *address,
    char *data, size_t length, bool eof, json_t **error)
{
	struct exec *exec;
	int result;

	if (task->function != &fn_exec || !has_pipe(task)) {
		*error = error_new(ERROR_INVALID_PARAMS,
		    "task %" PRIu64 " reads no input: that is for exec with "
		    "the option stdin_pipe",
		    task->id);
		free(data);
		return -1;
	}
	if (!task_is_live(task)) {
		*error = error_new(
		    ERROR_FUNCTION, "task %" PRIu64 " has ended", task->id);
		free(data);
		return -1;
	}
	exec = exec_of(task);
	if (exec->input == NULL)
		exec->input = input_new(execs.base, execs.waiters);
	result =
	    input_write(exec->input, caller, address, data, length, eof, error);
	if (result == 0 && eof)
		exec->input_is_over = true;
	return result;
}
