/* What params may be: their types and ranges, and the errors about them. */
#include "config.h"

#include "proto/param.h"

#include <stdlib.h>
#include <string.h>

#include "proto/bytes.h"
#include "proto/error.h"
#include "proto/limits.h"
#include "proto/name.h"
#include "proto/signal.h"
#include "proto/xalloc.h"

static int
is_task(const json_t *value)
{
	return json_is_integer(value) || json_is_string(value);
}

static bool
are_tasks(const json_t *value)
{
	json_t *member;
	size_t i;

	if (!json_is_array(value))
		return false;
	json_array_foreach (value, i, member)
		if (!is_task(member))
			return false;
	return true;
}

/* Strings with U+0000 are for args, not for params. */
bool
param_is_plain_string(const json_t *value)
{
	return json_is_string(value) &&
	       strlen(json_string_value(value)) == json_string_length(value);
}

static bool
is_choice(const json_t *value, const char *const *choices)
{
	for (; *choices != NULL; choices++)
		if (param_is_plain_string(value) &&
		    strcmp(json_string_value(value), *choices) == 0)
			return true;
	return false;
}

static bool
are_choices(const json_t *value, const char *const *choices)
{
	json_t *one;
	size_t i;

	if (!json_is_array(value))
		return false;
	json_array_foreach (value, i, one)
		if (!is_choice(one, choices))
			return false;
	return true;
}

static bool
is_within(const json_t *value, const struct param *param)
{
	return json_is_integer(value) &&
	       json_integer_value(value) >= param->min &&
	       json_integer_value(value) <= param->max;
}

static bool
have_required(const json_t *value, const struct param *member)
{
	for (; member->type != PARAM_END; member++)
		if (member->required &&
		    json_object_get(value, member->name) == NULL)
			return false;
	return true;
}

static bool
is_object(const json_t *value, const struct param *members)
{
	const struct param *member;
	const char *name;
	json_t *one;

	if (!json_is_object(value) || members == NULL)
		return json_is_object(value);
	json_object_foreach ((json_t *)value, name, one) {
		for (member = members; member->type != PARAM_END; member++)
			if (strcmp(member->name, name) == 0)
				break;
		if (member->type == PARAM_END || !param_fits(member, one))
			return false;
	}
	return have_required(value, members);
}

static bool
is_data(const json_t *value)
{
	size_t length;
	char *data = bytes_read(value, &length);

	free(data);
	return data != NULL;
}

bool
param_fits(const struct param *param, const json_t *value)
{
	switch (param->type) {
	case PARAM_TASK:
		return is_task(value);
	case PARAM_TASKS:
		return are_tasks(value);
	case PARAM_TASK_OR_TASKS:
		return is_task(value) || are_tasks(value);
	case PARAM_STRING:
		return param_is_plain_string(value) &&
		       (param->max == 0 ||
			   (json_int_t)json_string_length(value) <= param->max);
	case PARAM_NAME:
		return param_is_plain_string(value) &&
		       name_is_valid(
			   json_string_value(value), json_string_length(value));
	case PARAM_ARRAY:
		return json_is_array(value);
	case PARAM_OBJECT:
		return is_object(value, param->members);
	case PARAM_BOOL:
		return json_is_boolean(value);
	case PARAM_SECONDS:
		return json_is_number(value) && json_number_value(value) >= 0 &&
		       json_number_value(value) <= LIMIT_SECONDS;
	case PARAM_HERTZ:
		return json_is_number(value) &&
		       json_number_value(value) >= LIMIT_HERTZ_LEAST &&
		       json_number_value(value) <= LIMIT_HERTZ;
	case PARAM_INTEGER:
		return is_within(value, param);
	case PARAM_CHOICE:
		return is_choice(value, param->choices);
	case PARAM_CHOICES:
		return are_choices(value, param->choices);
	case PARAM_BYTES:
		return bytes_fit(value);
	case PARAM_DATA:
		return is_data(value);
	case PARAM_SIGNAL:
		return signal_read(value) > 0;
	case PARAM_ANY:
		return true;
	case PARAM_END:
		break;
	}
	return false;
}

static char *
join_choices(const char *const *choices)
{
	char *text = xstrdup(""), *longer;

	for (; *choices != NULL; choices++) {
		longer = xasprintf(
		    "%s%s\"%s\"", text, *text == '\0' ? "" : ", ", *choices);
		free(text);
		text = longer;
	}
	return text;
}

