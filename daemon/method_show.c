/* The methods that show single tasks: show, current, parent, children. */
#include "config.h"

#include "daemon/method_table.h"

#include <inttypes.h>

#include "daemon/host.h"
#include "daemon/scheduler.h"
#include "daemon/task.h"
#include "daemon/task_json.h"
#include "proto/error.h"
#include "proto/limits.h"

static const struct param no_params[] = {{.type = PARAM_END}};

enum { TASK_PARAM };

static const struct param one_task[] = {
    {"task", PARAM_TASK, .required = true, .summary = "The task."},
    {.type = PARAM_END},
};

static const struct param optional_task[] = {
    {"task", PARAM_TASK, .summary = "Default: the connection's own."},
    {.type = PARAM_END},
};

static enum method_status
return_task(struct call *call, const struct task *task)
{
	FILE *out;

	if (task == NULL)
		return METHOD_ERROR;
	out = method_open_result(call);
	fputc('{', out);
	if (method_may(call, task))
		task_json_full(out, call->daemon->scheduler, task);
	else
		task_json_row(out, call->daemon->scheduler, task);
	fputc('}', out);
	return method_close_result(out);
}

static enum method_status
show_handler(struct call *call)
{
	struct task *task = method_task(call, call->params[TASK_PARAM]);

	if (task != NULL && host_describe(call->caller, &call->address, task))
		return METHOD_WAIT;
	return return_task(call, task);
}

const struct method method_show = {
    .name = "show",
    .summary = "Gives a task in full.",
    .params = one_task,
    .access = ACCESS_OWNER,
    .result = METHOD_TASK,
    .handler = show_handler,
    .to_the_end = true,
};

static enum method_status
current_handler(struct call *call)
{
	return return_task(call, method_own_task(call));
}

const struct method method_current = {
    .name = "current",
    .summary = "Gives the task of this connection.",
    .params = no_params,
    .result = METHOD_TASK,
    .handler = current_handler,
};

static enum method_status
parent_handler(struct call *call)
{
	struct task *task = method_task_or_own(call, call->params[TASK_PARAM]);

	if (task == NULL)
		return METHOD_ERROR;
	if (!task_is_live(task))
		task =
		    task_living(scheduler_tasks(call->daemon->scheduler), task);
	else if (task->parent == NULL)
		return method_return(call, json_null());
	else
		task = task->parent;
	return return_task(call, task);
}

const struct method method_parent = {
    .name = "parent",
    .summary = "Gives the parent of a task; null for the root.",
    .params = optional_task,
    .result = "{\"oneOf\":[" METHOD_TASK "," METHOD_NULL "]}",
    .handler = parent_handler,
};

static json_t *
too_many_children(const struct task *task)
{
	json_t *error = error_new(ERROR_LIMIT_EXCEEDED,
	    "task %" PRIu64 " has %" PRIu32 " children, over %d: use `tree`",
	    task->id, task->nchildren, LIMIT_CHILDREN);

	error_set_data(error, "limit", json_string("children"));
	return error;
}

static enum method_status
children_handler(struct call *call)
{
	struct task *task = method_task_or_own(call, call->params[TASK_PARAM]);
	struct task *child;
	FILE *out;

	if (task == NULL)
		return METHOD_ERROR;
	if (task->nchildren > LIMIT_CHILDREN)
		return method_fail(call, too_many_children(task));
	out = method_open_result(call);
	fputc('[', out);
	TAILQ_FOREACH (child, &task->children, sibling) {
		fputs(child == TAILQ_FIRST(&task->children) ? "{" : ",{", out);
		task_json_row(out, call->daemon->scheduler, child);
		fputc('}', out);
	}
	fputc(']', out);
	return method_close_result(out);
}

const struct method method_children = {
    .name = "children",
    .summary = "Gives the children of a task.",
    .params = optional_task,
    .result = "{\"type\":\"array\",\"items\":" METHOD_TASK "}",
    .handler = children_handler,
};
