/* tasklet-ctl list, children: tasks in a table. */
#include "config.h"

#include "client/argument.h"
#include "client/command.h"
#include "client/pages.h"
#include "client/render.h"
#include "client/report.h"
#include "client/value.h"

enum {
	OPTION_STATE = 256,
	OPTION_NAME,
	OPTION_FUNCTION,
	OPTION_LIVE,
	OPTION_FINISHED
};

static const struct option options[] = {
    {"state", required_argument, NULL, OPTION_STATE},
    {"name", required_argument, NULL, OPTION_NAME},
    {"function", required_argument, NULL, OPTION_FUNCTION},
    {"live", no_argument, NULL, OPTION_LIVE},
    {"finished", no_argument, NULL, OPTION_FINISHED},
    {"help", no_argument, NULL, 'h'},
    {0},
};

static void
set_option(json_t *params, int c)
{
	switch (c) {
	case OPTION_STATE:
		json_object_set_new(
		    params, "state", argument_string("--state", optarg));
		break;
	case OPTION_NAME:
		json_object_set_new(
		    params, "name", argument_string("--name", optarg));
		break;
	case OPTION_FUNCTION:
		json_object_set_new(
		    params, "function", argument_string("--function", optarg));
		break;
	case OPTION_LIVE:
	case OPTION_FINISHED:
		json_object_set_new(
		    params, "finished", json_boolean(c == OPTION_FINISHED));
		break;
	}
}

static void
print_rows(
    const struct client *client, struct render *render, const json_t *rows)
{
	if (client->json)
		value_print_elements(rows);
	else
		render_tasks(render, rows);
	report_check_stdout();
}

static int
run_list(struct client *client, int argc, char **argv)
{
	struct render render = {.color = client->color};
	struct pages pages;
	json_t *params = json_object();
	const json_t *rows;
	int c;

	while ((c = command_option(client, argc, argv)) != -1)
		set_option(params, c);
	pages_create(&pages, &client->call, "list", params);
	while ((rows = pages_next(&pages)) != NULL)
		print_rows(client, &render, rows);
	pages_destroy(&pages);
	return STATUS_OK;
}

static int
run_children(struct client *client, int argc, char **argv)
{
	char **operands = command_operands(client, argc, argv);
	struct render render = {.color = client->color};
	json_t *params = json_object(), *rows;

	if (operands[0] != NULL)
		json_object_set_new(params, "task", argument_task(operands[0]));
	rows = call_method(&client->call, "children", params);
	if (!json_is_array(rows))
		call_refuse_result(&client->call);
	print_rows(client, &render, rows);
	return STATUS_OK;
}

static const char help[] =
    "  --state S       those in that state, such as sleeping or done\n"
    "  --name GLOB     those whose name matches, such as 'build*'\n"
    "  --function F    those that run that function\n"
    "  --live          those that have not ended\n"
    "  --finished      those that have ended\n"
    "\n"
    "With --json, each task is a line.\n";

const struct command cmd_list = {
    .name = "list",
    .alias = "ps",
    .usage = "[OPTION...]",
    .summary = "List tasks by id, the finished ones that are kept too",
    .help = help,
    .shorts = ":h",
    .longs = options,
    .least = 0,
    .most = 0,
    .handler = run_list,
};

const struct command cmd_children = {
    .name = "children",
    .usage = "[TASK]",
    .summary = "List a task's children, by default this connection's",
    .least = 0,
    .most = 1,
    .handler = run_children,
};
