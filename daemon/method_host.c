/* The methods of programs that host tasks: host, finish, provide. */
#include "config.h"

#include "daemon/method_table.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/function.h"
#include "daemon/host.h"
#include "daemon/scheduler.h"
#include "daemon/start.h"
#include "daemon/task.h"
#include "proto/compact.h"
#include "proto/error.h"
#include "proto/limits.h"
#include "proto/starters.h"
#include "proto/xalloc.h"

/* --- host --------------------------------------------------------------- */

enum {
	HOST_NAME,
	HOST_FUNCTION,
	HOST_ARGS,
	HOST_PARENT,
	HOST_TIMEOUT,
	HOST_SCOPE
};

static const struct param host_params[] = {
    {"name", PARAM_NAME, .summary = "Default: the function's name."},
    {"function", PARAM_NAME,
	.summary = "What it runs, as it is to be shown (default \"hosted\")."},
    {"args", PARAM_ARRAY, .summary = "Its arguments, as they are to be shown."},
    {"parent", PARAM_TASK,
	.summary = "Default: the task of this connection. For a finished one "
		   "its nearest living ancestor."},
    {"timeout", PARAM_SECONDS,
	.summary = "Ends the task with state timeout after that long."},
    {"scope", PARAM_CHOICE, .choices = starter_scopes,
	.summary = "What the task does about its children before it ends: "
		   "leave them to its parent (default), wait for them, or "
		   "cancel them."},
    {.type = PARAM_END},
};

static enum method_status
host_handler(struct call *call)
{
	const char *function = json_string_value(call->params[HOST_FUNCTION]);
	struct spawn spawn = {
	    .name = json_string_value(call->params[HOST_NAME]),
	    .timeout = method_seconds(call->params[HOST_TIMEOUT], -1),
	    .scope = start_scope(call->params[HOST_SCOPE]),
	};

	if (start_read_parent(call, call->params[HOST_PARENT], &spawn) == -1)
		return METHOD_ERROR;
	spawn.args = start_args_text(call->params[HOST_ARGS]);
	return start_return(
	    call, host_spawn(call->daemon->hosts, call->caller,
		      function != NULL ? function : "hosted", &spawn));
}

const struct method method_host = {
    .name = "host",
    .summary = "Starts a task that runs in the program which calls this.",
    .params = host_params,
    .result = START_RESULT,
    .handler = host_handler,
};

/* --- finish ------------------------------------------------------------- */

enum { FINISH_TASK, FINISH_RESULT, FINISH_ERROR };

static const struct param finish_params[] = {
    {"task", PARAM_TASK, .required = true,
	.summary = "A task that this program hosts."},
    {"result", PARAM_ANY, .summary = "What it returns."},
    {"error", PARAM_OBJECT,
	.summary = "Or why it failed: {\"message\", \"data\"?}."},
    {.type = PARAM_END},
};

static enum method_status
finish_handler(struct call *call)
{
	json_t *result = call->params[FINISH_RESULT], *error;
	struct task *task = method_task(call, call->params[FINISH_TASK]);
	char *text;

	if (task == NULL || method_outcome(call, result,
				call->params[FINISH_ERROR], &error) == -1)
		return METHOD_ERROR;
	text = compact_text(error != NULL ? error : result);
	if (!task_is_live(task))
		call->error =
		    method_error(task, ERROR_NO_SUCH_TASK, "has ended");
	else if (host_finish(call->caller, task,
		     error != NULL ? TASK_FAILED : TASK_DONE, text) == -1)
		call->error = method_error(task, ERROR_PERMISSION_DENIED,
		    "is not run by this program now");
	json_decref(error);
	free(text);
	return call->error != NULL ? METHOD_ERROR :
				     method_return(call, json_null());
}

const struct method method_finish = {
    .name = "finish",
    .summary = "Ends a run of a task that this program hosts.",
    .params = finish_params,
    .result = METHOD_NULL,
    .handler = finish_handler,
    .to_the_end = true,
};

/* --- provide ------------------------------------------------------------ */

enum { PROVIDE_FUNCTIONS };

static const struct param provide_params[] = {
    {"functions", PARAM_ARRAY, .required = true,
	.summary = "Each {\"name\", \"summary\", \"arguments\"?: [{\"name\", "
		   "\"type\"?: \"any\", \"string\" or \"number\", "
		   "\"repeat\"?: of the last one, any number}]}; any arguments "
		   "where that is absent. In place of those provided "
		   "before."},
    {.type = PARAM_END},
};

enum { FUNCTION_NAME, FUNCTION_SUMMARY, FUNCTION_ARGUMENTS, FUNCTION_MEMBERS };

static const struct param function_members[] = {
    {"name", PARAM_NAME, .required = true},
    {"summary", PARAM_STRING, .required = true, .max = LIMIT_SUMMARY},
    {"arguments", PARAM_ARRAY, .required = false},
    {.type = PARAM_END},
};

enum { ARGUMENT_NAME, ARGUMENT_TYPE, ARGUMENT_REPEAT, ARGUMENT_MEMBERS };

