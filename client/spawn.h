/* What starts a task: the options and operands that its commands share. */
#ifndef CLIENT_SPAWN_H
#define CLIENT_SPAWN_H

#include <getopt.h>
#include <stdbool.h>
#include <jansson.h>

struct client;

/* A task to be started. Zeroed but for client, params and exec, it is one
   without options. */
struct spawn {
	struct client *client;
	json_t *params; /* of the method, an object */

	/* Of the function exec alone. */
	json_t *exec;	   /* its options, an object */
	json_t *variables; /* of its environment: those of -E; NULL for none */
	bool clean_env;
	const char *shell; /* what sh is to run; NULL: the operands are run */
	const char *given; /* one of its options that was given; NULL: none */

	bool strings; /* every argument is one */
};

/* The letters and the rows of the options for struct command, and what --help
   says of them. */
#define SPAWN_SHORTS "n:C:E:"

enum {
	OPTION_PARENT = 256,
	OPTION_TIMEOUT,
	OPTION_SCOPE,
	OPTION_UNIQUE,
	OPTION_RUN_TIMEOUT,
	OPTION_POOL,
	OPTION_WEIGHT,
	OPTION_AFTER,
	OPTION_AFTER_OK,
	OPTION_RETRY,
	OPTION_BACKOFF,
	OPTION_MAX_BACKOFF,
	OPTION_CLEAN_ENV,
	OPTION_SHELL,
	OPTION_STDIN,
	OPTION_STDIN_PIPE,
	OPTION_OUTPUT,
	OPTION_OK_STATUS,
	OPTION_KILL_SIGNAL,
	OPTION_GRACE,
	OPTION_LEFTOVERS,
	OPTION_UMASK,
	OPTION_NICE,
	OPTION_MEMORY_MAX,
	OPTION_CPU_WEIGHT,
	OPTION_TASKS_MAX,
	OPTION_OWN /* and on: those of one command */
};

/* clang-format off */
#define SPAWN_OPTIONS \
	{"name", required_argument, NULL, 'n'}, \
	{"parent", required_argument, NULL, OPTION_PARENT}, \
	{"timeout", required_argument, NULL, OPTION_TIMEOUT}, \
	{"scope", required_argument, NULL, OPTION_SCOPE}, \
	{"unique", no_argument, NULL, OPTION_UNIQUE}, \
	{"run-timeout", required_argument, NULL, OPTION_RUN_TIMEOUT}, \
	{"pool", required_argument, NULL, OPTION_POOL}, \
	{"weight", required_argument, NULL, OPTION_WEIGHT}, \
	{"after", required_argument, NULL, OPTION_AFTER}, \
	{"after-ok", required_argument, NULL, OPTION_AFTER_OK}, \
	{"cwd", required_argument, NULL, 'C'}, \
	{"env", required_argument, NULL, 'E'}, \
	{"clean-env", no_argument, NULL, OPTION_CLEAN_ENV}, \
	{"shell", required_argument, NULL, OPTION_SHELL}, \
	{"stdin", required_argument, NULL, OPTION_STDIN}, \
	{"output", required_argument, NULL, OPTION_OUTPUT}, \
	{"ok-status", required_argument, NULL, OPTION_OK_STATUS}, \
	{"kill-signal", required_argument, NULL, OPTION_KILL_SIGNAL}, \
	{"grace", required_argument, NULL, OPTION_GRACE}, \
	{"leftovers", required_argument, NULL, OPTION_LEFTOVERS}, \
	{"umask", required_argument, NULL, OPTION_UMASK}, \
	{"nice", required_argument, NULL, OPTION_NICE}, \
	{"memory-max", required_argument, NULL, OPTION_MEMORY_MAX}, \
	{"cpu-weight", required_argument, NULL, OPTION_CPU_WEIGHT}, \
	{"tasks-max", required_argument, NULL, OPTION_TASKS_MAX}, \
	{"help", no_argument, NULL, 'h'}

/* Of tasks that run once. */
#define RETRY_OPTIONS \
	{"retry", required_argument, NULL, OPTION_RETRY}, \
	{"backoff", required_argument, NULL, OPTION_BACKOFF}, \
	{"max-backoff", required_argument, NULL, OPTION_MAX_BACKOFF}
/* clang-format on */

#define SPAWN_HELP_TASK \
	"  -n, --name NAME      the task's name (by default the function's, " \
	"or of a\n" \
	"                       command its own, as ps shows it)\n" \
	"      --parent TASK    the parent (by default the task of this " \
	"client,\n" \
	"                       which leaves it to the root)\n" \
	"      --timeout D      time out after D: 1.5, 500ms, 10s, 5m, 2h, " \
	"1d\n" \
	"      --scope S        what becomes of its children when it ends:\n" \
	"                       detach (the default), wait or cancel\n" \
	"      --unique         refuse if a live task has the name\n" \
	"      --run-timeout D  stop a run that takes longer: it has failed\n" \
	"      --pool POOL      run when it has slots free: 'tasklet-ctl " \
	"pool'\n" \
	"      --weight N       slots that it takes of them (by default 1)\n" \
	"      --after TASK     begin when that has ended; may be repeated\n" \
	"      --after-ok TASK  likewise, but be cancelled if that is not " \
	"done\n"

#define RETRY_HELP \
	"      --retry N        when it fails run it again, N times at most\n" \
	"      --backoff D      before that wait D (by default 1s), then 2D, " \
	"4D ...\n" \
	"      --max-backoff D  but no longer than D (by default 1m)\n"

#define SPAWN_HELP_EXEC \
	"\n" \
	"Of commands:\n" \
	"  -C, --cwd DIR        run it there (by default, here)\n" \
	"  -E, --env VAR        VAR is NAME=VALUE, or NAME to take that " \
	"away\n" \
	"      --clean-env      with the daemon's environment, not with this " \
	"one\n" \
	"      --shell STRING   run sh -c STRING\n" \
	"      --output TO      capture (the default), null, or a file to " \
	"append to\n" \
	"      --stdin FILE     what it reads, all of it; - is this stdin\n" \
	"      --ok-status LIST exit statuses that are a success, such as " \
	"0,3\n" \
	"      --kill-signal S  what asks it to end (by default TERM)\n" \
	"      --grace D        from that until it is killed (by default " \
	"5s)\n" \
	"      --leftovers DO   kill (the default) or keep what it leaves " \
	"running\n" \
	"      --umask MASK     in octal\n" \
	"      --nice N         -20 to 19\n" \
	"      --memory-max N   bytes, for all that it starts; in a service " \
	"that has\n" \
	"                       cgroups, as the next two\n" \
	"      --cpu-weight N   1 to 10000, where others have 100\n" \
	"      --tasks-max N    processes and threads, likewise\n"

/* One without options. Its params are for call_method or call_send, which
   steal them; of exec, where it is not NULL by then, the caller is left with a
   reference. */
void spawn_create(struct spawn *spawn, struct client *client);

/* Takes an option of SPAWN_OPTIONS or RETRY_OPTIONS, with its value in optarg.
 */
void spawn_option(struct spawn *spawn, int c);

/*
 * Takes the operands that remain: a function and its arguments, or after
 * dashes, or with the option --shell, a command. Completes the params; what is
 * wrong with all that ends as a usage error.
 */
void spawn_operands(struct spawn *spawn, char **operands, bool dashes);

/* Of an option of SPAWN_OPTIONS that only commands have: takes it. */
void spawn_exec_option(struct spawn *spawn, int c);

/* Puts the options of a command into the params, and this environment and
   folder where the daemon is this user's own. */
void spawn_exec(struct spawn *spawn);

#endif
