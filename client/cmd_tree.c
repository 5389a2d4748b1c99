/* tasklet-ctl tree: draws the tree of live tasks, once or over and over. */
#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/argument.h"
#include "client/branch.h"
#include "client/command.h"
#include "client/dot.h"
#include "client/duration.h"
#include "client/pages.h"
#include "client/render.h"
#include "client/report.h"
#include "client/screen.h"
#include "client/terminal.h"
#include "client/value.h"
#include "proto/xalloc.h"

#define WATCH_DEFAULT "1s"
#define WATCH_LEAST   0.1

enum { OPTION_DEPTH = 256, OPTION_WATCH, OPTION_FORMAT };

static const struct option options[] = {
    {"depth", required_argument, NULL, OPTION_DEPTH},
    {"format", required_argument, NULL, OPTION_FORMAT},
    {"watch", optional_argument, NULL, OPTION_WATCH},
    {"help", no_argument, NULL, 'h'},
    {0},
};

static void
print_tree(struct client *client, const json_t *params)
{
	struct branch branch = {0};
	struct render render = {.color = client->color, .branch = &branch};
	struct pages pages;
	const json_t *rows;

	pages_create(
	    &pages, &client->call, "tree", json_copy((json_t *)params));
	while ((rows = pages_next(&pages)) != NULL) {
		if (client->json)
			value_print_elements(rows);
		else
			render_tasks(&render, rows);
		report_check_stdout();
	}
	pages_destroy(&pages);
}

static void
print_graph(struct client *client, const json_t *params)
{
	struct pages pages;
	const json_t *rows;

	pages_create(
	    &pages, &client->call, "tree", json_copy((json_t *)params));
	rows = pages_next(&pages); /* an error leaves no half of a graph */
	dot_begin();
	for (; rows != NULL; rows = pages_next(&pages)) {
		dot_tasks(rows);
		report_check_stdout();
	}
	dot_end();
	pages_destroy(&pages);
}

/* Less long where the daemon goes, or with a signal that is not in the mask. */
static void
wait_seconds(struct client *client, double seconds, const sigset_t *mask)
{
	struct timespec time = duration_timespec(seconds);
	struct reply reply;

	/* The daemon's last word may have come with its last tree. */
	if (call_take(&client->call, &reply))
		call_refuse_result(&client->call);
	call_wait_for(&client->call, -1, mask, &time);
}

static _Noreturn void
watch_lines(struct client *client, const json_t *params, double seconds)
{
	call_stay(&client->call);
	for (;;) {
		print_tree(client, params);
		wait_seconds(client, seconds, NULL);
		if (!client->json)
			putchar('\n');
	}
}

static json_t *
first_rows(const json_t *rows, size_t count)
{
	json_t *first = json_array();
	size_t i;

	for (i = 0; i < count; i++)
		json_array_append(first, json_array_get(rows, i));
	return first;
}

/* What fits below the headings, and above a line that tells of more. */
static void
write_rows(FILE *out, const struct client *client, const json_t *rows,
    struct terminal_size size, bool is_all)
{
	struct branch branch = {0};
	/* Not up to the last column, which what erases the rest would hit. */
	struct render render = {.color = client->color,
	    .branch = &branch,
	    .out = out,
	    .columns = size.columns - 1};
	size_t count = json_array_size(rows), shown = count;
	json_t *first;

	if (count + 1 > size.rows || !is_all)
		shown = size.rows > 2 ? size.rows - 2 : 0;
	if (shown > count)
		shown = count;
	if (shown > 0) {
		first = first_rows(rows, shown);
		render_tasks(&render, first);
		json_decref(first);
	}
	if (!is_all)
		fprintf(out, "... at least %zu more\n", count - shown + 1);
	else if (shown < count)
		fprintf(out, "... %zu more\n", count - shown);
}

/* One page: to count all tasks of a large tree would keep the daemon busy for
   a number. */
