/* A command to run: what the args and the options of exec say. */
#include "config.h"

#include "daemon/command.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "proto/bytes.h"
#include "proto/error.h"
#include "proto/signal.h"
#include "proto/xalloc.h"

/* Where a command is looked for when its environment has no PATH. */
#define DEFAULT_PATH "/usr/local/bin:/usr/bin:/bin"

#define DEFAULT_GRACE 5

static const char *const leftovers[] = {"kill", "keep", NULL};

const struct param command_options[] = {
    {"env", PARAM_OBJECT,
	.summary = "Variables of its environment; null takes one away."},
    {"clear_env", PARAM_BOOL,
	.summary = "Begin with an empty environment, not the daemon's."},
    {"cwd", PARAM_BYTES, .summary = "Its folder (default: the daemon's)."},
    {"stdin", PARAM_DATA,
	.summary = "All that it can read (default: nothing)."},
    {"stdin_pipe", PARAM_BOOL, .summary = "It reads what `write` sends."},
    {"umask", PARAM_INTEGER, .max = 0777,
	.summary = "Of the files it makes (default: the daemon's)."},
    {"nice", PARAM_INTEGER, .min = -20, .max = 19,
	.summary = "Its niceness (default: the daemon's)."},
    {"grace", PARAM_SECONDS,
	.summary = "From being asked to end until SIGKILL (default 5)."},
    {"kill_signal", PARAM_SIGNAL,
	.summary = "What asks it to end (default TERM)."},
    {"output", PARAM_ANY,
	.summary = "\"capture\" (default), \"stream\", \"null\", or "
		   "{\"file\": PATH} to append to."},
    {"ok_status", PARAM_ARRAY,
	.summary = "The exit statuses that are a success (default [0])."},
    {"leftovers", PARAM_CHOICE, .choices = leftovers,
	.summary = "What becomes of processes it leaves behind: kill "
		   "(default) or keep."},
    {"memory_max", PARAM_INTEGER, .min = 1, .max = INT64_MAX,
	.summary = "Bytes that it and all it starts may use; needs a cgroup."},
    {"cpu_weight", PARAM_INTEGER, .min = 1, .max = 10000,
	.summary = "Its share of a busy CPU, beside 100 of others; likewise."},
    {"tasks_max", PARAM_INTEGER, .min = 1, .max = INT64_MAX,
	.summary = "Its processes and threads at once; likewise."},
    {.type = PARAM_END},
};

/* The variables that every command has from us. */
static const char *const own_names[] = {
    "TASKLET_ID", "TASKLET_INSTANCE", "TASKLET_SOCKET", NULL};

/* What the service manager tells this process alone (daemon(7)). */
static const char *const private_names[] = {"LISTEN_FDNAMES", "LISTEN_FDS",
    "LISTEN_PID", "NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC", NULL};

/* --- checks ------------------------------------------------------------- */

static json_t *
check_env(const json_t *env)
{
	const char *name;
	json_t *value;

	json_object_foreach ((json_t *)env, name, value) {
		if (*name == '\0' || strchr(name, '=') != NULL)
			return error_new(ERROR_INVALID_PARAMS,
			    "options: env: \"%.*s\" is no name of a variable",
			    ERROR_QUOTE(name));
		if (!json_is_null(value) && !bytes_fit(value))
			return error_new(ERROR_INVALID_PARAMS,
			    "options: env: %.*s must be a string without "
			    "U+0000, {\"base64\": string} or null",
			    ERROR_QUOTE(name));
	}
	return NULL;
}

static bool
is_output(const json_t *value)
{
	const char *word = json_string_value(value);

	if (word != NULL)
		return param_is_plain_string(value) &&
		       (strcmp(word, "capture") == 0 ||
			   strcmp(word, "stream") == 0 ||
			   strcmp(word, "null") == 0);
	return json_object_size(value) == 1 &&
	       bytes_fit(json_object_get(value, "file"));
}

static uint64_t
number_of(const json_t *options, const char *name)
{
	return (uint64_t)json_integer_value(json_object_get(options, name));
}

static struct cgroup_limits
limits_of(const json_t *options)
{
	return (struct cgroup_limits){
	    .memory_max = number_of(options, "memory_max"),
	    .cpu_weight = number_of(options, "cpu_weight"),
	    .tasks_max = number_of(options, "tasks_max"),
	};
}

