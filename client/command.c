/* Commands: what each is called, takes and does. */
#include "config.h"

#include "client/command.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/report.h"

const struct command *const command_table[] = {
    &cmd_run,
    &cmd_spawn,
    &cmd_later,
    &cmd_interval,
    &cmd_loop,
    &cmd_rate,
    &cmd_rerun,
    &cmd_join,
    &cmd_wait,
    &cmd_cancel,
    &cmd_pause,
    &cmd_resume,
    &cmd_forget,
    &cmd_pool,
    &cmd_sleep,
    &cmd_tree,
    &cmd_top,
    &cmd_list,
    &cmd_show,
    &cmd_parent,
    &cmd_children,
    &cmd_current,
    &cmd_log,
    &cmd_write,
    &cmd_send,
    &cmd_request,
    &cmd_receive,
    &cmd_reply,
    &cmd_events,
    &cmd_trace,
    &cmd_functions,
    &cmd_stats,
    &cmd_ping,
    &cmd_version,
    &cmd_check,
    &cmd_reload,
    &cmd_shutdown,
    &cmd_call,
    NULL,
};

static const struct option help_alone[] = {
    {"help", no_argument, NULL, 'h'}, {0}};

const struct command *
command_find(const char *name)
{
	const struct command *const *command;

	for (command = command_table; *command != NULL; command++)
		if (strcmp((*command)->name, name) == 0 ||
		    ((*command)->alias != NULL &&
			strcmp((*command)->alias, name) == 0))
			return *command;
	return NULL;
}

int
command_getopt(
    int argc, char **argv, const char *shorts, const struct option *longs)
{
	int c = getopt_long(argc, argv, shorts, longs, NULL);
	const char *word = argv[optind - 1];

	if (c == ':' && strncmp(word, "--", 2) != 0)
		report_usage("option '-%c' needs a value", optopt);
	if (c == ':')
		report_usage("option '%s' needs a value", word);
	if (c != '?')
		return c;
	/* A letter may be one of several, -xyz: then word is the one before. */
	if (optopt == 0)
		report_usage("unknown option '%s'", word);
	if (optopt <= UCHAR_MAX && strchr(shorts, optopt) == NULL)
		report_usage("unknown option '-%c'", optopt);
	report_usage("option '%s' takes no value", word);
}

static _Noreturn void
print_help(const struct command *command)
{
	printf("usage: tasklet-ctl [GLOBAL OPTION...] %s%s%s\n\n%s.\n",
	    command->name, *command->usage != '\0' ? " " : "", command->usage,
	    command->summary);
	if (command->alias != NULL)
		printf("'%s' is the same.\n", command->alias);
	if (command->help != NULL)
		printf("\n%s", command->help);
	puts("\nThe global options and the exit statuses: tasklet-ctl --help");
	report_check_stdout();
	exit(STATUS_OK);
}

static void
check_operands(const struct command *command, int argc, char **argv)
{
	if (argc - optind < command->least)
		report_usage("%s: an argument is missing: it takes %s",
		    command->name, command->usage);
	if (argc - optind > command->most)
		report_usage("%s: one argument too many: '%s'", command->name,
		    argv[optind + command->most]);
}

int
command_option(struct client *client, int argc, char **argv)
{
	const struct command *command = client->command;
	int before = optind > 0 ? optind : 1, c;

	if (command->longs != NULL)
		c = command_getopt(argc, argv, command->shorts, command->longs);
	else
		c = command_getopt(argc, argv, ":h", help_alone);
	if (c == 'h')
		print_help(command);
	client->dashes =
	    c == -1 && optind > before && strcmp(argv[optind - 1], "--") == 0;
	if (c == -1)
		check_operands(command, argc, argv);
	return c;
}

char **
command_operands(struct client *client, int argc, char **argv)
{
	command_option(client, argc, argv);
	return argv + optind;
}