static void
draw_tree(struct client *client, const json_t *params)
{
	struct pages pages;
	const json_t *rows;
	char *text;
	size_t length;
	FILE *out;

	pages_create(
	    &pages, &client->call, "tree", json_copy((json_t *)params));
	rows = pages_next(&pages);
	out = xopen_memstream(&text, &length);
	write_rows(out, client, rows, terminal_size(STDOUT_FILENO),
	    pages_is_last(&pages));
	pages_destroy(&pages);
	fclose(out);
	screen_draw(text, length);
	free(text);
}

static _Noreturn void
watch_screen(struct client *client, const json_t *params, double seconds)
{
	sigset_t mask;

	/* What is wrong from the start leaves the terminal alone. */
	call_method(&client->call, "tree", json_copy((json_t *)params));
	call_stay(&client->call);
	screen_open(&mask);
	for (;;) {
		draw_tree(client, params);
		wait_seconds(client, seconds, &mask);
	}
}

static double
parse_watch(const char *text)
{
	json_t *value = argument_seconds("--watch", text);
	double seconds = json_number_value(value);

	json_decref(value);
	if (seconds < WATCH_LEAST)
		report_usage("--watch '%s' is under the shortest time, %gs",
		    text, WATCH_LEAST);
	return seconds;
}

/* Whether it is the graph. */
static bool
parse_format(const char *text)
{
	if (strcmp(text, "dot") != 0 && strcmp(text, "text") != 0)
		report_usage("--format '%s' is neither dot nor text", text);
	return strcmp(text, "dot") == 0;
}

struct options {
	double watch; /* seconds; 0 for once */
	bool is_graph;
};

static void
read_options(struct client *client, int argc, char **argv, json_t *params,
    struct options *given)
{
	int c;

	while ((c = command_option(client, argc, argv)) != -1) {
		if (c == OPTION_WATCH)
			given->watch = parse_watch(
			    optarg != NULL ? optarg : WATCH_DEFAULT);
		else if (c == OPTION_FORMAT)
			given->is_graph = parse_format(optarg);
		else
			json_object_set_new(
			    params, "depth", argument_count("--depth", optarg));
	}
	if (optind < argc)
		json_object_set_new(
		    params, "task", argument_task(argv[optind]));
	if (given->is_graph && (client->json || given->watch > 0))
		report_usage("--format dot goes with neither --json nor "
			     "--watch: a graph is drawn once");
}

static int
run_tree(struct client *client, int argc, char **argv)
{
	json_t *params = json_object();
	struct options given = {0};

	read_options(client, argc, argv, params, &given);
	if (given.watch > 0 && !client->json && terminal_is(STDOUT_FILENO))
		watch_screen(client, params, given.watch);
	if (given.watch > 0)
		watch_lines(client, params, given.watch);
	if (given.is_graph)
		print_graph(client, params);
	else
		print_tree(client, params);
	json_decref(params);
	return STATUS_OK;
}

static const char help[] =
    "  --depth N      at most N levels below the first\n"
    "  --format FORMAT\n"
    "                 text (the default), or dot, a graph for Graphviz\n"
    "  --watch[=D]    draw it again every D (500ms, 10s; by default 1s) until\n"
    "                 Ctrl-C\n"
    "\n"
    "A task deeper than 20 levels shows its level as a number. With --json,\n"
    "each task is a line.\n"
    "\n"
    "On a terminal, --watch shows what fits on the screen. Elsewhere the "
    "trees\n"
    "come one after another, with a blank line between; with --json, a tree\n"
    "begins at each row of level 0.\n";

const struct command cmd_tree = {
    .name = "tree",
    .usage = "[OPTION...] [TASK]",
    .summary = "Draw the tree of live tasks, or what is below one",
    .help = help,
    .shorts = ":h",
    .longs = options,
    .least = 0,
    .most = 1,
    .handler = run_tree,
};
