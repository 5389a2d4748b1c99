/* tasklet-ctl write: gives a command input. */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "client/argument.h"
#include "client/command.h"
#include "client/report.h"
#include "proto/bytes.h"

#define INPUT_SIZE 65536

enum { OPTION_EOF = 256 };

static const struct option options[] = {
    {"eof", no_argument, NULL, OPTION_EOF},
    {"help", no_argument, NULL, 'h'},
    {0},
};

static ssize_t
read_input(char data[INPUT_SIZE])
{
	ssize_t count;

	do
		count = read(STDIN_FILENO, data, INPUT_SIZE);
	while (count == -1 && errno == EINTR);
	if (count == -1)
		report_fail(STATUS_FAILED, "InputError",
		    "cannot read stdin: %s", strerror(errno));
	return count;
}

static int
run_write(struct client *client, int argc, char **argv)
{
	static char data[INPUT_SIZE];
	bool eof = false, is_written = false;
	json_t *task;
	ssize_t count;

	while (command_option(client, argc, argv) != -1)
		eof = true;
	task = argument_task(argv[optind]);
	while ((count = read_input(data)) > 0) {
		call_method(&client->call, "write",
		    json_pack("{s:O, s:o}", "task", task, "data",
			bytes_new(data, (size_t)count)));
		is_written = true;
	}
	/* Nothing, too, is written to a task that must be there. */
	if (eof || !is_written)
		call_method(&client->call, "write",
		    json_pack("{s:O, s:b}", "task", task, "eof", eof));
	json_decref(task);
	return STATUS_OK;
}

static const char help[] =
    "      --eof      then end its input\n"
    "\n"
    "Passes stdin on, as the command takes it, to one that was started with\n"
    "--stdin-pipe, or by 'tasklet-ctl run'.\n";

const struct command cmd_write = {
    .name = "write",
    .usage = "[--eof] TASK",
    .summary = "Pass stdin on to a command",
    .help = help,
    .shorts = ":h",
    .longs = options,
    .least = 1,
    .most = 1,
    .handler = run_write,
};
