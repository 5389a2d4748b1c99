/* A command to run: what the args and the options of exec say. */
#include "config.h"

#include "daemon/command.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit.h"

static struct command *command;
static struct command_environment environment;

static char *none[] = {NULL};

static void
setup(void)
{
	environ = none;
	command = NULL;
	environment = (struct command_environment){0};
}

static void
teardown(void)
{
	command_delete(command);
	command_environment_destroy(&environment);
}

static void
make(const char *args, const char *options)
{
	json_t *argv = json_loads(args, 0, NULL);
	json_t *object = json_loads(options, 0, NULL);

	ck_assert_ptr_nonnull(argv);
	ck_assert_ptr_nonnull(object);
	ck_assert_ptr_null(command_check(argv, object));
	command_delete(command);
	command_environment_destroy(&environment);
	command_environment_create(&environment, "/s", "f0");
	command = command_new(argv, object, 7, &environment);
	json_decref(argv);
	json_decref(object);
}

/* The strings of a list, joined by "|". */
static void
expect_list(char **list, const char *want)
{
	char got[1000] = "";

	for (; *list != NULL; list++) {
		strcat(got, *got == '\0' ? "" : "|");
		strcat(got, *list);
	}
	ck_assert_str_eq(got, want);
}

START_TEST(by_default)
{
	make("[\"/bin/true\"]", "{}");
	expect_list(command->argv, "/bin/true");
	expect_list(command->files, "/bin/true");
	expect_list(command->envp,
	    "TASKLET_ID=7|TASKLET_INSTANCE=f0|TASKLET_SOCKET=/s");
	ck_assert_ptr_null(command->cwd);
	ck_assert_ptr_null(command->file);
	ck_assert_ptr_null(command->input);
	ck_assert(!command->input_pipe && !command->keeps);
	ck_assert_int_eq(command->output, OUTPUT_CAPTURE);
	ck_assert_int_eq(command->mask, -1);
	ck_assert(!command->has_nice);
	ck_assert_int_eq(command->kill_signal, SIGTERM);
	ck_assert_double_eq(command->grace, 5);
	ck_assert(command->ok[0] && !command->ok[1] && !command->ok[255]);
}
END_TEST

START_TEST(with_all_options)
{
	make("[\"x\", \"\", {\"base64\": \"/w==\"}]",
	    "{\"cwd\": \"/c\", \"stdin\": \"in\", \"umask\": 0, \"nice\": 0,"
	    "\"grace\": 0, \"kill_signal\": \"INT\","
	    "\"output\": {\"file\": \"f\"}, \"ok_status\": [255],"
	    "\"leftovers\": \"keep\"}");
	ck_assert_str_eq(command->argv[1], "");
	ck_assert_str_eq(command->argv[2], "\xff");
	ck_assert_str_eq(command->cwd, "/c");
	ck_assert_uint_eq(command->input_length, 2);
	ck_assert_str_eq(command->input, "in");
	ck_assert_int_eq(command->mask, 0);
	ck_assert(command->has_nice);
	ck_assert_int_eq(command->nice, 0);
	ck_assert_double_eq(command->grace, 0);
	ck_assert_int_eq(command->kill_signal, SIGINT);
	ck_assert_int_eq(command->output, OUTPUT_FILE);
	ck_assert_str_eq(command->file, "f");
	ck_assert(!command->ok[0] && command->ok[255]);
	ck_assert(command->keeps);
	make("[\"x\"]", "{\"output\": \"null\", \"stdin_pipe\": true}");
	ck_assert_int_eq(command->output, OUTPUT_NULL);
	ck_assert(command->input_pipe);
	make("[\"x\"]", "{\"output\": \"capture\", \"stdin\": \"\"}");
	ck_assert_int_eq(command->output, OUTPUT_CAPTURE);
	ck_assert_ptr_nonnull(command->input);
}
END_TEST

