/* What goes to stderr, and the exit statuses. */
#include "config.h"

#include "client/report.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/ending.h"
#include "client/text.h"
#include "client/value.h"
#include "proto/error.h"
#include "proto/xalloc.h"
#include "proto/compact.h"

static bool in_json;
static const char *command;
static enum status only_status; /* STATUS_OK: each error has its own */
static void (*before)(void);

void
report_set_json(bool json)
{
	in_json = json;
}

void
report_set_command(const char *name)
{
	command = name;
}

void
report_set_status(enum status status)
{
	only_status = status;
}

void
report_set_before(void (*function)(void))
{
	before = function;
}

/* One line to stderr, after what stdout has so far. */
static void
write_line(const char *prefix, const char *text)
{
	char *safe = text_safe(text, strlen(text), "");

	if (before != NULL)
		before();
	fflush(stdout);
	fprintf(stderr, "%s%s\n", prefix, safe);
	free(safe);
}

/* {kind: object}; steals the object. */
static void
write_json(const char *kind, json_t *object)
{
	json_t *line = json_pack("{s:o}", kind, object);
	char *text = compact_text(line);

	write_line("", text);
	free(text);
	json_decref(line);
}

/* A message and its type, as JSON or as text. */
static void __attribute__((format(printf, 3, 0))) write_message(
    const char *kind, const char *type, const char *format, va_list args)
{
	char *message = xvasprintf(format, args), *safe;

	if (in_json) {
		/* Made safe, it is UTF-8. */
		safe = text_safe(message, strlen(message), "");
		write_json(kind, json_pack("{s:s, s:{s:s}}", "message", safe,
				     "data", "type", type));
		free(safe);
	} else {
		write_line("tasklet-ctl: ", message);
	}
	free(message);
}

void
report_no_memory(void)
{
	if (before != NULL)
		before();
	fputs(in_json ? "{\"error\":{\"message\":\"out of memory\","
			"\"data\":{\"type\":\"OutOfMemory\"}}}\n" :
			"tasklet-ctl: out of memory\n",
	    stderr);
	_Exit(only_status != STATUS_OK ? only_status : STATUS_FAILED);
}

void
report_notice(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_message("notice", "Notice", format, args);
	va_end(args);
}

/* The command's, where the join of one failed. */
static int
join_status(const json_t *error)
{
	json_t *data = json_object_get(error, "data");
	int status = ending_failure(json_object_get(data, "cause"));

	return status == -1 ? STATUS_FAILED : status;
}

static int
status_of(const json_t *error)
{
	if (only_status != STATUS_OK)
		return only_status;
	switch (json_integer_value(json_object_get(error, "code"))) {
	case ERROR_JOIN:
		return join_status(error);
	case ERROR_PARSE:
	case ERROR_INVALID_REQUEST:
	case ERROR_INVALID_PARAMS:
	case ERROR_METHOD_NOT_FOUND:
	case ERROR_NO_SUCH_FUNCTION:
		return STATUS_USAGE;
	case ERROR_NO_SUCH_TASK:
	case ERROR_AMBIGUOUS_NAME:
		return STATUS_NOT_FOUND;
	case ERROR_PERMISSION_DENIED:
		return STATUS_DENIED;
	case ERROR_TIMEOUT:
		return STATUS_TIMEOUT;
	case ERROR_CANCELLED: /* the daemon goes, or drops this client */
		return STATUS_UNREACHABLE;
	default:
		return STATUS_FAILED;
	}
}

/* The message, with the ids that it is about where there are several. */
static char *
error_text(const json_t *error)
{
	const char *message =
	    json_string_value(json_object_get(error, "message"));
	json_t *ids = json_object_get(json_object_get(error, "data"), "ids");
	char *list, *text;

	if (message == NULL)
		message = "an error without a message";
	if (!json_is_array(ids))
		return xstrdup(message);
	list = compact_text(ids);
	text = xasprintf("%s: %s", message, list);
	free(list);
	return text;
}

/* Who leaves the -- of a command out asks for a function of its name. */
static void
hint_at_functions(const json_t *error)
{
	if (json_integer_value(json_object_get(error, "code")) ==
	    ERROR_NO_SUCH_FUNCTION)
		write_line("", "'tasklet-ctl functions' lists those there are; "
			       "a command goes after --");
}

int
report_error(const json_t *error)
{
	char *text;

	if (in_json) {
		write_json("error", json_incref((json_t *)error));
	} else {
		text = error_text(error);
		write_line("tasklet-ctl: ", text);
		free(text);
		hint_at_functions(error);
	}
	return status_of(error);
}

void
report_fail(enum status status, const char *type, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_message("error", type, format, args);
	va_end(args);
	exit(only_status != STATUS_OK ? only_status : status);
}

void
report_usage(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_message("error", "UsageError", format, args);
	va_end(args);
	if (!in_json)
		fprintf(stderr, "try 'tasklet-ctl %s%s--help'\n",
		    command != NULL ? command : "", command != NULL ? " " : "");
	exit(only_status != STATUS_OK ? only_status : STATUS_USAGE);
}

void
report_check_stdout(void)
{
	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return;
	report_fail(STATUS_FAILED, "OutputError", "cannot write to stdout: %s",
	    errno != 0 ? strerror(errno) : "a write failed");
}
