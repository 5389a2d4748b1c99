/* The methods that hold and let go: pause, resume, forget. */
#include "config.h"

#include "daemon/method_table.h"

#include <inttypes.h>
#include <stdlib.h>

#include "daemon/function.h"
#include "daemon/scheduler.h"
#include "daemon/task.h"
#include "proto/error.h"
#include "proto/limits.h"
#include "proto/xalloc.h"

enum { PAUSE_TASK, PAUSE_ONLY };

static const struct param pause_params[] = {
    {"task", PARAM_TASK, .required = true, .summary = "The task."},
    {"only", PARAM_BOOL,
	.summary = "Leave the tasks below it as they are (default: they "
		   "too)."},
    {.type = PARAM_END},
};

typedef size_t change_fn(struct scheduler *scheduler, struct task *task,
    bool only, uint64_t *ids, size_t most);

static enum method_status
change(struct call *call, change_fn *change_state, const char *key)
{
	struct task *task = method_task(call, call->params[PAUSE_TASK]);
	enum method_status status;
	uint64_t *ids;
	size_t count;

	if (task == NULL)
		return METHOD_ERROR;
	if (task->function->summary == NULL)
		return method_fail(call,
		    error_new(ERROR_INVALID_PARAMS,
			"task: %" PRIu64 " is a %s, which is never paused",
			task->id, task->function->name));
	ids = xcalloc(LIMIT_IDS, sizeof *ids);
	count = !task_is_live(task) ?
		    0 :
		    change_state(call->daemon->scheduler, task,
			json_is_true(call->params[PAUSE_ONLY]), ids, LIMIT_IDS);
	status = method_return_ids(call, key, ids, count);
	free(ids);
	return status;
}

static enum method_status
pause_handler(struct call *call)
{
	return change(call, scheduler_pause, "paused");
}

static enum method_status
resume_handler(struct call *call)
{
	return change(call, scheduler_resume, "resumed");
}

const struct method method_pause = {
    .name = "pause",
    .summary = "Holds tasks: what is left of their sleep and timeout stands "
	       "still.",
    .params = pause_params,
    .access = ACCESS_OWNER,
    .result = METHOD_IDS("paused"),
    .handler = pause_handler,
};

const struct method method_resume = {
    .name = "resume",
    .summary = "Lets tasks that were paused go on.",
    .params = pause_params,
    .access = ACCESS_OWNER,
    .result = METHOD_IDS("resumed"),
    .handler = resume_handler,
};

enum { FORGET_TASK };

static const struct param forget_params[] = {
    {"task", PARAM_TASK, .required = true, .summary = "A finished task."},
    {.type = PARAM_END},
};

static enum method_status
forget_handler(struct call *call)
{
	struct task *task = method_task(call, call->params[FORGET_TASK]);

	if (task == NULL)
		return METHOD_ERROR;
	if (task_is_live(task))
		return method_fail(call,
		    error_new(ERROR_INVALID_PARAMS,
			"task: %" PRIu64 " has not ended: cancel it first",
			task->id));
	scheduler_forget(call->daemon->scheduler, task);
	return method_return(call, json_null());
}

const struct method method_forget = {
    .name = "forget",
    .summary = "Lets a finished task go.",
    .params = forget_params,
    .access = ACCESS_OWNER,
    .result = METHOD_NULL,
    .handler = forget_handler,
};
