/* The methods that start a task: spawn, later, interval, loop, rate, rerun. */
#include "config.h"

#include "daemon/method_table.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/function.h"
#include "daemon/method_gate.h"
#include "daemon/recur.h"
#include "daemon/scheduler.h"
#include "daemon/start.h"
#include "daemon/task.h"
#include "proto/error.h"
#include "proto/starters.h"
#include "proto/xalloc.h"

/* Where the params of each method follow those of spawn; 0: it has none. */
struct recur_params {
	size_t every, max_runs, max_failures, immediate;
};

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

static int
read_function(struct call *call, struct spawn *spawn)
{
	const char *name = json_string_value(call->params[SPAWN_FUNCTION]);
	const json_t *args = call->params[SPAWN_ARGS];
	const json_t *options = call->params[SPAWN_OPTIONS];

	spawn->function = start_find_function(call, name);
	if (spawn->function == NULL)
		return -1;
	if (function_check_args(spawn->function, args, &call->error) == -1)
		return -1;
	if (function_check_options(spawn->function, options, &call->error) ==
	    -1)
		return -1;
	if (spawn->function->check != NULL)
		call->error = spawn->function->check(args, options);
	return call->error == NULL ? 0 : -1;
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

/* The spawn that the params say, but for a recurrence. */
static int
read_spawn(struct call *call, struct spawn *spawn)
{
	if (read_function(call, spawn) == -1 ||
	    start_read_parent(call, call->params[SPAWN_PARENT], spawn) == -1 ||
	    read_name(call, spawn) == -1)
		return -1;
	spawn->args = start_args_text(call->params[SPAWN_ARGS]);
	if (json_object_size(call->params[SPAWN_OPTIONS]) > 0)
		spawn->options =
		    json_dumps(call->params[SPAWN_OPTIONS], JSON_COMPACT);
	spawn->timeout = method_seconds(call->params[SPAWN_TIMEOUT], -1);
	spawn->scope = start_scope(call->params[SPAWN_SCOPE]);
	spawn->limits_run = call->params[SPAWN_RUN_TIMEOUT] != NULL;
	spawn->run_timeout = method_seconds(call->params[SPAWN_RUN_TIMEOUT], 0);
	return 0;
}

static enum method_status
start(struct call *call, struct spawn *spawn, const struct gate_wants *wants)
{
	struct scheduler *scheduler = call->daemon->scheduler;
	struct task *task;

	if (spawn->recurrence != NULL)
		recur_prepare(scheduler, spawn);
	task = wants->pool != NULL || wants->nafter > 0 ?
		   gates_spawn(call->daemon->gates, spawn, wants) :
		   scheduler_spawn(scheduler, spawn);
	return start_return(call, task);
}

static void
discard(struct spawn *spawn)
{
	free(spawn->args);
	free(spawn->options);
	recurrence_delete(spawn->recurrence);
}

/* Starts what the params say, with this recurrence (stolen) or none. */
static enum method_status
spawn_with(struct call *call, struct recurrence *recurrence)
{
	struct spawn spawn = {.recurrence = recurrence};
	struct gate_wants wants;
	enum method_status status = METHOD_ERROR;

	if (method_gate_read(call, &wants) == 0 &&
	    read_spawn(call, &spawn) == 0 &&
	    method_gate_check(call, &wants, spawn.parent) == 0)
		status = start(call, &spawn, &wants);
	else
		discard(&spawn);
	method_gate_free(&wants);
	return status;
}

/* A recurrence of a retry param; NULL where there is none. */
static struct recurrence *
read_retry(const json_t *retry)
{
	struct recurrence *r;

	if (retry == NULL)
		return NULL;
	r = recur_new(
	    RECUR_RETRY, method_seconds(json_object_get(retry, "backoff"),
			     RECUR_RETRY_BACKOFF));
	r->times =
	    (uint64_t)json_integer_value(json_object_get(retry, "times"));
	r->max_backoff = method_seconds(json_object_get(retry, "max_backoff"),
	    fmax(r->every, RECUR_BACKOFF_MOST));
	return r;
}

static enum method_status
spawn_handler(struct call *call)
{
	return spawn_with(call, read_retry(call->params[SPAWN_MORE]));
}

static enum method_status
recur(
    struct call *call, enum recurrence_kind kind, const struct recur_params *at)
{
	struct recurrence *r = recur_new(
	    kind, at->every ? json_number_value(call->params[at->every]) : 0);

	if (at->max_runs != 0)
		r->max_runs =
		    (uint64_t)method_integer(call->params[at->max_runs], 0);
	if (at->max_failures != 0)
		r->max_failures =
		    (uint64_t)method_integer(call->params[at->max_failures], 0);
	if (at->immediate != 0)
		r->immediate = json_is_true(call->params[at->immediate]);
	return spawn_with(call, r);
}

static enum method_status
later_handler(struct call *call)
{
	static const struct recur_params at = {.every = SPAWN_MORE};

	return recur(call, RECUR_LATER, &at);
}

static enum method_status
interval_handler(struct call *call)
{
	static const struct recur_params at = {.every = SPAWN_MORE,
	    .max_runs = SPAWN_MORE + 1,
	    .max_failures = SPAWN_MORE + 2,
	    .immediate = SPAWN_MORE + 3};

	return recur(call, RECUR_INTERVAL, &at);
}

static enum method_status
loop_handler(struct call *call)
{
	static const struct recur_params at = {
	    .max_runs = SPAWN_MORE, .max_failures = SPAWN_MORE + 1};

	return recur(call, RECUR_LOOP, &at);
}

static enum method_status
rate_handler(struct call *call)
{
	static const struct recur_params at = {.every = SPAWN_MORE,
	    .max_runs = SPAWN_MORE + 1,
	    .max_failures = SPAWN_MORE + 2};

	return recur(call, RECUR_RATE, &at);
}

enum { RERUN_TASK };

static const struct param rerun_params[] = {
    {"task", PARAM_TASK, .required = true, .summary = "Live or finished."},
    {.type = PARAM_END},
};

static enum method_status
rerun_handler(struct call *call)
{
	struct tasks *tasks = scheduler_tasks(call->daemon->scheduler);
	struct task *task = method_task(call, call->params[RERUN_TASK]);
	struct spawn spawn = {0};
	struct gate_wants wants;

	if (task == NULL || method_gate_again(call, task, &wants) == -1)
		return METHOD_ERROR;
	spawn.function = task->function;
	if (start_find_function(call, spawn.function->name) != spawn.function) {
		json_decref(call->error);
		return method_fail(call,
		    error_new(ERROR_NO_SUCH_FUNCTION,
			"task %" PRIu64 " is a %s, which cannot be spawned",
			task->id, spawn.function->name));
	}
	spawn.name = task_name(task);
	spawn.parent =
	    task_is_live(task) ? task->parent : task_living(tasks, task);
	spawn.owner = task->owner;
	spawn.args = task->args == NULL ? NULL : xstrdup(task->args);
	spawn.options = task->options == NULL ? NULL : xstrdup(task->options);
	spawn.timeout = task->limit == NULL ? -1 : task->limit->seconds;
	spawn.run_timeout = task->limit == NULL ? -1 : task->limit->run_seconds;
	spawn.limits_run = spawn.run_timeout >= 0;
	spawn.scope = (enum task_scope)task->scope;
	if (task->recurrence != NULL)
		spawn.recurrence = recur_again(task->recurrence);
	return start(call, &spawn, &wants);
}

const struct method method_spawn = {
    .name = "spawn",
    .summary = "Starts a task that runs a function.",
    .params = starter_spawn,
    .result = START_RESULT,
    .handler = spawn_handler,
};

const struct method method_later = {
    .name = "later",
    .summary = "Starts a task that runs a function once, after a delay.",
    .params = starter_later,
    .result = START_RESULT,
    .handler = later_handler,
};

const struct method method_interval = {
    .name = "interval",
    .summary = "Starts a task that sleeps, runs, sleeps, runs.",
    .params = starter_interval,
    .result = START_RESULT,
    .handler = interval_handler,
};

const struct method method_loop = {
    .name = "loop",
    .summary = "Starts a task that runs again as soon as it has run; after "
	       "failures in a row it waits 1, 2, 4 ... 60 seconds.",
    .params = starter_loop,
    .result = START_RESULT,
    .handler = loop_handler,
};

const struct method method_rate = {
    .name = "rate",
    .summary = "Starts a task that runs so many times a second; ticks that "
	       "it missed are skipped and counted.",
    .params = starter_rate,
    .result = START_RESULT,
    .handler = rate_handler,
};

const struct method method_rerun = {
    .name = "rerun",
    .summary = "Starts a task like that one.",
    .params = rerun_params,
    .access = ACCESS_OWNER,
    .result = START_RESULT,
    .handler = rerun_handler,
};
