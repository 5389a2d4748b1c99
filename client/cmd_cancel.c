/* tasklet-ctl cancel: ends tasks and all that is below them. */
#include "config.h"

#include <stdio.h>

#include "client/argument.h"
#include "client/command.h"
#include "client/report.h"
#include "client/value.h"

enum { OPTION_ONLY = 256, OPTION_REASON, OPTION_SIGNAL, OPTION_GRACE };

static const struct option options[] = {
    {"only", no_argument, NULL, OPTION_ONLY},
    {"reason", required_argument, NULL, OPTION_REASON},
    {"signal", required_argument, NULL, OPTION_SIGNAL},
    {"grace", required_argument, NULL, OPTION_GRACE},
    {"help", no_argument, NULL, 'h'},
    {0},
};

static void
set_option(json_t *params, int c)
{
	switch (c) {
	case OPTION_ONLY:
		json_object_set_new(params, "only", json_true());
		break;
	case OPTION_REASON:
		json_object_set_new(
		    params, "reason", argument_string("--reason", optarg));
		break;
	case OPTION_SIGNAL:
		json_object_set_new(
		    params, "signal", argument_signal("--signal", optarg));
		break;
	case OPTION_GRACE:
		json_object_set_new(
		    params, "grace", argument_seconds("--grace", optarg));
		break;
	}
}

static int
run_cancel(struct client *client, int argc, char **argv)
{
	json_t *params = json_object(), *tasks = json_array(), *result;
	json_int_t count;
	int c;

	while ((c = command_option(client, argc, argv)) != -1)
		set_option(params, c);
	for (; optind < argc; optind++)
		json_array_append_new(tasks, argument_task(argv[optind]));
	json_object_set_new(params, "tasks", tasks);
	result = call_method(&client->call, "cancel", params);
	if (json_unpack(result, "{s:I}", "count", &count) == -1)
		call_refuse_result(&client->call);
	if (client->json)
		value_print_json(result);
	else
		printf("cancelled %" JSON_INTEGER_FORMAT " task%s\n", count,
		    count == 1 ? "" : "s");
	return STATUS_OK;
}

static const char help[] =
    "  --only           leave the tasks below them running\n"
    "  --reason TEXT    for the error that their joiners get\n"
    "  --signal S       what a command is sent: INT, 15 (by default its own)\n"
    "  --grace D        how long it then has until it is killed: 0, 500ms, "
    "10s\n"
    "                   (by default its own)\n";

const struct command cmd_cancel = {
    .name = "cancel",
    .usage = "[OPTION...] TASK...",
    .summary = "Cancel tasks and all that is below them",
    .help = help,
    .shorts = ":h",
    .longs = options,
    .least = 1,
    .most = COMMAND_MANY,
    .handler = run_cancel,
};
