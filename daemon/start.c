/* What the methods that start a task share: what it runs, where it goes, whose
   it is, and what the reply says. */
#include "config.h"

#include "daemon/start.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/function.h"
#include "daemon/host.h"
#include "daemon/quote.h"
#include "daemon/scheduler.h"
#include "proto/decimal.h"
#include "proto/error.h"
#include "proto/starters.h"
#include "proto/xalloc.h"

enum task_scope
start_scope(const json_t *param)
{
	enum task_scope scope;

	if (param == NULL)
		return SCOPE_DETACH;
	for (scope = SCOPE_DETACH; starter_scopes[scope + 1] != NULL; scope++)
		if (strcmp(starter_scopes[scope], json_string_value(param)) ==
		    0)
			break;
	return scope;
}

const struct function *
start_find_function(struct call *call, const char *name)
{
	const struct function *function = function_find(name);

	if (function == NULL)
		function = hosts_find_function(call->daemon->hosts, name);
	if (function == NULL)
		call->error = error_new(ERROR_NO_SUCH_FUNCTION,
		    "there is no function \"%.*s\"", ERROR_QUOTE(name));
	return function;
}

int
start_read_parent(struct call *call, const json_t *parent, struct spawn *spawn)
{
	struct task *task = method_task_or_own(call, parent);

	if (task == NULL)
		return -1;
	task = task_living(scheduler_tasks(call->daemon->scheduler), task);
	if (task->parent != NULL && !method_may(call, task)) {
		call->error = method_denied(task);
		return -1;
	}
	spawn->parent = task;
	spawn->owner = task->parent == NULL ? call->caller->uid : task->owner;
	return 0;
}

/* json_dumps guards against loops, which takes as long as all the rest of a
   spawn: one integer, as in most sleeps, goes without. */
char *
start_args_text(const json_t *args)
{
	const json_t *first = json_array_get(args, 0);
	char *text;

	if (first == NULL)
		return NULL;
	if (json_array_size(args) > 1 || !json_is_integer(first))
		return json_dumps(args, JSON_COMPACT);
	text = xmalloc(DECIMAL_SIZE + sizeof "[]");
	*text = '[';
	memcpy(decimal_write(text + 1, json_integer_value(first)), "]", 2);
	return text;
}

/* By hand, as of all replies this one is made most. */
enum method_status
start_return(struct call *call, const struct task *task)
{
	static const char id[] = "{\"id\":", and_name[] = ",\"name\":";
	struct scheduler *scheduler = call->daemon->scheduler;
	char *name, *p;

	if (task == NULL)
		return method_fail(
		    call, error_new_limit(
			      "tasks", scheduler_limits(scheduler)->tasks));
	name = quote(task_name(task));
	call->result = xmalloc(
	    sizeof id + DECIMAL_SIZE + sizeof and_name + strlen(name) + 1);
	p = decimal_write(stpcpy(call->result, id), (int64_t)task->id);
	memcpy(stpcpy(stpcpy(p, and_name), name), "}", 2);
	free(name);
	return METHOD_DONE;
}
