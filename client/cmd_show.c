/* tasklet-ctl show, parent, current: all about one task. */
#include "config.h"

#include "client/argument.h"
#include "client/command.h"
#include "client/fields.h"
#include "client/report.h"
#include "client/value.h"

/* Calls the method with the task, if given, and prints the task it gives. */
static int
print_task(struct client *client, const char *method, const char *operand)
{
	json_t *params = json_object(), *task;

	if (operand != NULL)
		json_object_set_new(params, "task", argument_task(operand));
	task = call_method(&client->call, method, params);
	if (client->json)
		value_print_json(task);
	else if (json_is_null(task))
		report_notice("there is none");
	else if (json_is_object(task))
		fields_print(task);
	else
		call_refuse_result(&client->call);
	return STATUS_OK;
}

static int
run_show(struct client *client, int argc, char **argv)
{
	char **operands = command_operands(client, argc, argv);

	return print_task(client, "show", operands[0]);
}

static int
run_parent(struct client *client, int argc, char **argv)
{
	char **operands = command_operands(client, argc, argv);

	return print_task(client, "parent", operands[0]);
}

static int
run_current(struct client *client, int argc, char **argv)
{
	command_operands(client, argc, argv);
	return print_task(client, "current", NULL);
}

const struct command cmd_show = {
    .name = "show",
    .usage = "TASK",
    .summary = "Show all about a task, live or finished",
    .least = 1,
    .most = 1,
    .handler = run_show,
};

const struct command cmd_parent = {
    .name = "parent",
    .usage = "[TASK]",
    .summary = "Show a task's parent, by default this connection's",
    .least = 0,
    .most = 1,
    .handler = run_parent,
};

const struct command cmd_current = {
    .name = "current",
    .usage = "",
    .summary = "Show the task of this connection",
    .least = 0,
    .most = 0,
    .handler = run_current,
};
