/* tasklet-ctl check, reload: the files of tasks that the daemon starts with. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/command.h"
#include "client/report.h"
#include "client/value.h"
#include "proto/error.h"
#include "proto/limits.h"
#include "proto/starters.h"
#include "proto/xalloc.h"

/* Reports an error (stolen) of a line; line 0 is the whole file. */
static void
complain(const char *file, json_int_t line, json_t *error)
{
	const char *message =
	    json_string_value(json_object_get(error, "message"));
	json_t *whole;

	if (line == 0)
		whole =
		    error_new(ERROR_INVALID_PARAMS, "%s: %s", file, message);
	else
		whole = error_new(ERROR_INVALID_PARAMS,
		    "%s:%" JSON_INTEGER_FORMAT ": %s", file, line, message);
	error_set_data(whole, "file", json_string(file));
	error_set_data(whole, "line", json_integer(line));
	report_error(whole);
	json_decref(whole);
	json_decref(error);
}

/* As far as it can be told without a daemon. */
static json_t *
check_params(const struct request *request)
{
	json_t *values[PARAMS_MOST], *error;
	const struct param *params = starter_params(request->method, &error);

	return params == NULL ? error :
				param_read(params, request->method, "",
				    request->params, values);
}

static json_t *
check_request(const char *line, size_t length)
{
	struct request request;
	json_t *error = NULL, *value;

	if (length > LIMIT_MESSAGE)
		return error_new(ERROR_PARSE,
		    "the line is %zu bytes, over the limit of %u", length,
		    LIMIT_MESSAGE);
	value = request_parse(line, length, &error);
	if (value != NULL && request_read(&request, value, &error) == 0)
		error = check_params(&request);
	json_decref(value);
	return error;
}

static bool
is_blank(const char *line, size_t length)
{
	return length == 0 || *line == '#' || strspn(line, " \t\r") >= length;
}

/* Whether all lines are right. */
static bool
check_lines(const char *file, const char *text, size_t length)
{
	const char *line = text, *end = text + length, *next;
	json_int_t number = 1;
	bool is_right = true;
	json_t *error;

	for (; line < end; line = next + 1, number++) {
		next = memchr(line, '\n', (size_t)(end - line));
		if (next == NULL)
			next = end;
		if (is_blank(line, (size_t)(next - line)) ||
		    (error = check_request(line, (size_t)(next - line))) ==
			NULL)
			continue;
		complain(file, number, error);
		is_right = false;
	}
	return is_right;
}

/* As much as the daemon would read. */
static bool
check_stream(const char *file, FILE *in)
{
	char *text = xmalloc(LIMIT_FILE + 2);
	size_t length = fread(text, 1, LIMIT_FILE + 1, in);
	json_t *error = NULL;
	bool is_right = false;

	text[length] = '\0';
	if (ferror(in))
		error = error_new(ERROR_INVALID_PARAMS, "%s", strerror(errno));
	else if (length > LIMIT_FILE)
		error = error_new(
		    ERROR_INVALID_PARAMS, "it is over %u bytes", LIMIT_FILE);
	else
		is_right = check_lines(file, text, length);
	if (error != NULL)
		complain(file, 0, error);
	free(text);
	return is_right;
}

/* Whether all of it is right. */
static bool
check_file(const char *file)
{
	bool is_right;
	FILE *in;

	if (strcmp(file, "-") == 0)
		return check_stream(file, stdin);
	in = fopen(file, "re");
	if (in == NULL) {
		complain(file, 0,
		    error_new(ERROR_INVALID_PARAMS, "%s", strerror(errno)));
		return false;
	}
	is_right = check_stream(file, in);
	fclose(in);
	return is_right;
}

static int
run_check(struct client *client, int argc, char **argv)
{
	char **file = command_operands(client, argc, argv);
	enum status status = STATUS_OK;

	for (; *file != NULL; file++)
		if (!check_file(*file))
			status = STATUS_FAILED;
	return status;
}

static void
complain_of(struct client *client, const json_t *value)
{
	const char *file, *message;
	json_int_t line;

	if (json_unpack((json_t *)value, "{s:s, s:I, s:s}", "file", &file,
		"line", &line, "message", &message) == -1)
		call_refuse_result(&client->call);
	complain(file, line, error_new(ERROR_INVALID_PARAMS, "%s", message));
}

static int
run_reload(struct client *client, int argc, char **argv)
{
	json_t *result, *errors, *error;
	json_int_t done;
	size_t i;

	command_operands(client, argc, argv);
	result = call_method(&client->call, "reload", NULL);
	if (json_unpack(
		result, "{s:I, s:o}", "done", &done, "errors", &errors) == -1)
		call_refuse_result(&client->call);
	if (client->json)
		value_print_json(result);
	else
		printf("did %" JSON_INTEGER_FORMAT " request%s\n", done,
		    done == 1 ? "" : "s");
	json_array_foreach (errors, i, error)
		complain_of(client, error);
	return json_array_size(errors) == 0 ? STATUS_OK : STATUS_FAILED;
}

static const char check_help[] =
    "Such a file, *.jsonl in the folder of taskletd's --tasks, holds requests "
    "as\n"
    "they go over the wire, one a line: spawn, later, interval, loop, rate "
    "and\n"
    "pool. Blank lines, and those that begin with a '#', are ignored. No "
    "daemon\n"
    "is asked, so that what only it knows, such as which functions there are, "
    "is\n"
    "not checked. What is wrong is told with its file and line, and the exit\n"
    "status is then 1. FILE may be a pipe, or - for stdin.\n";

static const char reload_help[] =
    "Prints how many requests were done. What is wrong is told with its file "
    "and\n"
    "line, and the exit status is then 1.\n";

const struct command cmd_check = {
    .name = "check",
    .usage = "FILE...",
    .summary = "Check files of tasks at start, without a daemon",
    .help = check_help,
    .least = 1,
    .most = COMMAND_MANY,
    .handler = run_check,
};

const struct command cmd_reload = {
    .name = "reload",
    .usage = "",
    .summary = "Have the daemon do what new and changed files of tasks say",
    .help = reload_help,
    .least = 0,
    .most = 0,
    .handler = run_reload,
};