/* "any" is TYPE_ANY, and so on. */
static const char *const types[] = {"any", "string", "number", NULL};

static const struct param argument_members[] = {
    {"name", PARAM_NAME, .required = true},
    {"type", PARAM_CHOICE, .choices = types},
    {"repeat", PARAM_BOOL, .required = false},
    {.type = PARAM_END},
};

/* Reads one object of a list, as "functions[3]"; *error where it is wrong. */
static void
read_one(const struct param *params, const char *of, const char *list, size_t i,
    const json_t *object, json_t **values, json_t **error)
{
	char *prefix = xasprintf("%s[%zu]", list, i), *member;

	if (!json_is_object(object)) {
		*error = error_new(
		    ERROR_INVALID_PARAMS, "%s: must be an object", prefix);
	} else {
		member = xasprintf("%s.", prefix);
		*error = param_read(params, of, member, object, values);
		free(member);
	}
	free(prefix);
}

static enum function_type
type_of(const json_t *name)
{
	enum function_type type = TYPE_ANY;

	while (name != NULL &&
	       /* NOLINTNEXTLINE: names are strings by now */
	       strcmp(types[type - TYPE_ANY], json_string_value(name)) != 0)
		type++;
	return type;
}

/* Reads the arguments of a function, which "list" names in errors. */
static json_t *
read_arguments(
    const json_t *list, const char *prefix, struct function_arg *args)
{
	size_t count = json_array_size(list), i;
	json_t *members[ARGUMENT_MEMBERS], *one, *error;

	json_array_foreach (list, i, one) {
		read_one(argument_members, "an argument", prefix, i, one,
		    members, &error);
		if (error != NULL)
			return error;
		args[i].name =
		    /* NOLINTNEXTLINE: param_read has set it */
		    xstrdup(json_string_value(members[ARGUMENT_NAME]));
		args[i].type = type_of(members[ARGUMENT_TYPE]);
		args[i].repeat = json_is_true(members[ARGUMENT_REPEAT]);
		if (args[i].repeat && i + 1 < count)
			return error_new(ERROR_INVALID_PARAMS,
			    "%s[%zu].repeat: only of the last argument", prefix,
			    i);
	}
	return NULL;
}

/* What it holds is to be destroyed also where this returns an error. */
static json_t *
read_function(const json_t *value, size_t i, struct provided *provided)
{
	json_t *members[FUNCTION_MEMBERS], *arguments, *error;
	const char *name;
	char *prefix;

	read_one(function_members, "a function", "functions", i, value, members,
	    &error);
	if (error != NULL)
		return error;
	/* NOLINTNEXTLINE: param_read has set it */
	name = json_string_value(members[FUNCTION_NAME]);
	if (function_find(name) != NULL)
		return error_new(ERROR_ALREADY_EXISTS,
		    "functions[%zu].name: \"%s\" is a function of the daemon",
		    i, name);
	provided->name = xstrdup(name);
	provided->summary =
	    xstrdup(json_string_value(members[FUNCTION_SUMMARY]));
	arguments = members[FUNCTION_ARGUMENTS];
	if (arguments == NULL)
		return NULL;
	provided->args =
	    xcalloc(json_array_size(arguments) + 1, sizeof *provided->args);
	prefix = xasprintf("functions[%zu].arguments", i);
	error = read_arguments(arguments, prefix, provided->args);
	free(prefix);
	return error;
}

/* Reads all of them; none may be there twice. */
static json_t *
read_functions(const json_t *list, struct provided *provided)
{
	json_t *names = json_object(), *one, *error = NULL;
	size_t i;

	json_array_foreach (list, i, one) {
		error = read_function(one, i, &provided[i]);
		if (error != NULL)
			break;
		if (json_object_get(names, provided[i].name) != NULL) {
			error = error_new(ERROR_INVALID_PARAMS,
			    "functions[%zu].name: \"%s\" is there twice", i,
			    provided[i].name);
			break;
		}
		json_object_set_new(names, provided[i].name, json_true());
	}
	json_decref(names);
	return error;
}

static enum method_status
provide_handler(struct call *call)
{
	const json_t *list = call->params[PROVIDE_FUNCTIONS];
	size_t count = json_array_size(list), i;
	struct provided *provided;

	if (count > HOST_FUNCTIONS)
		return method_fail(
		    call, error_new_limit("functions", HOST_FUNCTIONS));
	provided = xcalloc(count, sizeof *provided);
	call->error = read_functions(list, provided);
	if (call->error != NULL)
		for (i = 0; i < count; i++)
			provided_destroy(&provided[i]);
	else
		call->error = host_provide(
		    call->daemon->hosts, call->caller, provided, count);
	free(provided);
	return call->error != NULL ? METHOD_ERROR :
				     method_return(call, json_null());
}

const struct method method_provide = {
    .name = "provide",
    .summary = "Offers functions that run in the program which calls this.",
    .params = provide_params,
    .result = METHOD_NULL,
    .handler = provide_handler,
};
