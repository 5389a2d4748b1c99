/* tasklet-ctl events: prints what happens to tasks. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/argument.h"
#include "client/command.h"
#include "client/interrupt.h"
#include "client/render.h"
#include "client/report.h"
#include "client/text.h"
#include "client/value.h"
#include "proto/xalloc.h"

enum { OPTION_WHAT = 256, OPTION_NAME };

static const struct option options[] = {
    {"what", required_argument, NULL, OPTION_WHAT},
    {"name", required_argument, NULL, OPTION_NAME},
    {"help", no_argument, NULL, 'h'},
    {0},
};

struct event {
	const char *what, *name, *state;
	double time;
	json_int_t id;
};

static void
print_event(const struct event *event)
{
	char time[RENDER_TIME_SIZE], *line;
	int milliseconds = render_time(time, false, event->time);

	line = xasprintf("%s.%03d  %-8s  %6" JSON_INTEGER_FORMAT "  %-9s  %s",
	    time, milliseconds, event->what, event->id, event->state,
	    event->name);
	text_print(line, strlen(line));
	putchar('\n');
	free(line);
}

/* Those which came faster than they were read here. */
static int
note_missed(json_t *params)
{
	json_int_t from, to;

	if (json_unpack(params, "{s:I, s:I}", "from", &from, "to", &to) == -1)
		return -1;
	report_notice("the events %" JSON_INTEGER_FORMAT
		      " to %" JSON_INTEGER_FORMAT " were missed: they came "
		      "faster than they are taken here",
	    from, to);
	return 0;
}

static int
note_text(json_t *params)
{
	struct event event;

	if (json_unpack(params, "{s:s}", "what", &event.what) == -1)
		return -1;
	if (strcmp(event.what, "missed") == 0)
		return note_missed(params);
	if (json_unpack(params, "{s:F, s:{s:I, s:s, s:s}}", "time", &event.time,
		"task", "id", &event.id, "name", &event.name, "state",
		&event.state) == -1)
		return -1;
	print_event(&event);
	return 0;
}

static void
note_event(void *arg, json_t *params)
{
	struct client *client = arg;

	if (client->json)
		value_print_json(params);
	else if (note_text(params) == -1)
		call_refuse_result(&client->call);
}

static json_t *
what_of(const char *text)
{
	json_t *kinds = json_array();
	char *copy = xstrdup(text), *rest = copy, *word;

	while ((word = strsep(&rest, ",")) != NULL)
		json_array_append_new(kinds, argument_string("--what", word));
	free(copy);
	return kinds;
}

/* A pipe tells when nobody reads it any more: no need to wait for an event to
   find that out. */
static int
closing_stdout(void)
{
	struct stat st;

	if (fstat(STDOUT_FILENO, &st) == 0 && S_ISFIFO(st.st_mode))
		return STDOUT_FILENO;
	return -1;
}

/* A line at a time: a signal that ends this cuts none. */
static void
print_events(struct client *client)
{
	int closing = closing_stdout();
	struct reply reply;

	setvbuf(stdout, NULL, _IOLBF, 0);
	interrupt_exit();
	do {
		call_take(&client->call, &reply);
		report_check_stdout();
	} while (!call_wait(&client->call, closing, NULL));
}

static int
run_events(struct client *client, int argc, char **argv)
{
	json_t *params = json_object();
	int c;

	while ((c = command_option(client, argc, argv)) != -1) {
		if (c == OPTION_WHAT)
			json_object_set_new(params, "what", what_of(optarg));
		else
			json_object_set_new(
			    params, "name", argument_string("--name", optarg));
	}
	if (optind < argc)
		json_object_set_new(
		    params, "task", argument_task(argv[optind]));
	client->call.method = "event";
	client->call.notify = note_event;
	client->call.arg = client;
	call_method(&client->call, "subscribe", params);
	call_stay(&client->call);
	print_events(client);
	return STATUS_OK;
}

static const char help[] =
    "      --what WHAT   of these, with commas between: created, started,\n"
    "                    finished (however it ended), failed (a run of it),\n"
    "                    output (it wrote something); by default all but "
    "output\n"
    "      --name GLOB   of tasks whose name matches the pattern of * ? "
    "[...]\n"
    "\n"
    "With TASK, of it and what is below it alone. A line has the time, what\n"
    "happened, and the task's id, state and name; with --json it is an "
    "object,\n"
    "which has all of its row. Events that come faster than they are taken "
    "are\n"
    "lost, which stderr tells, or with --json an object whose \"what\" is\n"
    "\"missed\". Ctrl-C ends it, with status 0; the daemon's end does, with "
    "5.\n";

const struct command cmd_events = {
    .name = "events",
    .usage = "[OPTION...] [TASK]",
    .summary = "Print what happens to tasks, as it happens",
    .help = help,
    .shorts = ":h",
    .longs = options,
    .least = 0,
    .most = 1,
    .handler = run_events,
};