START_TEST(where_it_is_looked_for)
{
	static const char *const cases[][2] = {
	    {"{}", "/usr/local/bin/x|/usr/bin/x|/bin/x"},
	    {"{\"env\": {\"PATH\": \"/a:/b\"}}", "/a/x|/b/x"},
	    {"{\"env\": {\"PATH\": \"a\"}}", "a/x"},
	    {"{\"env\": {\"PATH\": \"\"}}", "x"},
	    {"{\"env\": {\"PATH\": \":/a\"}}", "x|/a/x"},
	    {"{\"env\": {\"PATH\": \"/a:\"}}", "/a/x|x"},
	    {"{\"env\": {\"PATH\": \"/a::/b\"}}", "/a/x|x|/b/x"},
	    {"{\"env\": {\"PATHS\": \"/a\"}}",
		"/usr/local/bin/x|/usr/bin/x|/bin/x"},
	};
	size_t i;

	for (i = 0; i < sizeof cases / sizeof *cases; i++) {
		make("[\"x\"]", cases[i][0]);
		expect_list(command->files, cases[i][1]);
	}
	setenv("PATH", "/d", 1);
	make("[\"x\"]", "{}");
	expect_list(command->files, "/d/x");
	make("[\"x\"]", "{\"env\": {\"PATH\": \"/a\"}}");
	expect_list(command->files, "/a/x");
	make("[\"x\"]", "{\"env\": {\"PATH\": null}}");
	expect_list(command->files, "/usr/local/bin/x|/usr/bin/x|/bin/x");
	make("[\"x/y\"]", "{}");
	expect_list(command->files, "x/y");
	make("[\"\"]", "{}");
	expect_list(command->files, "");
}
END_TEST

#define DAEMON "|TASKLET_INSTANCE=f0|TASKLET_SOCKET=/s"

START_TEST(its_environment)
{
	setenv("A", "1", 1);
	setenv("AB", "2", 1);
	setenv("TASKLET_ID", "99", 1);
	make("[\"x\"]", "{}");
	expect_list(command->envp, "TASKLET_ID=7" DAEMON "|A=1|AB=2");
	make("[\"x\"]", "{\"env\": {\"A\": \"3\"}}");
	expect_list(command->envp, "TASKLET_ID=7|A=3" DAEMON "|AB=2");
	make("[\"x\"]", "{\"env\": {\"A\": null, \"B\": \"\"}}");
	expect_list(command->envp, "TASKLET_ID=7|B=" DAEMON "|AB=2");
	make("[\"x\"]", "{\"env\": {\"A\": \"3\"}, \"clear_env\": true}");
	expect_list(command->envp, "TASKLET_ID=7|A=3" DAEMON);
	make("[\"x\"]",
	    "{\"env\": {\"TASKLET_ID\": \"1\", \"TASKLET_SOCKET\": null}}");
	expect_list(command->envp, "TASKLET_ID=7" DAEMON "|A=1|AB=2");
}
END_TEST

START_TEST(what_is_wrong)
{
	static const char *const cases[][2] = {
	    {"[]", "{}"},
	    {"[\"x\"]", "{\"output\": 1}"},
	    {"[\"x\"]", "{\"output\": \"x\"}"},
	    {"[\"x\"]", "{\"output\": {\"file\": \"a\", \"x\": 1}}"},
	    {"[\"x\"]", "{\"ok_status\": [256]}"},
	    {"[\"x\"]", "{\"ok_status\": [1.0]}"},
	    {"[\"x\"]", "{\"stdin\": \"\", \"stdin_pipe\": true}"},
	    {"[\"x\"]", "{\"env\": {\"\": \"x\"}}"},
	    {"[\"x\"]", "{\"env\": {\"A=\": \"x\"}}"},
	    {"[\"x\"]", "{\"env\": {\"A\": 1}}"},
	    {"[\"x\"]", "{\"env\": {\"A\": {\"base64\": \"AA==\"}}}"},
	};
	json_t *args, *options, *error;
	size_t i;

	for (i = 0; i < sizeof cases / sizeof *cases; i++) {
		args = json_loads(cases[i][0], 0, NULL);
		options = json_loads(cases[i][1], 0, NULL);
		error = command_check(args, options);
		if (error == NULL)
			ck_abort_msg("%s is right", cases[i][1]);
		json_decref(error);
		json_decref(options);
		json_decref(args);
	}
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    by_default,
	    with_all_options,
	    where_it_is_looked_for,
	    its_environment,
	    what_is_wrong,
	};

	return unit_run(
	    "command", setup, teardown, tests, sizeof tests / sizeof *tests);
}
