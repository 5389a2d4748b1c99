/* tasklet-ctl join: waits for tasks and prints their results. */
#include "config.h"

#include <string.h>

#include "client/argument.h"
#include "client/command.h"
#include "client/report.h"
#include "client/value.h"

enum { OPTION_ANY = 256, OPTION_TIMEOUT };

static const struct option options[] = {
    {"any", no_argument, NULL, OPTION_ANY},
    {"timeout", required_argument, NULL, OPTION_TIMEOUT},
    {"help", no_argument, NULL, 'h'},
    {0},
};

/* One task gives its result; there the error is the call's. */
static int
join_one(struct client *client, json_t *params, const char *task)
{
	json_t *result;

	json_object_set_new(params, "task", argument_task(task));
	result = call_method(&client->call, "join", params);
	value_print(result, client->json);
	return STATUS_OK;
}

/* What became of one task of several: {"task", "state", "result"|"error"}. */
static int
print_outcome(const struct client *client, json_t *outcome)
{
	json_t *result = json_object_get(outcome, "result");
	const char *state, *message = NULL;
	json_int_t task;

	if (json_unpack(outcome, "{s:I, s:s, s?{s:s}}", "task", &task, "state",
		&state, "error", "message", &message) == -1 ||
	    (result == NULL) == (message == NULL))
		call_refuse_result(&client->call);
	if (client->json)
		value_print_json(outcome);
	else if (result != NULL)
		value_print(result, false);
	else
		report_notice("task %" JSON_INTEGER_FORMAT " %s: %s", task,
		    state, message);
	return result != NULL ? STATUS_OK : STATUS_FAILED;
}

static int
join_many(struct client *client, json_t *params, char **tasks, bool any)
{
	json_t *list = json_array(), *result, *outcome;
	int status = STATUS_OK;
	size_t i;

	for (; *tasks != NULL; tasks++)
		json_array_append_new(list, argument_task(*tasks));
	json_object_set_new(params, "tasks", list);
	if (any) {
		json_object_set_new(params, "mode", json_string("any"));
		result = call_method(&client->call, "join", params);
		status = print_outcome(client, result);
	} else {
		result = call_method(&client->call, "join", params);
		if (!json_is_array(result))
			call_refuse_result(&client->call);
		json_array_foreach (result, i, outcome)
			if (print_outcome(client, outcome) != STATUS_OK)
				status = STATUS_FAILED;
	}
	return status;
}

static int
run_join(struct client *client, int argc, char **argv)
{
	json_t *params = json_object();
	bool any = false;
	int c;

	while ((c = command_option(client, argc, argv)) != -1) {
		if (c == OPTION_ANY)
			any = true;
		else
			json_object_set_new(params, "timeout",
			    argument_seconds("--timeout", optarg));
	}
	if (argc - optind == 1 && !any)
		return join_one(client, params, argv[optind]);
	return join_many(client, params, argv + optind, any);
}

static const char help[] =
    "  --any          wait for the first of them alone\n"
    "  --timeout D    wait at most D: 1.5, 500ms, 10s, 5m, 2h, 1d\n"
    "\n"
    "Prints a line for each task, in the order given: a string as it is,\n"
    "anything else as JSON. For a task that failed, was cancelled or timed\n"
    "out itself, the error goes to stderr and the exit status is 1; it is 124\n"
    "only when the time given here ran out. With --json, several tasks (or\n"
    "--any) give {\"task\", \"state\", \"result\" or \"error\"}, a line for "
    "each.\n";

const struct command cmd_join = {
    .name = "join",
    .usage = "[OPTION...] TASK...",
    .summary = "Wait for tasks to end and print their results",
    .help = help,
    .shorts = ":h",
    .longs = options,
    .least = 1,
    .most = COMMAND_MANY,
    .handler = run_join,
};
