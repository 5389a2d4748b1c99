/* What starts a task: the options and operands that its commands share. */
#include "config.h"

#include "client/spawn.h"

#include <string.h>

#include "client/argument.h"
#include "client/command.h"
#include "client/report.h"
#include "proto/bytes.h"

void
spawn_create(struct spawn *spawn, struct client *client)
{
	*spawn = (struct spawn){
	    .client = client,
	    .params = json_object(),
	    .exec = json_object(),
	};
}

/* Of params[object]. */
static void
set_member(
    struct spawn *spawn, const char *object, const char *key, json_t *value)
{
	json_t *params = spawn->params;

	if (json_object_get(params, object) == NULL)
		json_object_set_new(params, object, json_object());
	json_object_set_new(json_object_get(params, object), key, value);
}

static void
add_task(struct spawn *spawn, const char *key)
{
	json_t *params = spawn->params;

	if (json_object_get(params, key) == NULL)
		json_object_set_new(params, key, json_array());
	json_array_append_new(
	    json_object_get(params, key), argument_task(optarg));
}

static void
gate_option(struct spawn *spawn, int c)
{
	json_t *params = spawn->params;

	switch (c) {
	case OPTION_RUN_TIMEOUT:
		json_object_set_new(params, "run_timeout",
		    argument_seconds("--run-timeout", optarg));
		break;
	case OPTION_POOL:
		json_object_set_new(
		    params, "pool", argument_string("--pool", optarg));
		break;
	case OPTION_WEIGHT:
		json_object_set_new(
		    params, "weight", argument_count("--weight", optarg));
		break;
	case OPTION_AFTER:
		add_task(spawn, "after");
		break;
	case OPTION_AFTER_OK:
		add_task(spawn, "after_ok");
		break;
	case OPTION_RETRY:
		set_member(
		    spawn, "retry", "times", argument_count("--retry", optarg));
		break;
	case OPTION_BACKOFF:
		set_member(spawn, "retry", "backoff",
		    argument_seconds("--backoff", optarg));
		break;
	case OPTION_MAX_BACKOFF:
		set_member(spawn, "retry", "max_backoff",
		    argument_seconds("--max-backoff", optarg));
		break;
	}
}

void
spawn_option(struct spawn *spawn, int c)
{
	json_t *params = spawn->params;

	switch (c) {
	case 'n':
		json_object_set_new(
		    params, "name", argument_string("the name", optarg));
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
	default:
		if (c >= OPTION_RUN_TIMEOUT && c <= OPTION_MAX_BACKOFF)
			gate_option(spawn, c);
		else
			spawn_exec_option(spawn, c);
	}
}

/* As ps names a process: without its folder. */
static void
name_command(struct spawn *spawn, const char *command)
{
	const char *slash = strrchr(command, '/');
	const char *name = slash != NULL ? slash + 1 : command;

	if (json_object_get(spawn->params, "name") == NULL &&
	    argument_is_name(name))
		json_object_set_new(spawn->params, "name", json_string(name));
}

static void
set_command(struct spawn *spawn, char **argv)
{
	json_t *args;

	if (*argv == NULL)
		report_usage("exec: a command is missing");
	name_command(spawn, *argv);
	args = json_array();
	for (; *argv != NULL; argv++)
		json_array_append_new(args, bytes_new(*argv, strlen(*argv)));
	json_object_set_new(spawn->params, "function", json_string("exec"));
	json_object_set_new(spawn->params, "args", args);
	spawn_exec(spawn);
}

static void
set_function(struct spawn *spawn, char **operands)
{
	json_t *args;

	if (spawn->given != NULL)
		report_usage("%s is for commands: write -- before the command",
		    spawn->given);
	args = json_array();
	json_object_set_new(spawn->params, "function",
	    argument_string("the function", *operands++));
	for (; *operands != NULL; operands++)
		json_array_append_new(
		    args, spawn->strings ?
			      argument_string("the argument", *operands) :
			      argument_value(*operands));
	json_object_set_new(spawn->params, "args", args);
}

static void
set_shell(struct spawn *spawn, char **operands)
{
	static char sh[] = "sh", c[] = "-c";
	char *argv[] = {sh, c, (char *)spawn->shell, NULL};

	if (*operands != NULL)
		report_usage("%s: one argument too many: '%s': --shell has the "
			     "command",
		    spawn->client->command->name, *operands);
	set_command(spawn, argv);
}

void
spawn_operands(struct spawn *spawn, char **operands, bool dashes)
{
	const struct command *command = spawn->client->command;
	const json_t *retry = json_object_get(spawn->params, "retry");

	if (retry != NULL && json_object_get(retry, "times") == NULL)
		report_usage("--backoff and --max-backoff go with --retry");
	if (spawn->shell != NULL)
		set_shell(spawn, operands);
	else if (*operands == NULL)
		report_usage("%s: an argument is missing: it takes %s",
		    command->name, command->usage);
	else if (dashes)
		set_command(spawn, operands);
	else if (strcmp(*operands, "exec") == 0)
		set_command(spawn, operands + 1);
	else
		set_function(spawn, operands);
}
