/* tasklet-ctl: the command-line client of taskletd. */
#include "config.h"

#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/command.h"
#include "client/report.h"
#include "client/terminal.h"
#include "proto/standard.h"
#include "proto/xalloc.h"

enum { OPTION_COLOR = 256, OPTION_SOCKET, OPTION_JSON, OPTION_VERSION };

static const struct option options[] = {
    {"socket", required_argument, NULL, OPTION_SOCKET},
    {"json", no_argument, NULL, OPTION_JSON},
    {"color", required_argument, NULL, OPTION_COLOR},
    {"version", no_argument, NULL, OPTION_VERSION},
    {"help", no_argument, NULL, 'h'},
    {0},
};

static const char help_before[] =
    "usage: tasklet-ctl [OPTION...] [COMMAND [ARGUMENT...]]\n"
    "\n"
    "Runs, times, joins, cancels and inspects the tasks of taskletd. Without\n"
    "a COMMAND it draws their tree.\n"
    "\n"
    "Options, before the COMMAND:\n"
    "      --socket PATH    the daemon's socket; by default $TASKLET_SOCKET,\n"
    "                       else the user's own, else the system's\n"
    "      --json           print results as JSON, one value a line, on\n"
    "                       stdout, and errors as {\"error\": ...} on stderr\n"
    "      --color WHEN     auto (the default: on a terminal, unless NO_COLOR\n"
    "                       is set), always or never\n"
    "      --version        print the version of this client\n"
    "  -h, --help           print this; after a COMMAND, its own help\n"
    "\n"
    "Commands:\n";

static const char help_after[] =
    "\n"
    "A TASK is an id (digits) or a name. A name means the one live task of\n"
    "that name, else the one that finished last.\n"
    "\n"
    "Exit status:\n"
    "    0  success\n"
    "    1  the task did not end done, or another error\n"
    "    2  wrong usage: also a wrong method, function or argument\n"
    "    3  no such task, or several live ones of that name\n"
    "    4  permission denied\n"
    "    5  the daemon cannot be reached, shuts down, or the connection was "
    "lost\n"
    "  124  the time given with join or wait --timeout ran out\n"
    "\n"
    "A command that fails gives its own to 'join' and 'spawn --wait', or 128 "
    "and\n"
    "the number of the signal that ended it. 'run --help' tells of those of "
    "run.\n";

static _Noreturn void
print_help(void)
{
	const struct command *const *command;

	fputs(help_before, stdout);
	for (command = command_table; *command != NULL; command++)
		printf("  %-10s %s%s%s%s\n", (*command)->name,
		    (*command)->summary,
		    (*command)->alias != NULL ? " (also: " : "",
		    (*command)->alias != NULL ? (*command)->alias : "",
		    (*command)->alias != NULL ? ")" : "");
	fputs(help_after, stdout);
	report_check_stdout();
	exit(STATUS_OK);
}

static _Noreturn void
print_version(void)
{
	puts("tasklet-ctl " PACKAGE_VERSION);
	report_check_stdout();
	exit(STATUS_OK);
}

static bool
wants_color(void)
{
	const char *no_color = getenv("NO_COLOR");

	if (no_color != NULL && *no_color != '\0')
		return false;
	return terminal_is(STDOUT_FILENO);
}

static bool
parse_color(const char *when)
{
	if (strcmp(when, "always") == 0)
		return true;
	if (strcmp(when, "never") == 0)
		return false;
	if (strcmp(when, "auto") != 0)
		report_usage(
		    "--color '%s' is none of auto, always and never", when);
	return wants_color();
}

static void
parse_options(struct client *client, int argc, char **argv)
{
	int c;

	client->color = wants_color();
	while ((c = command_getopt(argc, argv, "+:h", options)) != -1)
		switch (c) {
		case 'h':
			print_help();
		case OPTION_VERSION:
			print_version();
		case OPTION_SOCKET:
			client->call.option = optarg;
			break;
		case OPTION_JSON:
			client->json = true;
			report_set_json(true);
			break;
		case OPTION_COLOR:
			client->color = parse_color(optarg);
			break;
		}
}

static int
run_command(struct client *client, int argc, char **argv)
{
	static char tree[] = "tree";
	char *bare[] = {tree, NULL};

	if (argc == 0) {
		argc = 1;
		argv = bare;
	}
	if ((client->command = command_find(argv[0])) == NULL)
		report_usage("unknown command '%s'", argv[0]);
	report_set_command(client->command->name);
	optind = 0; /* glibc: start anew, with other shorts */
	return client->command->handler(client, argc, argv);
}

int
main(int argc, char **argv)
{
	struct client client = {.json = false};
	int status;

	standard_reserve();
	xalloc_set_end(report_no_memory);
	/* Not LC_NUMERIC: JSON's decimal point is a point. */
	setlocale(LC_CTYPE, "");
	json_set_alloc_funcs(xmalloc, free);
	call_create(&client.call);
	parse_options(&client, argc, argv);
	status = run_command(&client, argc - optind, argv + optind);
	call_destroy(&client.call);
	report_check_stdout();
	return status;
}
