/* The command line of the daemon. */
#ifndef DAEMON_OPTIONS_H
#define DAEMON_OPTIONS_H

#include <stdbool.h>

struct options {
	const char *socket; /* NULL: the default */
};

enum options_status { OPTIONS_RUN, OPTIONS_DONE, OPTIONS_WRONG };

/*
 * Reads the options, and sets the log up by them. OPTIONS_DONE after --help
 * or --version, OPTIONS_WRONG after telling what was wrong on stderr.
 */
enum options_status options_read(
    struct options *options, int argc, char *argv[]);

#endif
