/* tasklet-ctl spawn, later, interval, loop, rate, rerun: starts a task. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "client/argument.h"
#include "client/command.h"
#include "client/report.h"
#include "client/spawn.h"
#include "client/text.h"
#include "client/value.h"

enum {
	OPTION_WAIT = OPTION_OWN,
	OPTION_IMMEDIATE,
	OPTION_MAX_RUNS,
	OPTION_MAX_FAILURES
};

/* Rows of the tables below. */
/* clang-format off */
#define PRINT_OPTIONS \
	{"print-id", no_argument, NULL, 'p'}, \
	{"wait", no_argument, NULL, OPTION_WAIT}

#define START_OPTIONS \
	SPAWN_OPTIONS, \
	{"stdin-pipe", no_argument, NULL, OPTION_STDIN_PIPE}, \
	PRINT_OPTIONS

#define MAX_OPTIONS \
	{"max-runs", required_argument, NULL, OPTION_MAX_RUNS}, \
	{"max-failures", required_argument, NULL, OPTION_MAX_FAILURES}
/* clang-format on */

static const struct option rerun_options[] = {
    PRINT_OPTIONS, {"help", no_argument, NULL, 'h'}, {0}};

static const struct option spawn_options[] = {
    START_OPTIONS, RETRY_OPTIONS, {0}};

static const struct option later_options[] = {START_OPTIONS, {0}};

static const struct option interval_options[] = {
    START_OPTIONS,
    MAX_OPTIONS,
    {"immediate", no_argument, NULL, OPTION_IMMEDIATE},
    {0},
};

static const struct option recur_options[] = {START_OPTIONS, MAX_OPTIONS, {0}};

/* A task to be started, and what is then done about it. */
struct start {
	struct spawn spawn;
	bool print_id, wait;
};

static void
set_option(struct start *start, int c)
{
	json_t *params = start->spawn.params;

	switch (c) {
	case 'p':
		start->print_id = true;
		break;
	case 's':
		start->spawn.strings = true;
		break;
	case OPTION_WAIT:
		start->wait = true;
		break;
	case OPTION_IMMEDIATE:
		json_object_set_new(params, "immediate", json_true());
		break;
	case OPTION_MAX_RUNS:
		json_object_set_new(
		    params, "max_runs", argument_count("--max-runs", optarg));
		break;
	case OPTION_MAX_FAILURES:
		json_object_set_new(params, "max_failures",
		    argument_count("--max-failures", optarg));
		break;
	default:
		spawn_option(&start->spawn, c);
	}
}

