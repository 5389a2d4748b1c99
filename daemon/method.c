/* The methods of the wire: finding one, checking its params. */
#include "config.h"

#include "daemon/method.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/deadlock.h"
#include "daemon/scheduler.h"
#include "daemon/task.h"
#include "proto/error.h"
#include "proto/limits.h"
#include "proto/xalloc.h"

static int
compare(const void *name, const void *entry)
{
	const struct method *const *method = entry;

	return strcmp(name, (*method)->name);
}

static const struct method *
method_find(const char *name)
{
	const struct method *const *found =
	    bsearch(name, methods, methods_count, sizeof *methods, compare);

	return found == NULL ? NULL : *found;
}

enum method_status
method_run(struct call *call, const struct request *request)
{
	const struct method *method = method_find(request->method);
	json_t *error;

	if (method == NULL)
		return method_fail(call,
		    error_new(ERROR_METHOD_NOT_FOUND, "Method not found: %.*s",
			ERROR_QUOTE(request->method)));
	if (call->daemon->stopping && !method->to_the_end)
		return method_fail(call,
		    error_new(ERROR_CANCELLED, "the daemon is shutting down"));
	if (method->access == ACCESS_DAEMON && !method_rules(call))
		return method_fail(
		    call, error_new(ERROR_PERMISSION_DENIED,
			      "%s is for the daemon's own user and root",
			      method->name));
	call->method = method;
	error = param_read(
	    method->params, method->name, "", request->params, call->params);
	if (error != NULL)
		return method_fail(call, error);
	return method->handler(call);
}

enum method_status
method_return(struct call *call, json_t *result)
{
	call->result = json_dumps(result, JSON_COMPACT | JSON_ENCODE_ANY);
	json_decref(result);
	return METHOD_DONE;
}

FILE *
method_open_result(struct call *call)
{
	return xopen_memstream(&call->result, &call->result_size);
}

enum method_status
method_close_result(FILE *out)
{
	fclose(out);
	return METHOD_DONE;
}

enum method_status
method_return_ids(
    struct call *call, const char *key, const uint64_t *ids, size_t count)
{
	FILE *out = method_open_result(call);
	size_t i;

	fprintf(out, "{\"%s\":[", key);
	for (i = 0; i < count && i < LIMIT_IDS; i++)
		fprintf(out, "%s%" PRIu64, i == 0 ? "" : ",", ids[i]);
	fprintf(out, "],\"count\":%zu}", count);
	return method_close_result(out);
}

enum method_status
method_fail(struct call *call, json_t *error)
{
	call->error = error;
	return METHOD_ERROR;
}

static json_t *
no_such_task(const json_t *which)
{
	char *text = json_dumps(which, JSON_COMPACT | JSON_ENCODE_ANY);
	json_t *error = error_new(ERROR_NO_SUCH_TASK,
	    json_is_integer(which) ? "no task has the id %.*s" :
				     "no task is called %.*s",
	    ERROR_QUOTE(text));

	free(text);
	error_set_data(error, "task", json_deep_copy(which));
	return error;
}

static json_t *
ambiguous(const struct task *task, size_t count)
{
	json_t *ids = json_array();
	json_t *error = error_new(ERROR_AMBIGUOUS_NAME,
	    "%zu live tasks are called \"%s\": give an id", count,
	    task_name(task));

	for (; task != NULL && json_array_size(ids) < LIMIT_ERROR_IDS;
	     task = task_next_namesake(task))
		json_array_append_new(ids, json_integer((json_int_t)task->id));
	error_set_data(error, "ids", ids);
	return error;
}

struct task *
method_task(struct call *call, const json_t *which)
{
	struct tasks *tasks = scheduler_tasks(call->daemon->scheduler);
	struct task *task = NULL;
	size_t live = 0;

	if (json_is_integer(which))
		task = task_find(tasks, (uint64_t)json_integer_value(which));
	else if (param_is_plain_string(which))
		task = task_find_name(tasks, json_string_value(which), &live);
	if (task == NULL)
		call->error = no_such_task(which);
	else if (live > 1)
		call->error = ambiguous(task, live);
	else if (call->method->access == ACCESS_OWNER &&
		 !method_may(call, task))
		call->error = method_denied(task);
	return call->error == NULL ? task : NULL;
}

static const struct caller *
find_speaker(void *arg, const struct task *task, const struct caller *after)
{
	struct daemon *daemon = arg;

	return daemon->speaker(daemon, task, after);
}

json_t *
method_deadlock(const struct call *call, const struct task *self,
    const struct task *parent, struct task *const *tasks, size_t count,
    bool any)
{
	const struct deadlock deadlock = {
	    .tasks = scheduler_tasks(call->daemon->scheduler),
	    .speaker = find_speaker,
	    .arg = call->daemon,
	};
	const struct deadlock_wait wait = {.self = self,
	    .parent = parent,
	    .tasks = tasks,
	    .count = count,
	    .any = any};

	return deadlock_check(&deadlock, &wait);
}

bool
method_rules(const struct call *call)
{
	return call->caller->uid == 0 || call->caller->uid == geteuid();
}

bool
method_may(const struct call *call, const struct task *task)
{
	return call->caller->uid == task->owner || call->caller->uid == 0;
}

json_t *
method_denied(const struct task *task)
{
	json_t *error = error_new(ERROR_PERMISSION_DENIED,
	    "task %" PRIu64 " belongs to another user, uid %lu", task->id,
	    (unsigned long)task->owner);

	error_set_data(error, "task", json_integer((json_int_t)task->id));
	return error;
}

json_t *
method_error(const struct task *task, enum error_code code, const char *what)
{
	json_t *error = error_new(code, "task %" PRIu64 " %s", task->id, what);

	error_set_data(error, "task", json_integer((json_int_t)task->id));
	return error;
}

enum { FAILURE_MESSAGE, FAILURE_DATA, FAILURE_MEMBERS };

static const struct param failure_members[] = {
    {"message", PARAM_ANY, .required = true},
    {"data", PARAM_OBJECT, .required = false},
    {.type = PARAM_END},
};

int
method_outcome(struct call *call, const json_t *result, const json_t *failure,
    json_t **error)
{
	json_t *members[FAILURE_MEMBERS];

	*error = NULL;
	if ((result == NULL) == (failure == NULL)) {
		call->error = error_new(ERROR_INVALID_PARAMS,
		    "%s takes one of result and error", call->method->name);
		return -1;
	}
	if (failure == NULL)
		return 0;
	call->error =
	    param_read(failure_members, "an error", "error.", failure, members);
	if (call->error == NULL && !json_is_string(members[FAILURE_MESSAGE]))
		call->error = error_new(
		    ERROR_INVALID_PARAMS, "error.message: must be a string");
	if (call->error != NULL)
		return -1;
	*error = error_new(ERROR_FUNCTION, "%s", "");
	json_object_set(*error, "message", members[FAILURE_MESSAGE]);
	json_object_update_missing(
	    json_object_get(*error, "data"), members[FAILURE_DATA]);
	return 0;
}

struct task *
method_own_task(struct call *call)
{
	return task_find(
	    scheduler_tasks(call->daemon->scheduler), call->caller->task);
}

struct task *
method_task_or_own(struct call *call, const json_t *which)
{
	return which == NULL ? method_own_task(call) : method_task(call, which);
}

double
method_seconds(const json_t *param, double absent)
{
	return param == NULL ? absent : json_number_value(param);
}

json_int_t
method_integer(const json_t *param, json_int_t absent)
{
	return param == NULL ? absent : json_integer_value(param);
}
