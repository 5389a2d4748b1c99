/* A command to run: what the args and the options of exec say. */
#ifndef DAEMON_COMMAND_H
#define DAEMON_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <jansson.h>

#include "daemon/cgroup.h"
#include "proto/param.h"

enum command_output { OUTPUT_CAPTURE, OUTPUT_NULL, OUTPUT_FILE };

struct command {
	char **argv;
	char **envp;
	char **files; /* to be executed: the first that can be */
	char *cwd;    /* NULL: the daemon's */
	char *file;   /* OUTPUT_FILE: it is appended to */
	enum command_output output;
	bool waits;  /* OUTPUT_CAPTURE: for its first follower */
	char *input; /* all of its stdin; NULL: none, or a pipe */
	size_t input_length;
	bool input_pipe;
	int mask;	 /* of files it makes; -1: the daemon's */
	bool has_nice;	 /* else it is as nice as the daemon */
	int nice;	 /* absolute, as setpriority(2) takes it */
	int kill_signal; /* what asks it to end */
	double grace;	 /* seconds from that to SIGKILL */
	bool keeps;	 /* what it leaves behind lives on */
	struct cgroup_limits limits;
	bool ok[256]; /* exit statuses that are a success */
};

extern const struct param command_options[];

/* What is wrong with args and options that have the types they should: a new
   ERROR_INVALID_PARAMS, or NULL for nothing. */
json_t *command_check(const json_t *args, const json_t *options);

/* The daemon that runs it, as its environment tells: where it listens, and
   which run of it that is. */
struct command_daemon {
	char *socket;
	const char *instance;
};

/*
 * The command of such args and options (borrowed), run by task `id` of that
 * daemon: both are put in its environment, which otherwise is the daemon's own.
 * PATH is searched there.
 */
struct command *command_new(const json_t *args, const json_t *options,
    uint64_t id, const struct command_daemon *ours);
void command_delete(struct command *command); /* NULL is allowed */

#endif