static json_t *
check_limits(const json_t *options)
{
	const struct cgroup_limits limits = limits_of(options);
	const char *lack = cgroups_lack(&limits);

	if (lack == NULL)
		return NULL;
	return error_new(ERROR_INVALID_PARAMS,
	    "options: %s: this daemon %s: run it as a service with "
	    "Delegate=yes",
	    lack,
	    cgroups_exist() ? "was not given that controller of cgroups" :
			      "has no cgroups for commands");
}

static bool
are_statuses(const json_t *value)
{
	json_t *one;
	size_t i;

	json_array_foreach (value, i, one)
		if (!json_is_integer(one) || json_integer_value(one) < 0 ||
		    json_integer_value(one) > 255)
			return false;
	return true;
}

json_t *
command_check(const json_t *args, const json_t *options)
{
	const json_t *output = json_object_get(options, "output");
	json_t *error;

	if (json_array_size(args) == 0)
		return error_new(ERROR_INVALID_PARAMS,
		    "args: exec takes a command and its arguments");
	if (output != NULL && !is_output(output))
		return error_new(ERROR_INVALID_PARAMS,
		    "options: output: must be \"capture\", \"stream\", "
		    "\"null\" or {\"file\": PATH}");
	if (!are_statuses(json_object_get(options, "ok_status")))
		return error_new(ERROR_INVALID_PARAMS,
		    "options: ok_status: must be an array of integers from 0 "
		    "to 255");
	if (json_object_get(options, "stdin") != NULL &&
	    json_is_true(json_object_get(options, "stdin_pipe")))
		return error_new(ERROR_INVALID_PARAMS,
		    "options: stdin and stdin_pipe: give one of them");
	error = check_limits(options);
	return error != NULL ? error :
			       check_env(json_object_get(options, "env"));
}

/* --- lists of strings --------------------------------------------------- */

struct list {
	char **items; /* ended by NULL */
	size_t count, size;
};

static void
list_add(struct list *list, char *item)
{
	if (list->count + 1 >= list->size) {
		list->size = list->size == 0 ? 8 : 2 * list->size;
		list->items =
		    xrealloc(list->items, list->size * sizeof *list->items);
	}
	list->items[list->count++] = item;
	list->items[list->count] = NULL;
}

static void
list_free(char **items)
{
	char **item;

	for (item = items; item != NULL && *item != NULL; item++)
		free(*item);
	free(items);
}

/* --- reading ------------------------------------------------------------ */

static char *
text_of(const json_t *value)
{
	size_t length;

	return bytes_read(value, &length);
}

static char **
read_argv(const json_t *args)
{
	struct list argv = {0};
	json_t *arg;
	size_t i;

	json_array_foreach (args, i, arg)
		list_add(&argv, text_of(arg));
	return argv.items;
}

/* Whether that variable ("name=value", or the name alone) is one of these. */
static bool
is_one_of(const char *variable, const char *const *names)
{
	size_t length = strcspn(variable, "=");

	for (; *names != NULL; names++)
		if (strlen(*names) == length &&
		    strncmp(variable, *names, length) == 0)
			return true;
	return false;
}

void
command_environment_create(struct command_environment *environment,
    const char *socket, const char *instance)
{
	struct list inherited = {0};
	char **variable;

	environment->socket = xasprintf("TASKLET_SOCKET=%s", socket);
	environment->instance = xasprintf("TASKLET_INSTANCE=%s", instance);
	for (variable = environ; *variable != NULL; variable++)
		if (!is_one_of(*variable, own_names) &&
		    !is_one_of(*variable, private_names))
			list_add(&inherited, *variable);
	environment->inherited = inherited.items;
}

void
command_environment_destroy(struct command_environment *environment)
{
	free(environment->socket);
	free(environment->instance);
	free(environment->inherited);
}

static bool
is_set(const char *variable, const json_t *env)
{
	return json_object_getn(env, variable, strcspn(variable, "=")) != NULL;
}

