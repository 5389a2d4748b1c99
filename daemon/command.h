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
	size_t own_variables; /* the first of envp; the rest is borrowed */
	char **files;	      /* to be executed: the first that can be */
	char *cwd;	      /* NULL: the daemon's */
	char *file;	      /* OUTPUT_FILE: it is appended to */
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

/* What every command finds in its environment, made once. */
struct command_environment {
	char *socket;	  /* "TASKLET_SOCKET=..." */
	char *instance;	  /* "TASKLET_INSTANCE=..." */
	char **inherited; /* of the daemon's, which are borrowed */
};

/* Of a daemon that listens there; `instance` is this run of it. */
void command_environment_create(struct command_environment *environment,
    const char *socket, const char *instance);
void command_environment_destroy(struct command_environment *environment);

/*
 * The command of such args and options (borrowed), run by task `id`, which its
 * environment tells beside what is in `environment`; that must outlive it. PATH
 * is searched there.
 */
struct command *command_new(const json_t *args, const json_t *options,
    uint64_t id, const struct command_environment *environment);
void command_delete(struct command *command); /* NULL is allowed */

#endif