/* "an object of a, b?": b may be left out. */
static char *
wanted_object(const struct param *member)
{
	char *text = xstrdup("an object"), *longer;
	const char *how = " of";

	for (; member != NULL && member->type != PARAM_END; member++) {
		longer = xasprintf("%s%s %s%s", text, how, member->name,
		    member->required ? "" : "?");
		free(text);
		text = longer;
		how = ",";
	}
	return text;
}

/* What the param must be; to be freed. */
static char *
wanted(const struct param *param)
{
	char *choices, *text;

	switch (param->type) {
	case PARAM_TASK:
		return xstrdup("the id or the name of a task");
	case PARAM_TASKS:
		return xstrdup("an array of ids or names of tasks");
	case PARAM_TASK_OR_TASKS:
		return xstrdup("the id or the name of a task, or an array of "
			       "those");
	case PARAM_NAME:
		return xasprintf("a name: 1 to %d bytes, no control "
				 "character, not digits alone",
		    LIMIT_NAME);
	case PARAM_ARRAY:
		return xstrdup("an array");
	case PARAM_OBJECT:
		return wanted_object(param->members);
	case PARAM_BOOL:
		return xstrdup("true or false");
	case PARAM_SECONDS:
		return xasprintf(
		    "a number of seconds from 0 to %.0f", LIMIT_SECONDS);
	case PARAM_HERTZ:
		return xasprintf("a number of runs a second from %.0e to %.0f",
		    LIMIT_HERTZ_LEAST, LIMIT_HERTZ);
	case PARAM_INTEGER:
		return xasprintf("an integer from %" JSON_INTEGER_FORMAT
				 " to %" JSON_INTEGER_FORMAT,
		    param->min, param->max);
	case PARAM_CHOICE:
		choices = join_choices(param->choices);
		text = xasprintf("one of %s", choices);
		free(choices);
		return text;
	case PARAM_CHOICES:
		choices = join_choices(param->choices);
		text = xasprintf("an array of some of %s", choices);
		free(choices);
		return text;
	case PARAM_BYTES:
		return xstrdup("a string without U+0000, or {\"base64\": "
			       "string} of bytes without NUL");
	case PARAM_DATA:
		return xstrdup("a string, or {\"base64\": string}");
	case PARAM_SIGNAL:
		return xasprintf("a signal: its name, as \"TERM\", or a number "
				 "from 1 to %d",
		    SIGNAL_MOST);
	default:
		if (param->max == 0)
			return xstrdup("a string without U+0000");
		return xasprintf("a string of at most %" JSON_INTEGER_FORMAT
				 " bytes without U+0000",
		    param->max);
	}
}

json_t *
param_unfit(const struct param *param, const char *prefix, const json_t *value)
{
	char *want = wanted(param);
	char *got = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	json_t *error =
	    error_new(ERROR_INVALID_PARAMS, "%s%s: must be %s, not %.*s",
		prefix, param->name, want, ERROR_QUOTE(got));

	free(want);
	free(got);
	return error;
}

static json_t *
unknown(const struct param *params, const char *of, const char *prefix,
    const char *name)
{
	char *known = xstrdup(""), *longer;
	json_t *error;

	for (; params->type != PARAM_END; params++) {
		longer = xasprintf(
		    "%s%s%s", known, *known == '\0' ? "" : ", ", params->name);
		free(known);
		known = longer;
	}
	error = error_new(ERROR_INVALID_PARAMS,
	    "%s%.*s: no such param of %s, which takes %s", prefix,
	    ERROR_QUOTE(name), of, *known == '\0' ? "none" : known);
	free(known);
	return error;
}

/* Its index in the list; that of the list's end where it is not there. */
static size_t
find(const struct param *params, const char *name)
{
	size_t i;

	for (i = 0; params[i].type != PARAM_END; i++)
		if (strcmp(params[i].name, name) == 0)
			break;
	return i;
}

json_t *
param_read(const struct param *params, const char *of, const char *prefix,
    const json_t *object, json_t **values)
{
	const char *name;
	json_t *value;
	size_t i;

	if (json_is_array(object))
		return error_new(ERROR_INVALID_PARAMS,
		    "params must be an object: they are given by name");
	for (i = 0; params[i].type != PARAM_END; i++)
		values[i] = NULL;
	json_object_foreach ((json_t *)object, name, value) {
		i = find(params, name);
		if (params[i].type == PARAM_END)
			return unknown(params, of, prefix, name);
		if (!param_fits(&params[i], value))
			return param_unfit(&params[i], prefix, value);
		values[i] = value;
	}
	for (i = 0; params[i].type != PARAM_END; i++)
		if (params[i].required && values[i] == NULL)
			return error_new(ERROR_INVALID_PARAMS,
			    "%s%s: missing, and %s needs it", prefix,
			    params[i].name, of);
	return NULL;
}