/* At once: who reads the id need not wait for the result. */
static void
print_task(const struct client *client, const struct start *start, json_t *task)
{
	const char *name = json_string_value(json_object_get(task, "name"));
	json_t *id = json_object_get(task, "id");

	if (start->print_id) {
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

static void
read_options(struct client *client, struct start *start, int argc, char **argv)
{
	int c;

	start->print_id = start->wait = false;
	spawn_create(&start->spawn, client);
	while ((c = command_option(client, argc, argv)) != -1)
		set_option(start, c);
}

/* Starts the task; the method is called as the command is. */
static int
start_task(struct client *client, const struct start *start)
{
	json_t *task = call_method(
	    &client->call, client->command->name, start->spawn.params);
	json_int_t id = json_integer_value(json_object_get(task, "id"));

	if (id <= 0 || !json_is_string(json_object_get(task, "name")))
		call_refuse_result(&client->call);
	if (start->print_id || !start->wait)
		print_task(client, start, task);
	if (start->wait)
		print_result(client, id);
	json_decref(start->spawn.exec);
	return STATUS_OK;
}

/* spawn and loop: FUNCTION [ARG...] */
static int
run_spawn(struct client *client, int argc, char **argv)
{
	struct start start;

	read_options(client, &start, argc, argv);
	spawn_operands(&start.spawn, argv + optind, client->dashes);
	return start_task(client, &start);
}

/* The operands behind a number: there dashes stand before a command. */
static void
set_operands(struct start *start, char **operands)
{
	bool dashes = *operands != NULL && strcmp(*operands, "--") == 0;

	spawn_operands(&start->spawn, operands + dashes, dashes);
}

/* later and interval: DURATION FUNCTION [ARG...] */
static int
run_delayed(struct client *client, int argc, char **argv)
{
	struct start start;

	read_options(client, &start, argc, argv);
	json_object_set_new(start.spawn.params, "seconds",
	    argument_seconds("DURATION", argv[optind]));
	set_operands(&start, argv + optind + 1);
	return start_task(client, &start);
}

static int
run_rate(struct client *client, int argc, char **argv)
{
	struct start start;

	read_options(client, &start, argc, argv);
	json_object_set_new(
	    start.spawn.params, "hertz", argument_number("HZ", argv[optind]));
	set_operands(&start, argv + optind + 1);
	return start_task(client, &start);
}

static int
run_rerun(struct client *client, int argc, char **argv)
{
	struct start start;

	read_options(client, &start, argc, argv);
	json_object_set_new(
	    start.spawn.params, "task", argument_task(argv[optind]));
	return start_task(client, &start);
}

#define PRINT_HELP \
	"  -p, --print-id       print only the id\n" \
	"      --wait           wait for its end and print its result, as " \
	"join\n"

#define START_HELP(retry) \
	SPAWN_HELP_TASK retry PRINT_HELP \
	    "  -s                   every ARG is a string\n" SPAWN_HELP_EXEC \
	    "      --stdin-pipe     it reads what 'tasklet-ctl write' sends\n"

#define MAX_HELP \
	"      --max-runs N     end done, with the last result, after N " \
	"runs\n" \
	"      --max-failures N end failed after N failures in a row\n"

#define RECUR_HELP \
	"\n" \
	"It stays one task; its runs never overlap. A run that fails is " \
	"counted\n" \
	"and logged, and the task goes on: 'tasklet-ctl show' tells how " \
	"often and\n" \
	"why. --timeout is for the whole task.\n"

static const char spawn_help[] =
    START_HELP(RETRY_HELP) "\n"
			   "After -- all is a command, run as it is by no "
			   "shell; so is 'exec "
			   "COMMAND'.\n"
			   "It gets this environment and folder where the "
			   "daemon is your own.\n"
			   "\n"
			   "An ARG that is a JSON number, true, false, null, "
			   "array or object is\n"
			   "passed as that; any other is a string, also what "
			   "JSON does not take as a\n"
			   "number, such as 007 or 1e999. Options end at "
			   "FUNCTION, so that an ARG\n"
			   "may begin with '-'. 'tasklet-ctl functions' lists "
			   "the functions.\n";

#define AS_SPAWN(operand) \
	"Options end at " operand "; the rest is as with 'tasklet-ctl " \
	"spawn'.\n"

static const char later_help[] = START_HELP() "\n" AS_SPAWN("DURATION");

static const char interval_help[] =
    "      --immediate      run first, then sleep\n" MAX_HELP
    START_HELP() "\n"
		 "The delay is from the end of a run to the start of the "
		 "next.\n" RECUR_HELP AS_SPAWN("DURATION");

static const char loop_help[] =
    MAX_HELP START_HELP() "\n"
			  "After failures in a row it waits 1, 2, 4 ... 60 "
			  "seconds.\n" RECUR_HELP AS_SPAWN("FUNCTION");

static const char rate_help[] =
    MAX_HELP START_HELP() "\n"
			  "The first run is at once. Ticks that pass during a "
			  "run are skipped and\n"
			  "counted as missed.\n" RECUR_HELP AS_SPAWN("HZ");

static const char rerun_help[] = PRINT_HELP
    "\n"
    "The new task has the function, arguments, name, parent, timeout, scope\n"
    "and recurrence of that one, which may be live or finished.\n";

#define SHORTS "+:hps" SPAWN_SHORTS

const struct command cmd_spawn = {
    .name = "spawn",
    .usage = "[OPTION...] FUNCTION [ARG...]",
    .summary = "Run a function as a new task",
    .help = spawn_help,
    .shorts = SHORTS,
    .longs = spawn_options,
    .least = 0,
    .most = COMMAND_MANY,
    .handler = run_spawn,
};

const struct command cmd_later = {
    .name = "later",
    .usage = "[OPTION...] DURATION FUNCTION [ARG...]",
    .summary = "Run a function once, after a delay",
    .help = later_help,
    .shorts = SHORTS,
    .longs = later_options,
    .least = 1,
    .most = COMMAND_MANY,
    .handler = run_delayed,
};

const struct command cmd_interval = {
    .name = "interval",
    .usage = "[OPTION...] DURATION FUNCTION [ARG...]",
    .summary = "Sleep, run a function, sleep, run it again",
    .help = interval_help,
    .shorts = SHORTS,
    .longs = interval_options,
    .least = 1,
    .most = COMMAND_MANY,
    .handler = run_delayed,
};

const struct command cmd_loop = {
    .name = "loop",
    .usage = "[OPTION...] FUNCTION [ARG...]",
    .summary = "Run a function again as soon as it has ended",
    .help = loop_help,
    .shorts = SHORTS,
    .longs = recur_options,
    .least = 0,
    .most = COMMAND_MANY,
    .handler = run_spawn,
};

const struct command cmd_rate = {
    .name = "rate",
    .usage = "[OPTION...] HZ FUNCTION [ARG...]",
    .summary = "Run a function so many times a second",
    .help = rate_help,
    .shorts = SHORTS,
    .longs = recur_options,
    .least = 1,
    .most = COMMAND_MANY,
    .handler = run_rate,
};

const struct command cmd_rerun = {
    .name = "rerun",
    .usage = "[-p] [--wait] TASK",
    .summary = "Start a task like that one",
    .help = rerun_help,
    .shorts = ":hp",
    .longs = rerun_options,
    .least = 1,
    .most = 1,
    .handler = run_rerun,
};
