/* Requests that start tasks, as far as they can be checked without a daemon. */
#include "config.h"

#include "client/start.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "client/argument.h"
#include "proto/compact.h"
#include "proto/error.h"
#include "proto/limits.h"

/* Which methods take a param. */
enum {
	SPAWN = 1,
	LATER = 2,
	INTERVAL = 4,
	LOOP = 8,
	RATE = 16,
	POOL = 32,
	RECUR = INTERVAL | LOOP | RATE,
	TASK = SPAWN | LATER | RECUR
};

enum type {
	ARRAY,
	BOOL,
	COUNT,
	HERTZ,
	NAME,
	OBJECT,
	RETRY,
	SCOPE,
	SECONDS,
	STRING,
	TASK_ID,
	TASKS
};

struct param {
	const char *name;
	enum type type;
	unsigned int methods;
	bool is_required;
	json_int_t least, most; /* of a COUNT */
};

static const struct {
	const char *name;
	unsigned int bit;
} methods[] = {
    {"interval", INTERVAL},
    {"later", LATER},
    {"loop", LOOP},
    {"pool", POOL},
    {"rate", RATE},
    {"spawn", SPAWN},
};

static const struct param params[] = {
    {"function", STRING, .methods = TASK, .is_required = true},
    {"args", ARRAY, .methods = TASK},
    {"options", OBJECT, .methods = TASK},
    {"name", NAME, .methods = TASK | POOL},
    {"parent", TASK_ID, .methods = TASK},
    {"timeout", SECONDS, .methods = TASK},
    {"scope", SCOPE, .methods = TASK},
    {"unique", BOOL, .methods = TASK},
    {"run_timeout", SECONDS, .methods = TASK},
    {"pool", NAME, .methods = TASK},
    {"weight", COUNT, .methods = TASK, .least = 1, .most = LIMIT_POOL_SIZE},
    {"after", TASKS, .methods = TASK},
    {"after_ok", TASKS, .methods = TASK},
    {"retry", RETRY, .methods = SPAWN},
    {"seconds", SECONDS, .methods = LATER | INTERVAL, .is_required = true},
    {"hertz", HERTZ, .methods = RATE, .is_required = true},
    {"max_runs", COUNT, .methods = RECUR, .least = 1, .most = INT64_MAX},
    {"max_failures", COUNT, .methods = RECUR, .least = 1, .most = INT64_MAX},
    {"immediate", BOOL, .methods = INTERVAL},
    {"size", COUNT, .methods = POOL, .most = LIMIT_POOL_SIZE},
};

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

/* What each must be. */
static const char *const wanted[] = {
    [ARRAY] = "an array",
    [BOOL] = "true or false",
    [COUNT] = "an integer, and not too small or large",
    [HERTZ] = "a number of runs a second over 0, up to 1e6",
    [NAME] = "a name: 1 to 255 bytes, no control character, not digits alone",
    [OBJECT] = "an object",
    [RETRY] = "an object: times, an integer; backoff, max_backoff: seconds",
    [SCOPE] = "one of \"detach\", \"wait\", \"cancel\"",
    [SECONDS] = "a number of seconds from 0 to 1e9",
    [STRING] = "a string without U+0000",
    [TASK_ID] = "the id or the name of a task",
    [TASKS] = "the id or the name of a task, or an array of them",
};

static bool
is_plain(const json_t *value)
{
	return json_is_string(value) &&
	       strlen(json_string_value(value)) == json_string_length(value);
}

static bool
is_scope(const json_t *value)
{
	const char *text = json_string_value(value);

	return is_plain(value) &&
	       (strcmp(text, "detach") == 0 || strcmp(text, "wait") == 0 ||
		   strcmp(text, "cancel") == 0);
}

static bool
is_within(const json_t *value, double least, double most)
{
	return json_is_number(value) && json_number_value(value) >= least &&
	       json_number_value(value) <= most;
}

