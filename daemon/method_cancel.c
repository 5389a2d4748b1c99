/* The method cancel. */
#include "config.h"

#include "daemon/method_table.h"

#include <stdlib.h>

#include "daemon/scheduler.h"
#include "proto/signal.h"
#include "daemon/task.h"
#include "proto/error.h"
#include "proto/limits.h"
#include "proto/xalloc.h"

enum {
	CANCEL_TASK,
	CANCEL_TASKS,
	CANCEL_ONLY,
	CANCEL_REASON,
	CANCEL_SIGNAL,
	CANCEL_GRACE
};

static const struct param cancel_params[] = {
    {"task", PARAM_TASK, .summary = "The task to cancel."},
    {"tasks", PARAM_TASKS, .summary = "Or several."},
    {"only", PARAM_BOOL,
	.summary = "Leave the tasks below it alone (default: cancel them)."},
    {"reason", PARAM_STRING, .max = LIMIT_REASON,
	.summary = "Told to those who join it."},
    {"signal", PARAM_SIGNAL,
	.summary = "What a command is sent first (default: its kill_signal)."},
    {"grace", PARAM_SECONDS,
	.summary = "How long what takes time to end may take until it is "
		   "ended by force (default: the task's own)."},
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

/* By id, as one that ends may let another go. Adds to the *count cancelled
   before, and to the first LIMIT_IDS of their ids. */
static void
cancel_one(struct call *call, uint64_t id, const struct cancel *cancel,
    uint64_t *cancelled, size_t *count)
{
	struct scheduler *scheduler = call->daemon->scheduler;
	struct task *task = task_find(scheduler_tasks(scheduler), id);
	size_t listed = *count < LIMIT_IDS ? *count : LIMIT_IDS;

	if (task == NULL || !task_is_live(task))
		return;
	*count += scheduler_cancel(
	    scheduler, task, cancel, cancelled + listed, LIMIT_IDS - listed);
}

static enum method_status
cancel_each(struct call *call, const uint64_t *ids, size_t nids)
{
	uint64_t *cancelled = xcalloc(LIMIT_IDS, sizeof *cancelled);
	char *reason = json_dumps(call->params[CANCEL_REASON], JSON_ENCODE_ANY);
	const struct stop stop = {
	    .signal = signal_read(call->params[CANCEL_SIGNAL]),
	    .grace = method_seconds(call->params[CANCEL_GRACE], -1)};
	const struct cancel how = {
	    .only = json_is_true(call->params[CANCEL_ONLY]),
	    .reason = reason,
	    .stop = &stop};
	enum method_status status;
	size_t i, count = 0;

	for (i = 0; i < nids; i++)
		cancel_one(call, ids[i], &how, cancelled, &count);
	status = method_return_ids(call, "cancelled", cancelled, count);
	free(reason);
	free(cancelled);
	return status;
}

static enum method_status
cancel(struct call *call, const json_t *which)
{
	size_t count = json_array_size(which);
	uint64_t *ids = xcalloc(count, sizeof *ids);
	enum method_status status = METHOD_ERROR;

	if (find_ids(call, which, ids) == 0)
		status = cancel_each(call, ids, count);
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
