/* The command line of the daemon. */
#include "config.h"

#include "daemon/options.h"

#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/log.h"

static const char help[] =
    "usage: taskletd [OPTION...]\n"
    "\n"
    "Keeps one tree of named tasks, and takes commands as JSON-RPC 2.0, a "
    "line\n"
    "each, over a Unix socket. Stays in the foreground; ends on SIGTERM.\n"
    "\n"
    "  --socket PATH      the socket to listen on; default: $TASKLET_SOCKET, "
    "else\n"
    "                     /run/tasklet/control.sock as root, else\n"
    "                     $XDG_RUNTIME_DIR/tasklet/control.sock, else\n"
    "                     /tmp/tasklet-UID/control.sock\n"
    "  --tasks DIR        do at start what its files *.jsonl say; by default "
    "of\n"
    "                     a folder that goes with a default socket: "
    "taskletd(8)\n"
    "  --log-level LEVEL  error, warning, info (default) or debug\n"
    "  --debug TOKEN      debug lines of one subsystem: boot, conn, listener, "
    "main\n"
    "  --version          print the version\n"
    "  --help             print this\n"
    "\n"
    "Bounds, each from 1, with their defaults:\n";

static const char help_end[] =
    "\n"
    "SIGTERM and SIGINT shut it down; SIGUSR1 logs the tree; SIGHUP reads\n"
    "the files of tasks that are new or have changed.\n";

enum {
	OPTION_SOCKET = 256,
	OPTION_TASKS,
	OPTION_LEVEL,
	OPTION_DEBUG,
	OPTION_VERSION,
	OPTION_HELP,
	OPTION_BOUND /* and those that follow: the rows of bounds */
};

/* One bound: an option, and where its number goes. */
static const struct bound {
	const char *name;
	const char *help; /* what it bounds, and the default */
	size_t offset;
} bounds[] = {
    {"max-clients", "clients (as RLIMIT_NOFILE allows)",
	offsetof(struct options, max_clients)},
    {"max-clients-per-uid", "clients of one user (half of that)",
	offsetof(struct options, max_clients_per_uid)},
    {"max-message", "bytes of a message, before its LF (1048576)",
	offsetof(struct options, max_message)},
    {"max-output", "bytes kept of what a task writes (65536)",
	offsetof(struct options, max_output)},
    {"max-page", "rows of a page, unless a limit is given (1000)",
	offsetof(struct options, max_page)},
    {"max-queued", "bytes queued for a client that is read from (4194304)",
	offsetof(struct options, max_queued)},
    {"max-reply", "bytes of one reply (67108864)",
	offsetof(struct options, max_reply)},
    {"max-retained", "finished tasks kept (10000)",
	offsetof(struct options, max_retained)},
    {"max-retained-age", "seconds that they are kept (86400)",
	offsetof(struct options, max_retained_age)},
    {"max-retained-bytes", "bytes that they hold (67108864)",
	offsetof(struct options, max_retained_bytes)},
    {"max-tasks", "live tasks (4000000)", offsetof(struct options, max_tasks)},
    {"max-waiting", "tasks that a client that is read from waits for (65536)",
	offsetof(struct options, max_waiting)},
};

enum { BOUNDS = sizeof bounds / sizeof bounds[0] };

static const struct option own_options[] = {
    {"socket", required_argument, NULL, OPTION_SOCKET},
    {"tasks", required_argument, NULL, OPTION_TASKS},
    {"log-level", required_argument, NULL, OPTION_LEVEL},
    {"debug", required_argument, NULL, OPTION_DEBUG},
    {"version", no_argument, NULL, OPTION_VERSION},
    {"help", no_argument, NULL, OPTION_HELP},
};

enum { OWN_OPTIONS = sizeof own_options / sizeof own_options[0] };

static void
make_long_options(struct option *options)
{
	int i;

	memcpy(options, own_options, sizeof own_options);
	for (i = 0; i < BOUNDS; i++)
		options[OWN_OPTIONS + i] = (struct option){
		    bounds[i].name, required_argument, NULL, OPTION_BOUND + i};
	options[OWN_OPTIONS + BOUNDS] = (struct option){0};
}

static enum options_status
wrong(const char *what, const char *value)
{
	fprintf(stderr, "taskletd: %s%s%s; try 'taskletd --help'\n", what,
	    value == NULL ? "" : ": ", value == NULL ? "" : value);
	return OPTIONS_WRONG;
}

/* Prints to stdout; a full disk there is an error. */
static enum options_status
print(const char *text)
{
	if (fputs(text, stdout) == EOF || fflush(stdout) == EOF)
		return wrong("cannot write to stdout", NULL);
	return OPTIONS_DONE;
}

static enum options_status
print_help(void)
{
	size_t i;

	fputs(help, stdout);
	for (i = 0; i < BOUNDS; i++)
		printf("  --%-18s N  %s\n", bounds[i].name, bounds[i].help);
	return print(help_end);
}

static enum options_status
read_bound(struct options *options, const struct bound *bound)
{
	unsigned long long number;
	char *end;

	errno = 0;
	number = strtoull(optarg, &end, 10);
	if (*optarg < '0' || *optarg > '9' || *end != '\0' || errno != 0 ||
	    number == 0 || number > INT64_MAX) {
		fprintf(stderr,
		    "taskletd: --%s must be a number from 1 to %lld, not "
		    "\"%s\"\n",
		    bound->name, (long long)INT64_MAX, optarg);
		return OPTIONS_WRONG;
	}
	*(size_t *)(void *)((char *)options + bound->offset) = (size_t)number;
	return OPTIONS_RUN;
}

static enum options_status
read_one(struct options *options, int option)
{
	int level;

	if (option >= OPTION_BOUND)
		return read_bound(options, &bounds[option - OPTION_BOUND]);
	switch (option) {
	case OPTION_SOCKET:
		options->socket = optarg;
		if (*optarg == '\0')
			return wrong("--socket needs a path", NULL);
		return OPTIONS_RUN;
	case OPTION_TASKS:
		options->tasks = optarg;
		if (*optarg == '\0')
			return wrong("--tasks needs a folder", NULL);
		return OPTIONS_RUN;
	case OPTION_LEVEL:
		level = log_level_find(optarg);
		if (level == -1)
			return wrong("no log level", optarg);
		log_set_level((enum log_level)level);
		return OPTIONS_RUN;
	case OPTION_DEBUG:
		log_add_debug(optarg);
		return OPTIONS_RUN;
	case OPTION_VERSION:
		return print("taskletd " PACKAGE_VERSION "\n");
	case OPTION_HELP:
		return print_help();
	default: /* getopt_long has told what was wrong */
		fputs("try 'taskletd --help'\n", stderr);
		return OPTIONS_WRONG;
	}
}

enum options_status
options_read(struct options *options, int argc, char *argv[])
{
	struct option long_options[OWN_OPTIONS + BOUNDS + 1];
	enum options_status status = OPTIONS_RUN;
	int option;

	make_long_options(long_options);
	memset(options, 0, sizeof *options);
	while (status == OPTIONS_RUN &&
	       (option = getopt_long(argc, argv, "", long_options, NULL)) != -1)
		status = read_one(options, option);
	if (status == OPTIONS_RUN && optind < argc)
		return wrong("unexpected argument", argv[optind]);
	return status;
}
