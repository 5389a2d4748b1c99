/* The method cancel. */
#include "config.h"

#include "daemon/method_table.h"

#include <stdlib.h>

#include "daemon/scheduler.h"
#include "daemon/task.h"
#include "proto/error.h"
#include "proto/limits.h"
#include "proto/xalloc.h"

enum { CANCEL_TASK, CANCEL_TASKS, CANCEL_ONLY, CANCEL_REASON };

static const struct param cancel_params[] = {
    {"task", PARAM_TASK, .summary = "The task to cancel."},
    {"tasks", PARAM_TASKS, .summary = "Or several."},
    {"only", PARAM_BOOL,
	.summary = "Leave the tasks below it alone (default: cancel them)."},
    {"reason", PARAM_STRING, .max = LIMIT_REASON,
	.summary = "Told to those who join it."},
    {.type = PARAM_END},
};

/* The ids of the tasks meant; -1 where one is not there, or is the root. */
static int
find_ids(struct call *call, const json_t *which, uint64_t *ids)
{
	struct task *task;
	json_t *one;
	size_t i;

	json_array_foreach (which, i, one) {
		task = method_task(call, one);
		if (task == NULL)
			return -1;
		if (task->id == TASK_ROOT_ID) {
			call->error = error_new(ERROR_INVALID_PARAMS,
			    "task %d is the daemon: `shutdown` ends it",
			    TASK_ROOT_ID);
			return -1;
		}
		ids[i] = task->id;
	}
	return 0;
}

struct result {
	uint64_t ids[LIMIT_IDS];
	size_t nids;  /* listed */
	size_t count; /* cancelled */
};

/* By id, as one that ends may let another go. */
static void
cancel_one(
    struct call *call, uint64_t id, const char *reason, struct result *result)
{
	struct scheduler *scheduler = call->daemon->scheduler;
	struct task *task = task_find(scheduler_tasks(scheduler), id);
	size_t room = LIMIT_IDS - result->nids, count;

	if (task == NULL || !task_is_live(task))
		return;
	count = scheduler_cancel(scheduler, task,
	    json_is_true(call->params[CANCEL_ONLY]), reason,
	    result->ids + result->nids, room);
	result->nids += count < room ? count : room;
	result->count += count;
}

static enum method_status
return_result(struct call *call, const struct result *result)
{
	json_t *ids = json_array();
	size_t i;

	for (i = 0; i < result->nids; i++)
		json_array_append_new(
		    ids, json_integer((json_int_t)result->ids[i]));
	return method_return(call, json_pack("{s:o, s:I}", "cancelled", ids,
				       "count", (json_int_t)result->count));
}

static enum method_status
cancel(struct call *call, const json_t *which)
{
	size_t count = json_array_size(which), i;
	uint64_t *ids = xcalloc(count, sizeof *ids);
	struct result *result;
	enum method_status status;
	char *reason;

	if (find_ids(call, which, ids) == -1) {
		free(ids);
		return METHOD_ERROR;
	}
	result = xmalloc(sizeof *result);
	result->nids = result->count = 0;
	reason = json_dumps(call->params[CANCEL_REASON], JSON_ENCODE_ANY);
	for (i = 0; i < count; i++)
		cancel_one(call, ids[i], reason, result);
	status = return_result(call, result);
	free(reason);
	free(result);
	free(ids);
	return status;
}

static enum method_status
cancel_handler(struct call *call)
{
	json_t *task = call->params[CANCEL_TASK], *one;
	enum method_status status;

	if ((task == NULL) == (call->params[CANCEL_TASKS] == NULL))
		return method_fail(
		    call, error_new(ERROR_INVALID_PARAMS,
			      "cancel takes one of task and tasks"));
	if (task == NULL)
		return cancel(call, call->params[CANCEL_TASKS]);
	one = json_pack("[O]", task);
	status = cancel(call, one);
	json_decref(one);
	return status;
}

const struct method method_cancel = {
    .name = "cancel",
    .summary = "Cancels tasks and all below them.",
    .params = cancel_params,
    .access = ACCESS_OWNER,
    .result = METHOD_IDS("cancelled"),
    .handler = cancel_handler,
};
