/* The methods that start tasks or say how they start, which files of tasks may
   hold: their params. */
#include "config.h"

#include "proto/starters.h"

#include <stdint.h>
#include <string.h>

#include "proto/error.h"
#include "proto/limits.h"

const char *const starter_scopes[] = {"detach", "wait", "cancel", NULL};

/* clang-format off: one row for each param */
#define SPAWN_PARAMS \
	{"function", PARAM_STRING, .required = true, \
	    .summary = "What the task runs: a name that `functions` lists."}, \
	    {"args", PARAM_ARRAY, \
		.summary = "Its arguments; none if absent."}, \
	    {"options", PARAM_OBJECT, .summary = "Options of that function."}, \
	    {"name", PARAM_NAME, .summary = "Default: the function's name."}, \
	    {"parent", PARAM_TASK, \
		.summary = "Default: the task of this connection. For a " \
			   "finished one its nearest living ancestor."}, \
	    {"timeout", PARAM_SECONDS, \
		.summary = \
		    "Ends the task with state timeout after that long."}, \
	    {"scope", PARAM_CHOICE, .choices = starter_scopes, \
		.summary = "What the task does about its children before it " \
			   "ends: leave them to its parent (default), wait " \
			   "for them, " \
			   "or cancel them."}, \
	    {"unique", PARAM_BOOL, \
		.summary = "Refuse where a live task has the name."}, \
	    {"run_timeout", PARAM_SECONDS, \
		.summary = "Ends each run after that long; it has failed."}, \
	    {"pool", PARAM_NAME, \
		.summary = "Each run waits for its turn in the pool of that " \
			   "name."}, \
	    {"weight", PARAM_INTEGER, .min = 1, .max = LIMIT_POOL_SIZE, \
		.summary = \
		    "Slots of the pool that a run takes (default 1); " \
		    "where those are more than it has, it runs alone."}, \
	    {"after", PARAM_TASK_OR_TASKS, \
		.summary = "Begin when these have ended."}, \
	{ \
		"after_ok", PARAM_TASK_OR_TASKS, \
		    .summary = "Begin when these have ended done; the task " \
			       "is cancelled when one of them does not." \
	}

#define MAX_PARAMS \
	{"max_runs", PARAM_INTEGER, .min = 1, .max = INT64_MAX, \
	    .summary = "Ends the task done, with the last result, after so " \
		       "many runs."}, \
	{ \
		"max_failures", PARAM_INTEGER, \
		    .min = 1, .max = INT64_MAX, \
		    .summary = \
			"Ends the task failed after so many failures in a " \
			"row." \
	}
/* clang-format on */

static const struct param retry_members[] = {
    {"times", PARAM_INTEGER, .required = true, .max = INT64_MAX,
	.summary = "How often to run it again at most."},
    {"backoff", PARAM_SECONDS,
	.summary = "What to wait after the first failure (default 1); twice "
		   "as long after each more."},
    {"max_backoff", PARAM_SECONDS,
	.summary = "What to wait at most (default 60, or backoff where "
		   "that is more)."},
    {.type = PARAM_END},
};

const struct param starter_spawn[] = {
    SPAWN_PARAMS,
    {"retry", PARAM_OBJECT, .members = retry_members,
	.summary = "Run it again when it fails, until it succeeds."},
    {.type = PARAM_END},
};

const struct param starter_later[] = {
    SPAWN_PARAMS,
    {"seconds", PARAM_SECONDS, .required = true, .summary = "The delay."},
    {.type = PARAM_END},
};

const struct param starter_interval[] = {
    SPAWN_PARAMS,
    {"seconds", PARAM_SECONDS, .required = true,
	.summary = "The delay between runs."},
    MAX_PARAMS,
    {"immediate", PARAM_BOOL, .summary = "Run first, then sleep."},
    {.type = PARAM_END},
};

const struct param starter_loop[] = {
    SPAWN_PARAMS,
    MAX_PARAMS,
    {.type = PARAM_END},
};

const struct param starter_rate[] = {
    SPAWN_PARAMS,
    {"hertz", PARAM_HERTZ, .required = true,
	.summary = "Runs a second, from the first, which is immediate."},
    MAX_PARAMS,
    {.type = PARAM_END},
};

const struct param starter_pool[] = {
    {"name", PARAM_NAME, .summary = "The pool; absent: all of them."},
    {"size", PARAM_INTEGER, .max = LIMIT_POOL_SIZE,
	.summary = "Set how many slots it has; with 0 nothing more starts."},
    {.type = PARAM_END},
};

static const struct {
	const char *name;
	const struct param *params;
} methods[] = {
    {"interval", starter_interval},
    {"later", starter_later},
    {"loop", starter_loop},
    {"pool", starter_pool},
    {"rate", starter_rate},
    {"spawn", starter_spawn},
};

const struct param *
starter_params(const char *method, json_t **error)
{
	size_t i;

	for (i = 0; i < sizeof methods / sizeof methods[0]; i++)
		if (strcmp(methods[i].name, method) == 0)
			return methods[i].params;
	*error = error_new(ERROR_INVALID_PARAMS,
	    "%.*s: only interval, later, loop, pool, rate and spawn "
	    "are done at start",
	    ERROR_QUOTE(method));
	return NULL;
}
