/* tasklet-ctl call: sends any request. */
#include "config.h"

#include "client/argument.h"
#include "client/command.h"
#include "client/report.h"
#include "client/value.h"

static int
run_call(struct client *client, int argc, char **argv)
{
	char **operands = command_operands(client, argc, argv);
	json_t *method = argument_string("the method", operands[0]);
	json_t *params =
	    operands[1] != NULL ? argument_params(operands[1]) : NULL;
	json_t *result =
	    call_method(&client->call, json_string_value(method), params);

	value_print_json(result);
	json_decref(method);
	return STATUS_OK;
}

static const char help[] = "Prints the result as JSON, such as\n"
			   "  tasklet-ctl call show '{\"task\": 1}'\n";

const struct command cmd_call = {
    .name = "call",
    .usage = "METHOD [JSON]",
    .summary = "Call any method, with the params given as JSON",
    .help = help,
    .least = 1,
    .most = 2,
    .handler = run_call,
};
