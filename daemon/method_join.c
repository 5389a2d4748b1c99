/* The methods that wait: join and sleep. */
#include "config.h"

#include "daemon/method_table.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/task.h"
#include "daemon/waiter.h"
#include "proto/error.h"
#include "proto/xalloc.h"

enum { JOIN_TASK, JOIN_TASKS, JOIN_MODE, JOIN_TIMEOUT };

static const char *const modes[] = {"all", "any", NULL};

static const struct param join_params[] = {
    {"task", PARAM_TASK, .summary = "The task whose result is wanted."},
    {"tasks", PARAM_TASKS, .summary = "Or several, for all their outcomes."},
    {"mode", PARAM_CHOICE, .choices = modes,
	.summary = "With tasks: wait for all (default), or for any, the "
		   "first to finish."},
    {"timeout", PARAM_SECONDS,
	.summary = "Fails with TimeoutError after that long."},
    {.type = PARAM_END},
};

static int
find_tasks(struct call *call, const json_t *which, struct task **tasks)
{
	json_t *one;
	size_t i;

	json_array_foreach (which, i, one) {
		tasks[i] = method_task(call, one);
		if (tasks[i] == NULL)
			return -1;
	}
	return 0;
}

/* One with a timeout will end, but of itself no task need wait. */
static bool
may_never_end(const struct call *call, struct task *const *tasks, size_t count)
{
	size_t i;

	if (call->params[JOIN_TIMEOUT] == NULL)
		return true;
	for (i = 0; i < count; i++)
		if (tasks[i]->id == call->caller->task)
			return true;
	return false;
}

static int
check_deadlock(struct call *call, struct task *const *tasks, size_t count,
    enum waiter_mode mode)
{
	const struct task *self = method_own_task(call);

	if (self != NULL && may_never_end(call, tasks, count))
		call->error = method_deadlock(
		    call, self, self->parent, tasks, count, mode == WAIT_ANY);
	return call->error == NULL ? 0 : -1;
}

static enum method_status
join(struct call *call, const json_t *which, enum waiter_mode mode)
{
	size_t count = json_array_size(which);
	struct task **tasks = xcalloc(count, sizeof(struct task *));
	int found = find_tasks(call, which, tasks);

	if (found == 0)
		found = check_deadlock(call, tasks, count, mode);
	if (found == 0)
		waiter_new(call->daemon->waiters, call->caller, &call->address,
		    mode, tasks, count,
		    method_seconds(call->params[JOIN_TIMEOUT], -1));
	free(tasks);
	return found == 0 ? METHOD_WAIT : METHOD_ERROR;
}

static enum method_status
join_one(struct call *call)
{
	json_t *which = json_pack("[O]", call->params[JOIN_TASK]);
	enum method_status status = join(call, which, WAIT_ONE);

	json_decref(which);
	return status;
}

static enum method_status
join_handler(struct call *call)
{
	json_t *tasks = call->params[JOIN_TASKS];
	const json_t *mode = call->params[JOIN_MODE];
	bool any = mode != NULL && strcmp(json_string_value(mode), "any") == 0;

	if ((call->params[JOIN_TASK] == NULL) == (tasks == NULL))
		return method_fail(
		    call, error_new(ERROR_INVALID_PARAMS,
			      "join takes one of task and tasks"));
	if (tasks == NULL && mode != NULL)
		return method_fail(call,
		    error_new(ERROR_INVALID_PARAMS, "mode: goes with tasks"));
	if (tasks == NULL)
		return join_one(call);
	if (any && json_array_size(tasks) == 0)
		return method_fail(
		    call, error_new(ERROR_INVALID_PARAMS,
			      "tasks: none of no tasks will ever finish"));
	return join(call, tasks, any ? WAIT_ANY : WAIT_ALL);
}

const struct method method_join = {
    .name = "join",
    .summary = "Waits for tasks to end; gives their results.",
    .params = join_params,
    .access = ACCESS_OWNER,
    .result = METHOD_ANY,
    .handler = join_handler,
    .to_the_end = true,
};

enum { SLEEP_SECONDS };

static const struct param sleep_params[] = {
    {"seconds", PARAM_SECONDS, .required = true, .summary = "How long."},
    {.type = PARAM_END},
};

static enum method_status
sleep_handler(struct call *call)
{
	waiter_new(call->daemon->waiters, call->caller, &call->address,
	    WAIT_SLEEP, NULL, 0,
	    method_seconds(call->params[SLEEP_SECONDS], 0));
	return METHOD_WAIT;
}

const struct method method_sleep = {
    .name = "sleep",
    .summary = "Replies null after that many seconds.",
    .params = sleep_params,
    .result = METHOD_NULL,
    .handler = sleep_handler,
};
