/* The command line of the daemon. */
#include "config.h"

#include "daemon/options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "daemon/log.h"

static const char help[] =
    "usage: taskletd [--socket PATH] [--log-level LEVEL] [--debug TOKEN]...\n"
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
    "  --log-level LEVEL  error, warning, info (default) or debug\n"
    "  --debug TOKEN      debug lines of one subsystem: conn, listener, main\n"
    "  --version          print the version\n"
    "  --help             print this\n"
    "\n"
    "SIGTERM and SIGINT shut it down; SIGUSR1 logs the tree.\n";

enum {
	OPTION_SOCKET = 256,
	OPTION_LEVEL,
	OPTION_DEBUG,
	OPTION_VERSION,
	OPTION_HELP
};

static const struct option long_options[] = {
    {"socket", required_argument, NULL, OPTION_SOCKET},
    {"log-level", required_argument, NULL, OPTION_LEVEL},
    {"debug", required_argument, NULL, OPTION_DEBUG},
    {"version", no_argument, NULL, OPTION_VERSION},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

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
read_one(struct options *options, int option)
{
	int level;

	switch (option) {
	case OPTION_SOCKET:
		options->socket = optarg;
		if (*optarg == '\0')
			return wrong("--socket needs a path", NULL);
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
		return print(help);
	default: /* getopt_long has told what was wrong */
		fputs("try 'taskletd --help'\n", stderr);
		return OPTIONS_WRONG;
	}
}

enum options_status
options_read(struct options *options, int argc, char *argv[])
{
	enum options_status status = OPTIONS_RUN;
	int option;

	memset(options, 0, sizeof *options);
	while (status == OPTIONS_RUN &&
	       (option = getopt_long(argc, argv, "", long_options, NULL)) != -1)
		status = read_one(options, option);
	if (status == OPTIONS_RUN && optind < argc)
		return wrong("unexpected argument", argv[optind]);
	return status;
}
