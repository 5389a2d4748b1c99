/* The command line of the daemon. */
#ifndef DAEMON_OPTIONS_H
#define DAEMON_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

struct options {
	const char *socket; /* NULL: the default */
	const char *tasks;  /* their folder; NULL: the default */
	/* The bounds; 0 is none given, as all are at least 1. */
	size_t max_clients, max_clients_per_uid, max_message, max_output,
	    max_page, max_queued, max_reply, max_retained, max_retained_age,
	    max_retained_bytes, max_tasks, max_waiting;
};

enum options_status { OPTIONS_RUN, OPTIONS_DONE, OPTIONS_WRONG };

/*
 * Reads the options, and sets the log up by them. OPTIONS_DONE after --help
 * or --version, OPTIONS_WRONG after telling what was wrong on stderr.
 */
enum options_status options_read(
    struct options *options, int argc, char *argv[]);

#endif
