/* The options of a command to be run, and what it is given of its caller. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/argument.h"
#include "client/command.h"
#include "client/environment.h"
#include "client/report.h"
#include "client/spawn.h"
#include "proto/bytes.h"
#include "proto/limits.h"
#include "proto/xalloc.h"

static json_t *
bytes_of(const char *text)
{
	return bytes_new(text, strlen(text));
}

/* To be freed. */
static char *
current_folder(void)
{
	char *here = getcwd(NULL, 0);

	if (here == NULL)
		report_fail(STATUS_FAILED, "InputError",
		    "the current folder cannot be told: %s: go to another, or "
		    "name one with --cwd",
		    strerror(errno));
	return here;
}

/* As it is from here: the daemon is elsewhere. */
static json_t *
read_path(const char *what, const char *path)
{
	char *here, *whole;
	json_t *value;

	(void)what;
	if (*path == '/')
		return bytes_of(path);
	here = current_folder();
	whole = xasprintf("%s/%s", here, path);
	value = bytes_of(whole);
	free(whole);
	free(here);
	return value;
}

static void
set_variable(json_t *env, const char *text)
{
	const char *equals = strchrnul(text, '=');

	if (equals == text)
		report_usage("-E '%s' is neither NAME=VALUE nor NAME", text);
	if (json_object_setn_new(env, text, (size_t)(equals - text),
		*equals == '=' ? bytes_of(equals + 1) : json_null()) == -1)
		report_usage("-E '%s': the name is not UTF-8", text);
}

static json_t *
read_output(const char *what, const char *text)
{
	if (strcmp(text, "capture") == 0 || strcmp(text, "null") == 0)
		return json_string(text);
	return json_pack("{s:o}", "file", read_path(what, text));
}

static _Noreturn void
fail_read(const char *path)
{
	report_fail(STATUS_FAILED, "InputError", "cannot read %s: %s", path,
	    strerror(errno));
}

/* All of a file, as a message must hold it. */
static json_t *
read_contents(const char *what, const char *path)
{
	int fd = strcmp(path, "-") == 0 ? STDIN_FILENO :
					  open(path, O_RDONLY | O_CLOEXEC);
	char *data = xmalloc(LIMIT_MESSAGE);
	size_t length = 0;
	ssize_t got = -1;
	json_t *value;

	if (fd == -1)
		fail_read(path);
	do {
		got = read(fd, data + length, LIMIT_MESSAGE - length);
		if (got == -1 && errno != EINTR)
			fail_read(path);
		length += got == -1 ? 0 : (size_t)got;
	} while (got != 0 && length < LIMIT_MESSAGE);
	if (got != 0)
		report_usage("%s %s is %u bytes or more, too much for a "
			     "message: use tasklet-ctl run, or --stdin-pipe "
			     "and tasklet-ctl write",
		    what, path, LIMIT_MESSAGE);
	if (fd != STDIN_FILENO)
		close(fd);
	value = bytes_new(data, length);
	free(data);
	return value;
}

static const char *
option_name(int c)
{
	static const struct option options[] = {
	    SPAWN_OPTIONS,
	    {"stdin-pipe", no_argument, NULL, OPTION_STDIN_PIPE},
	    {0},
	};
	static char name[32] = "--";
	const struct option *option = options;

	while (option->val != c)
		option++;
	stpcpy(name + 2, option->name);
	return name;
}

static json_t *
read_true(const char *what, const char *text)
{
	(void)what;
	(void)text;
	return json_true();
}

/* Those that are an option of the function too: of that name, and read so. */
static const struct setting {
	int option;
	const char *key;
	json_t *(*read)(const char *what, const char *text);
} settings[] = {
    {'C', "cwd", read_path},
    {OPTION_STDIN, "stdin", read_contents},
    {OPTION_STDIN_PIPE, "stdin_pipe", read_true},
    {OPTION_OUTPUT, "output", read_output},
    {OPTION_OK_STATUS, "ok_status", argument_statuses},
    {OPTION_KILL_SIGNAL, "kill_signal", argument_signal},
    {OPTION_GRACE, "grace", argument_seconds},
    {OPTION_LEFTOVERS, "leftovers", argument_string},
    {OPTION_UMASK, "umask", argument_octal},
    {OPTION_NICE, "nice", argument_integer},
    {OPTION_MEMORY_MAX, "memory_max", argument_integer},
    {OPTION_CPU_WEIGHT, "cpu_weight", argument_integer},
    {OPTION_TASKS_MAX, "tasks_max", argument_integer},
};

static void
set_setting(struct spawn *spawn, int c)
{
	const struct setting *setting;

	for (setting = settings;
	     setting < settings + sizeof settings / sizeof *settings; setting++)
		if (setting->option == c)
			json_object_set_new(spawn->exec, setting->key,
			    setting->read(spawn->given, optarg));
}

void
spawn_exec_option(struct spawn *spawn, int c)
{
	spawn->given = option_name(c);
	switch (c) {
	case 'E':
		if (spawn->variables == NULL)
			spawn->variables = json_object();
		set_variable(spawn->variables, optarg);
		break;
	case OPTION_CLEAN_ENV:
		spawn->clean_env = true;
		break;
	case OPTION_SHELL:
		spawn->shell = optarg;
		break;
	default:
		set_setting(spawn, c);
	}
}

static void
add_environment(struct spawn *spawn, bool is_own)
{
	json_t *env;

	if (is_own && !spawn->clean_env) {
		env = environment_new();
		json_object_set_new(spawn->exec, "clear_env", json_true());
	} else if (spawn->variables != NULL) {
		env = json_object();
	} else {
		return;
	}
	json_object_update(env, spawn->variables);
	json_decref(spawn->variables);
	spawn->variables = NULL;
	json_object_set_new(spawn->exec, "env", env);
}

void
spawn_exec(struct spawn *spawn)
{
	bool is_own = call_is_own(&spawn->client->call);
	char *here;

	add_environment(spawn, is_own);
	if (is_own && json_object_get(spawn->exec, "cwd") == NULL) {
		here = current_folder();
		json_object_set_new(spawn->exec, "cwd", bytes_of(here));
		free(here);
	}
	json_object_set_new(spawn->params, "options", spawn->exec);
	spawn->exec = NULL;
}
