/* What a task runs: the registry of functions, and what they share. */
#include "config.h"

#include "daemon/function.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/fn_basic.h"
#include "daemon/fn_exec.h"
#include "proto/param.h"
#include "daemon/scheduler.h"
#include "daemon/task.h"
#include "proto/bytes.h"
#include "proto/compact.h"
#include "proto/error.h"
#include "proto/xalloc.h"

const struct function *const functions[] = {
    &fn_echo,
    &fn_exec,
    &fn_fail,
    &fn_print,
    &fn_sleep,
    &fn_sum,
    NULL,
};

static const char *const type_names[] = {
    [TYPE_ANY] = "any",
    [TYPE_STRING] = "string",
    [TYPE_NUMBER] = "number",
    [TYPE_BYTES] = "string",
};

const struct function *
function_find(const char *name)
{
	const struct function *const *f;

	for (f = functions; *f != NULL; f++)
		if (strcmp((*f)->name, name) == 0)
			return *f;
	return NULL;
}

static bool
has_type(const json_t *value, enum function_type type)
{
	switch (type) {
	case TYPE_STRING:
		return json_is_string(value);
	case TYPE_NUMBER:
		return json_is_number(value);
	case TYPE_BYTES:
		return bytes_fit(value);
	default:
		return true;
	}
}

static int
wrong_count(const struct function *function, size_t got, json_t **error)
{
	const struct function_arg *arg;
	char *usage;
	size_t size;
	FILE *out = xopen_memstream(&usage, &size);

	for (arg = function->args; arg->type != TYPE_END; arg++)
		fprintf(out, " %s%s", arg->name, arg->repeat ? "..." : "");
	fclose(out);
	*error = error_new(ERROR_INVALID_PARAMS,
	    "args: %s takes%.*s, not %zu arguments", function->name,
	    ERROR_QUOTE(size == 0 ? " none" : usage), got);
	free(usage);
	return -1;
}

static int
wrong_type(const struct function *function, const struct function_arg *arg,
    size_t number, const json_t *value, json_t **error)
{
	char *got = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

	*error = error_new(ERROR_INVALID_PARAMS,
	    "args: %s %zu of %s must be a %s, not %.*s", arg->name, number,
	    function->name, type_names[arg->type], ERROR_QUOTE(got));
	free(got);
	return -1;
}

int
function_check_args(
    const struct function *function, const json_t *args, json_t **error)
{
	const struct function_arg *arg = function->args;
	json_t *value;
	size_t i;

	json_array_foreach (args, i, value) {
		if (arg->type == TYPE_END)
			return wrong_count(
			    function, json_array_size(args), error);
		if (!has_type(value, arg->type))
			return wrong_type(function, arg, i + 1, value, error);
		if (!arg->repeat)
			arg++;
	}
	if (arg->type != TYPE_END && !arg->repeat)
		return wrong_count(function, json_array_size(args), error);
	return 0;
}

static const struct param *
find_option(const struct function *function, const char *name)
{
	const struct param *option = function->options;

	while (option != NULL && option->type != PARAM_END) {
		if (strcmp(option->name, name) == 0)
			return option;
		option++;
	}
	return NULL;
}

static json_t *
no_such_option(const struct function *function, const char *name)
{
	return error_new(ERROR_INVALID_PARAMS,
	    "options: %s has no option \"%.*s\"", function->name,
	    ERROR_QUOTE(name));
}

int
function_check_options(
    const struct function *function, const json_t *options, json_t **error)
{
	const struct param *option;
	const char *name;
	json_t *value;

	if (function->any_options)
		return 0;
	json_object_foreach ((json_t *)options, name, value) {
		option = find_option(function, name);
		if (option == NULL)
			*error = no_such_option(function, name);
		else if (!param_fits(option, value))
			*error = param_unfit(option, "options: ", value);
		else
			continue;
		return -1;
	}
	return 0;
}

static json_t *
describe_options(const struct function *function)
{
	json_t *options = json_array();
	const struct param *option = function->options;

	for (; option != NULL && option->type != PARAM_END; option++)
		json_array_append_new(
		    options, json_pack("{s:s, s:s}", "name", option->name,
				 "summary", option->summary));
	return options;
}

json_t *
function_describe(const struct function *function)
{
	const struct function_arg *arg;
	json_t *args = json_array(), *one;

	for (arg = function->args; arg->type != TYPE_END; arg++) {
		one = json_pack("{s:s, s:s}", "name", arg->name, "type",
		    type_names[arg->type]);
		if (arg->repeat)
			json_object_set_new(one, "repeat", json_true());
		json_array_append_new(args, one);
	}
	return json_pack("{s:s, s:s, s:o, s:o}", "name", function->name,
	    "summary", function->summary, "arguments", args, "options",
	    describe_options(function));
}

json_t *
function_args(const struct task *task)
{
	if (task->args == NULL)
		return json_array();
	return json_loads(task->args, JSON_ALLOW_NUL, NULL);
}

json_t *
function_options(const struct task *task)
{
	if (task->options == NULL)
		return json_object();
	return json_loads(task->options, JSON_ALLOW_NUL, NULL);
}

/* Ends the task by what `value` says as text; steals it. */
static void
finish(struct scheduler *scheduler, struct task *task, enum task_state state,
    json_t *value)
{
	char *text = compact_text(value);

	json_decref(value);
	scheduler_finish(scheduler, task, state, text);
	free(text);
}

void
function_raise(struct scheduler *scheduler, struct task *task, json_t *error)
{
	finish(scheduler, task, TASK_FAILED, error);
}

void
function_fail(
    struct scheduler *scheduler, struct task *task, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	function_raise(scheduler, task, error_newv(ERROR_FUNCTION, format, ap));
	va_end(ap);
}

void
function_return(struct scheduler *scheduler, struct task *task, json_t *result)
{
	finish(scheduler, task, TASK_DONE, result);
}
