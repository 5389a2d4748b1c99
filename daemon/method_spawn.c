/* The method spawn. */
#include "config.h"

#include "daemon/method_table.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/function.h"
#include "daemon/quote.h"
#include "daemon/scheduler.h"
#include "daemon/task.h"
#include "proto/error.h"
#include "proto/xalloc.h"

enum {
	SPAWN_FUNCTION,
	SPAWN_ARGS,
	SPAWN_OPTIONS,
	SPAWN_NAME,
	SPAWN_PARENT,
	SPAWN_TIMEOUT,
	SPAWN_SCOPE,
	SPAWN_UNIQUE,
};

/* In the order of enum task_scope. */
static const char *const scopes[] = {"detach", "wait", "cancel", NULL};

static const struct param spawn_params[] = {
    {"function", PARAM_STRING, .required = true,
	.summary = "What the task runs: a name that `functions` lists."},
    {"args", PARAM_ARRAY, .summary = "Its arguments; none if absent."},
    {"options", PARAM_OBJECT, .summary = "Options of that function."},
    {"name", PARAM_NAME, .summary = "Default: the function's name."},
    {"parent", PARAM_TASK,
	.summary = "Default: the task of this connection. For a finished "
		   "one its nearest living ancestor."},
    {"timeout", PARAM_SECONDS,
	.summary = "Ends the task with state timeout after that long."},
    {"scope", PARAM_CHOICE, .choices = scopes,
	.summary = "What the task does about its children before it ends: "
		   "leave them to its parent (default), wait for them, or "
		   "cancel them."},
    {"unique", PARAM_BOOL, .summary = "Refuse where a live task has the name."},
    {.type = PARAM_END},
};

static enum task_scope
scope_of(const json_t *param)
{
	enum task_scope scope;

	if (param == NULL)
		return SCOPE_DETACH;
	for (scope = SCOPE_DETACH; scopes[scope + 1] != NULL; scope++)
		if (strcmp(scopes[scope], json_string_value(param)) == 0)
			break;
	return scope;
}

/* No built-in function takes options yet; one that is not known is named. */
static json_t *
check_options(const struct function *function, const json_t *options)
{
	void *first = json_object_iter((json_t *)options);

	if (first == NULL)
		return NULL;
	return error_new(ERROR_INVALID_PARAMS,
	    "options: %s has no option \"%." ERROR_QUOTE "s\"", function->name,
	    json_object_iter_key(first));
}

static json_t *
check_unique(struct call *call, const char *name)
{
	struct tasks *tasks = scheduler_tasks(call->daemon->scheduler);
	size_t live;
	struct task *task = task_find_name(tasks, name, &live);
	json_t *error;

	if (live == 0)
		return NULL;
	error = error_new(ERROR_ALREADY_EXISTS,
	    "task %" PRIu64 " is already called \"%s\"", task->id, name);
	error_set_data(error, "id", json_integer((json_int_t)task->id));
	return error;
}

/* Compact text of the arguments; NULL for none. json_dumps guards against
   loops, which takes as long as all the rest of a spawn: one integer, as in
   most sleeps, goes without. */
static char *
args_text(const json_t *args)
{
	const json_t *first = json_array_get(args, 0);

	if (first == NULL)
		return NULL;
	if (json_array_size(args) == 1 && json_is_integer(first))
		return xasprintf(
		    "[%" JSON_INTEGER_FORMAT "]", json_integer_value(first));
	return json_dumps(args, JSON_COMPACT);
}

static int
read_function(struct call *call, struct spawn *spawn)
{
	const char *name = json_string_value(call->params[SPAWN_FUNCTION]);
	const json_t *args = call->params[SPAWN_ARGS];

	spawn->function = function_find(name);
	if (spawn->function == NULL) {
		call->error = error_new(ERROR_NO_SUCH_FUNCTION,
		    "there is no function \"%." ERROR_QUOTE "s\"", name);
		return -1;
	}
	if (function_check_args(spawn->function, args, &call->error) == -1)
		return -1;
	call->error =
	    check_options(spawn->function, call->params[SPAWN_OPTIONS]);
	return call->error == NULL ? 0 : -1;
}

/* Below the root, a task is its caller's; elsewhere, its parent's owner's. */
static int
read_parent(struct call *call, struct spawn *spawn)
{
	struct task *task =
	    method_task_or_own(call, call->params[SPAWN_PARENT]);

	if (task == NULL)
		return -1;
	task = task_living(scheduler_tasks(call->daemon->scheduler), task);
	spawn->parent = task;
	spawn->owner = task->parent == NULL ? call->caller->uid : task->owner;
	return 0;
}

static int
read_name(struct call *call, struct spawn *spawn)
{
	spawn->name = call->params[SPAWN_NAME] == NULL ?
			  spawn->function->name :
			  json_string_value(call->params[SPAWN_NAME]);
	if (json_is_true(call->params[SPAWN_UNIQUE]))
		call->error = check_unique(call, spawn->name);
	return call->error == NULL ? 0 : -1;
}

/* By hand, as of all replies this one is made most. */
static enum method_status
return_spawned(struct call *call, const struct task *task)
{
	char *name = quote(task_name(task));

	call->result =
	    xasprintf("{\"id\":%" PRIu64 ",\"name\":%s}", task->id, name);
	free(name);
	return METHOD_DONE;
}

static enum method_status
spawn_handler(struct call *call)
{
	struct spawn spawn = {0};
	struct task *task;

	if (read_function(call, &spawn) == -1 ||
	    read_parent(call, &spawn) == -1 || read_name(call, &spawn) == -1)
		return METHOD_ERROR;
	spawn.args = args_text(call->params[SPAWN_ARGS]);
	spawn.timeout = method_seconds(call->params[SPAWN_TIMEOUT], -1);
	spawn.scope = scope_of(call->params[SPAWN_SCOPE]);
	task = scheduler_spawn(call->daemon->scheduler, &spawn);
	if (task == NULL)
		return method_fail(call,
		    error_new_limit("tasks",
			scheduler_limits(call->daemon->scheduler)->tasks));
	return return_spawned(call, task);
}

const struct method method_spawn = {
    .name = "spawn",
    .summary = "Starts a task that runs a function.",
    .params = spawn_params,
    .handler = spawn_handler,
};