static void
read_env(struct command *command, const json_t *options, uint64_t id,
    const struct command_environment *environment)
{
	const json_t *env = json_object_get(options, "env");
	struct list envp = {0};
	char **variable, *text;
	const char *name;
	json_t *value;

	list_add(&envp, xasprintf("TASKLET_ID=%" PRIu64, id));
	json_object_foreach ((json_t *)env, name, value) {
		if (json_is_null(value) || is_one_of(name, own_names))
			continue;
		text = text_of(value);
		list_add(&envp, xasprintf("%s=%s", name, text));
		free(text);
	}
	command->own_variables = envp.count;
	list_add(&envp, environment->instance);
	list_add(&envp, environment->socket);
	variable = json_is_true(json_object_get(options, "clear_env")) ?
		       NULL :
		       environment->inherited;
	for (; variable != NULL && *variable != NULL; variable++)
		if (env == NULL || !is_set(*variable, env))
			list_add(&envp, *variable);
	command->envp = envp.items;
}

static const char *
path_of(char **envp)
{
	for (; *envp != NULL; envp++)
		if (strncmp(*envp, "PATH=", 5) == 0)
			return *envp + 5;
	return DEFAULT_PATH;
}

/* As execvp(3) looks: an empty folder of PATH is the current one. */
static char **
find_files(const char *name, const char *path)
{
	struct list files = {0};
	size_t length;

	if (*name == '\0' || strchr(name, '/') != NULL) {
		list_add(&files, xstrdup(name));
		return files.items;
	}
	for (;;) {
		length = strcspn(path, ":");
		list_add(&files, xasprintf("%.*s%s%s", (int)length, path,
				     length == 0 ? "" : "/", name));
		if (path[length] == '\0')
			return files.items;
		path += length + 1;
	}
}

static void
read_input(struct command *command, const json_t *options)
{
	const json_t *input = json_object_get(options, "stdin");

	command->input_pipe =
	    json_is_true(json_object_get(options, "stdin_pipe"));
	if (input != NULL)
		command->input = bytes_read(input, &command->input_length);
}

static void
read_output(struct command *command, const json_t *output)
{
	if (json_is_object(output)) {
		command->output = OUTPUT_FILE;
		command->file = text_of(json_object_get(output, "file"));
	} else if (output != NULL) {
		if (strcmp(json_string_value(output), "null") == 0)
			command->output = OUTPUT_NULL;
		command->waits =
		    strcmp(json_string_value(output), "stream") == 0;
	}
}

static void
read_end(struct command *command, const json_t *options)
{
	const json_t *statuses = json_object_get(options, "ok_status");
	const json_t *grace = json_object_get(options, "grace");
	const json_t *number = json_object_get(options, "kill_signal");
	const char *left =
	    json_string_value(json_object_get(options, "leftovers"));
	json_t *status;
	size_t i;

	command->ok[0] = statuses == NULL;
	json_array_foreach (statuses, i, status)
		command->ok[json_integer_value(status)] = true;
	command->grace =
	    grace == NULL ? DEFAULT_GRACE : json_number_value(grace);
	command->kill_signal = number == NULL ? SIGTERM : signal_read(number);
	command->keeps = left != NULL && strcmp(left, "keep") == 0;
}

struct command *
command_new(const json_t *args, const json_t *options, uint64_t id,
    const struct command_environment *environment)
{
	struct command *command = xcalloc(1, sizeof *command);
	const json_t *mask = json_object_get(options, "umask");
	const json_t *nice = json_object_get(options, "nice");

	command->argv = read_argv(args);
	read_env(command, options, id, environment);
	command->files = find_files(command->argv[0], path_of(command->envp));
	command->cwd = text_of(json_object_get(options, "cwd"));
	command->mask = mask == NULL ? -1 : (int)json_integer_value(mask);
	command->has_nice = nice != NULL;
	command->nice = (int)json_integer_value(nice);
	command->limits = limits_of(options);
	read_input(command, options);
	read_output(command, json_object_get(options, "output"));
	read_end(command, options);
	return command;
}

void
command_delete(struct command *command)
{
	if (command == NULL)
		return;
	list_free(command->argv);
	command->envp[command->own_variables] = NULL;
	list_free(command->envp);
	list_free(command->files);
	free(command->cwd);
	free(command->file);
	free(command->input);
	free(command);
}
