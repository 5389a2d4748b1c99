/* Words of the command line as JSON; what is wrong ends as a usage error. */
#include "config.h"

#include "client/argument.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "client/duration.h"
#include "client/report.h"
#include "proto/limits.h"
#include "proto/name.h"

json_t *
argument_string(const char *what, const char *text)
{
	json_t *string = json_string(text);

	if (string == NULL)
		report_usage("%s '%s' is not UTF-8", what, text);
	return string;
}

json_t *
argument_seconds(const char *what, const char *text)
{
	double seconds;

	if (duration_parse(text, &seconds) == 0)
		return json_real(seconds);
	if (errno == ERANGE)
		report_usage("%s '%s' is over the longest duration, %.0f "
			     "seconds (31 years)",
		    what, text, LIMIT_SECONDS);
	report_usage("%s '%s' is not a duration such as 1.5, 500ms, 10s, 5m, "
		     "2h or 1d",
	    what, text);
}

static bool
is_digits(const char *text)
{
	return *text != '\0' && text[strspn(text, "0123456789")] == '\0';
}

json_t *
argument_count(const char *what, const char *text)
{
	intmax_t count;

	if (!is_digits(text))
		report_usage("%s '%s' is not a whole number", what, text);
	errno = 0;
	count = strtoimax(text, NULL, 10);
	if (errno == ERANGE)
		report_usage(
		    "%s %s is over the largest, %" PRIdMAX, what, text, count);
	return json_integer(count);
}

json_t *
argument_integer(const char *what, const char *text)
{
	json_t *count = argument_count(what, text + (*text == '-'));
	json_int_t value = json_integer_value(count);

	json_integer_set(count, *text == '-' ? -value : value);
	return count;
}

json_t *
argument_octal(const char *what, const char *text)
{
	if (*text == '\0' || strlen(text) > 4 ||
	    text[strspn(text, "01234567")] != '\0')
		report_usage("%s '%s' is not octal, such as 022", what, text);
	return json_integer(strtol(text, NULL, 8));
}

json_t *
argument_statuses(const char *what, const char *text)
{
	json_t *statuses = json_array();
	const char *at = text;
	char *end;
	long status;

	for (;; at = end + 1) {
		status =
		    isdigit((unsigned char)*at) ? strtol(at, &end, 10) : -1;
		if (status < 0 || status > 255 || (*end != ',' && *end != '\0'))
			report_usage("%s '%s' is not a list of exit statuses, "
				     "0 to 255, such as 0,3",
			    what, text);
		json_array_append_new(statuses, json_integer(status));
		if (*end == '\0')
			return statuses;
	}
}

json_t *
argument_signal(const char *what, const char *text)
{
	if (is_digits(text))
		return argument_count(what, text);
	return argument_string(what, text);
}

json_t *
argument_number(const char *what, const char *text)
{
	char *end = NULL;
	double number = 0;

	/* strtod alone would take signs, exponents, hexadecimals and "inf". */
	if (*text != '\0' && text[strspn(text, "0123456789.")] == '\0')
		number = strtod(text, &end);
	if (end == NULL || *end != '\0' || !isfinite(number))
		report_usage(
		    "%s '%s' is not a number such as 10 or 0.5", what, text);
	return json_real(number);
}

json_t *
argument_task(const char *text)
{
	if (is_digits(text))
		return argument_count("the task id", text);
	return argument_string("the task's name", text);
}

bool
argument_is_name(const char *text)
{
	json_t *string = json_string(text);
	bool is_text = string != NULL;

	json_decref(string);
	return is_text && name_is_valid(text, strlen(text));
}

json_t *
argument_value(const char *text)
{
	size_t length = strlen(text);
	json_t *value = NULL;

	/* Spaces around a JSON text belong to it, but who writes ' 1' or
	   'true ' on a command line means the string. */
	if (length > 0 && !isspace((unsigned char)text[0]) &&
	    !isspace((unsigned char)text[length - 1]))
		value = json_loads(text,
		    JSON_DECODE_ANY | JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL,
		    NULL);
	if (value != NULL && !json_is_string(value))
		return value;
	json_decref(value);
	return argument_string("the argument", text);
}

json_t *
argument_params(const char *text)
{
	json_error_t error;
	json_t *params = json_loads(text,
	    JSON_DECODE_ANY | JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);

	if (params == NULL)
		report_usage(
		    "the params '%s' are not JSON: %s", text, error.text);
	return params;
}
