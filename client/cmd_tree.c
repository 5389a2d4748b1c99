/* tasklet-ctl tree: draws the tree of live tasks. */
#include "config.h"

#include "client/argument.h"
#include "client/branch.h"
#include "client/command.h"
#include "client/pages.h"
#include "client/render.h"
#include "client/report.h"
#include "client/value.h"

enum { OPTION_DEPTH = 256 };

static const struct option options[] = {
    {"depth", required_argument, NULL, OPTION_DEPTH},
    {"help", no_argument, NULL, 'h'},
    {0},
};

static void
print_tree(struct client *client, struct pages *pages)
{
	struct branch branch = {0};
	struct render render = {.color = client->color, .branch = &branch};
	const json_t *rows;

	while ((rows = pages_next(pages)) != NULL) {
		if (client->json)
			value_print_elements(rows);
		else
			render_tasks(&render, rows);
		report_check_stdout();
	}
}

static int
run_tree(struct client *client, int argc, char **argv)
{
	json_t *params = json_object();
	struct pages pages;

	while (command_option(client, argc, argv) != -1)
		json_object_set_new(
		    params, "depth", argument_count("--depth", optarg));
	if (optind < argc)
		json_object_set_new(
		    params, "task", argument_task(argv[optind]));
	pages_create(&pages, &client->call, "tree", params);
	print_tree(client, &pages);
	pages_destroy(&pages);
	return STATUS_OK;
}

static const char help[] =
    "  --depth N    at most N levels below the first\n"
    "\n"
    "A task deeper than 20 levels shows its level as a number. With --json,\n"
    "each task is a line.\n";

const struct command cmd_tree = {
    .name = "tree",
    .usage = "[--depth N] [TASK]",
    .summary = "Draw the tree of live tasks, or what is below one",
    .help = help,
    .shorts = ":h",
    .longs = options,
    .least = 0,
    .most = 1,
    .handler = run_tree,
};
