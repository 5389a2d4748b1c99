/* tasklet-ctl spawn: runs a function as a new task. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "client/argument.h"
#include "client/command.h"
#include "client/report.h"
#include "client/text.h"
#include "client/value.h"

enum {
	OPTION_PARENT = 256,
	OPTION_TIMEOUT,
	OPTION_SCOPE,
	OPTION_UNIQUE,
	OPTION_WAIT
};

static const struct option options[] = {
    {"name", required_argument, NULL, 'n'},
    {"print-id", no_argument, NULL, 'p'},
    {"parent", required_argument, NULL, OPTION_PARENT},
    {"timeout", required_argument, NULL, OPTION_TIMEOUT},
    {"scope", required_argument, NULL, OPTION_SCOPE},
    {"unique", no_argument, NULL, OPTION_UNIQUE},
    {"wait", no_argument, NULL, OPTION_WAIT},
    {"help", no_argument, NULL, 'h'},
    {0},
};

struct spawn {
	json_t *params;
	bool print_id, wait, strings;
};

static void
set_option(struct spawn *spawn, int c)
{
	json_t *params = spawn->params;

	switch (c) {
	case 'n':
		json_object_set_new(
		    params, "name", argument_string("the name", optarg));
		break;
	case 'p':
		spawn->print_id = true;
		break;
	case 's':
		spawn->strings = true;
		break;
	case OPTION_PARENT:
		json_object_set_new(params, "parent", argument_task(optarg));
		break;
	case OPTION_TIMEOUT:
		json_object_set_new(
		    params, "timeout", argument_seconds("--timeout", optarg));
		break;
	case OPTION_SCOPE:
		json_object_set_new(
		    params, "scope", argument_string("--scope", optarg));
		break;
	case OPTION_UNIQUE:
		json_object_set_new(params, "unique", json_true());
		break;
	case OPTION_WAIT:
		spawn->wait = true;
		break;
	}
}

static void
set_function(struct spawn *spawn, char **operands)
{
	json_t *args = json_array();

	json_object_set_new(spawn->params, "function",
	    argument_string("the function", *operands++));
	for (; *operands != NULL; operands++)
		json_array_append_new(
		    args, spawn->strings ?
			      argument_string("the argument", *operands) :
			      argument_value(*operands));
	json_object_set_new(spawn->params, "args", args);
}

/* At once: who reads the id need not wait for the result. */
static void
print_task(const struct client *client, const struct spawn *spawn, json_t *task)
{
	const char *name = json_string_value(json_object_get(task, "name"));
	json_t *id = json_object_get(task, "id");

	if (spawn->print_id) {
		value_print_json(id);
	} else if (client->json) {
		value_print_json(task);
	} else {
		printf(
		    "task %" JSON_INTEGER_FORMAT " (", json_integer_value(id));
		text_print(name, strlen(name));
		puts(")");
	}
	report_check_stdout();
}

static void
print_result(struct client *client, json_int_t id)
{
	json_t *result =
	    call_method(&client->call, "join", json_pack("{s:I}", "task", id));

	value_print(result, client->json);
}

static int
run_spawn(struct client *client, int argc, char **argv)
{
	struct spawn spawn = {.params = json_object()};
	json_t *task;
	json_int_t id;
	int c;

	while ((c = command_option(client, argc, argv)) != -1)
		set_option(&spawn, c);
	set_function(&spawn, argv + optind);
	task = call_method(&client->call, "spawn", spawn.params);
	id = json_integer_value(json_object_get(task, "id"));
	if (id <= 0 || !json_is_string(json_object_get(task, "name")))
		call_refuse_result(&client->call);
	if (spawn.print_id || !spawn.wait)
		print_task(client, &spawn, task);
	if (spawn.wait)
		print_result(client, id);
	return STATUS_OK;
}

static const char help[] =
    "  -n, --name NAME      the task's name (by default the function's)\n"
    "  -p, --print-id       print only the id\n"
    "      --parent TASK    the parent (by default the task of this client,\n"
    "                       which leaves it to the root)\n"
    "      --timeout D      time out after D: 1.5, 500ms, 10s, 5m, 2h, 1d\n"
    "      --scope S        what becomes of its children when it ends:\n"
    "                       detach (the default), wait or cancel\n"
    "      --unique         refuse if a live task has the name\n"
    "      --wait           wait for its end and print its result, as join\n"
    "  -s                   every ARG is a string\n"
    "\n"
    "An ARG that is a JSON number, true, false, null, array or object is\n"
    "passed as that; any other is a string, also what JSON does not take as a\n"
    "number, such as 007 or 1e999. Options end at FUNCTION, so that an ARG\n"
    "may begin with '-'. 'tasklet-ctl functions' lists the functions.\n";

const struct command cmd_spawn = {
    .name = "spawn",
    .usage = "[OPTION...] FUNCTION [ARG...]",
    .summary = "Run a function as a new task",
    .help = help,
    .shorts = "+:hn:ps",
    .longs = options,
    .least = 1,
    .most = COMMAND_MANY,
    .handler = run_spawn,
};
