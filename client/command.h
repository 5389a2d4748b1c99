/* Commands: what each is called, takes and does. */
#ifndef CLIENT_COMMAND_H
#define CLIENT_COMMAND_H

#include <getopt.h>
#include <limits.h>
#include <stdbool.h>

#include "client/call.h"

struct command;

/* What a command is given. */
struct client {
	struct call call;
	const struct command *command;
	bool json;
	bool color;
	bool dashes; /* the options ended at a "--" */
};

struct command {
	const char *name;
	const char *alias;   /* NULL for none */
	const char *usage;   /* what follows the name */
	const char *summary; /* for the list of commands */
	const char *help;    /* more, for its own --help; or NULL */

	/* For command_getopt, with 'h' among them; NULL for --help alone. */
	const char *shorts;
	const struct option *longs;

	int least, most; /* operands; most may be COMMAND_MANY */

	/* Does it all, from the options on; returns the exit status. */
	int (*handler)(struct client *client, int argc, char **argv);
};

#define COMMAND_MANY INT_MAX

/* Each where its handler is. */
extern const struct command cmd_call, cmd_cancel, cmd_check, cmd_children,
    cmd_current, cmd_events, cmd_forget, cmd_functions, cmd_interval, cmd_join,
    cmd_later, cmd_list, cmd_log, cmd_loop, cmd_parent, cmd_pause, cmd_ping,
    cmd_pool, cmd_rate, cmd_receive, cmd_reload, cmd_reply, cmd_request,
    cmd_rerun, cmd_resume, cmd_run, cmd_send, cmd_show, cmd_shutdown, cmd_sleep,
    cmd_spawn, cmd_stats, cmd_top, cmd_trace, cmd_tree, cmd_version, cmd_wait,
    cmd_write;

/* All of them, as --help lists them; NULL ends the table. */
extern const struct command *const command_table[];

/* The command of that name or alias, or NULL. */
const struct command *command_find(const char *name);

/*
 * As getopt_long; what is wrong with the options ends as a usage error that
 * tells so. `shorts` is led by ':' (after a '+', if any).
 */
int command_getopt(
    int argc, char **argv, const char *shorts, const struct option *longs);

/*
 * The next option of client->command, or -1 when the operands follow, from
 * argv[optind] on and as many as the command takes. Prints its help and ends
 * the process where that is asked for.
 */
int command_option(struct client *client, int argc, char **argv);

/* The operands of a command without options; NULL ends them. */
char **command_operands(struct client *client, int argc, char **argv);

#endif