static bool
is_task(const json_t *value)
{
	return json_is_integer(value) || json_is_string(value);
}

static bool
are_tasks(const json_t *value)
{
	json_t *member;
	size_t i;

	json_array_foreach (value, i, member)
		if (!is_task(member))
			return false;
	return json_is_array(value) || is_task(value);
}

static bool
is_retry(const json_t *value)
{
	bool is_good = json_is_integer(json_object_get(value, "times")) &&
		       json_integer_value(json_object_get(value, "times")) >= 0;
	const char *name;
	json_t *member;

	json_object_foreach ((json_t *)value, name, member)
		is_good =
		    is_good && (strcmp(name, "times") == 0 ||
				   ((strcmp(name, "backoff") == 0 ||
					strcmp(name, "max_backoff") == 0) &&
				       is_within(member, 0, LIMIT_SECONDS)));
	return is_good;
}

static bool
fits(const struct param *param, const json_t *value)
{
	switch (param->type) {
	case ARRAY:
		return json_is_array(value);
	case BOOL:
		return json_is_boolean(value);
	case COUNT:
		return json_is_integer(value) &&
		       json_integer_value(value) >= param->least &&
		       json_integer_value(value) <= param->most;
	case HERTZ:
		return is_within(value, 1e-9, 1e6);
	case NAME:
		return is_plain(value) &&
		       argument_is_name(json_string_value(value));
	case OBJECT:
		return json_is_object(value);
	case RETRY:
		return is_retry(value);
	case SCOPE:
		return is_scope(value);
	case SECONDS:
		return is_within(value, 0, LIMIT_SECONDS);
	case STRING:
		return is_plain(value);
	case TASK_ID:
		return is_task(value);
	case TASKS:
		return are_tasks(value);
	}
	return false;
}

static const struct param *
find_param(const char *name, unsigned int method)
{
	size_t i;

	for (i = 0; i < COUNT_OF(params); i++)
		if ((params[i].methods & method) != 0 &&
		    strcmp(params[i].name, name) == 0)
			return &params[i];
	return NULL;
}

static json_t *
check_param(
    const char *method, unsigned int bit, const char *name, const json_t *value)
{
	const struct param *param = find_param(name, bit);
	json_t *error;
	char *got;

	if (param == NULL)
		return error_new(ERROR_INVALID_PARAMS,
		    "%.*s: no such param of %s", ERROR_QUOTE(name), method);
	if (fits(param, value))
		return NULL;
	got = compact_text(value);
	error = error_new(ERROR_INVALID_PARAMS, "%s: must be %s, not %.*s",
	    name, wanted[param->type], ERROR_QUOTE(got));
	free(got);
	return error;
}

static json_t *
check_params(const char *method, unsigned int bit, const json_t *object)
{
	json_t *value, *error;
	const char *name;
	size_t i;

	json_object_foreach ((json_t *)object, name, value)
		if ((error = check_param(method, bit, name, value)) != NULL)
			return error;
	for (i = 0; i < COUNT_OF(params); i++)
		if (params[i].is_required && (params[i].methods & bit) != 0 &&
		    json_object_get(object, params[i].name) == NULL)
			return error_new(ERROR_INVALID_PARAMS,
			    "%s: missing, and %s needs it", params[i].name,
			    method);
	return NULL;
}

json_t *
start_check(const struct request *request)
{
	size_t i;

	for (i = 0; i < COUNT_OF(methods); i++)
		if (strcmp(methods[i].name, request->method) == 0)
			break;
	if (i == COUNT_OF(methods))
		return error_new(ERROR_INVALID_PARAMS,
		    "%.*s: only interval, later, loop, pool, rate and spawn "
		    "are done at start",
		    ERROR_QUOTE(request->method));
	if (json_is_array(request->params))
		return error_new(ERROR_INVALID_PARAMS,
		    "params must be an object, by name, not an array");
	return check_params(methods[i].name, methods[i].bit, request->params);
}
