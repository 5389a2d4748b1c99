/* tasklet-ctl pause, resume, forget: what takes tasks one by one. */
#include "config.h"

#include <stdio.h>

#include "client/argument.h"
#include "client/command.h"
#include "client/report.h"
#include "client/value.h"

enum { OPTION_ONLY = 256 };

static const struct option options[] = {
    {"only", no_argument, NULL, OPTION_ONLY},
    {"help", no_argument, NULL, 'h'},
    {0},
};

/* What the tasks' replies add up to. */
struct total {
	const char *key; /* of the ids; NULL where each reply is null */
	json_t *ids;
	json_int_t count;
	enum status status;
};

static void
add_reply(struct client *client, struct total *total, const struct reply *reply)
{
	json_int_t count = 1;
	json_t *ids;

	if (reply->error != NULL) {
		total->status = report_error(reply->error);
		return;
	}
	if (total->key != NULL) {
		ids = json_object_get(reply->result, total->key);
		if (json_unpack(reply->result, "{s:I}", "count", &count) ==
			-1 ||
		    json_array_extend(total->ids, ids) == -1)
			call_refuse_result(&client->call);
	}
	total->count += count;
}

static void
print_total(
    const struct client *client, const struct total *total, const char *verb)
{
	json_t *result;

	if (client->json) {
		result = json_object();
		if (total->key != NULL)
			json_object_set(result, total->key, total->ids);
		json_object_set_new(
		    result, "count", json_integer(total->count));
		value_print_json(result);
		json_decref(result);
	} else {
		printf("%s %" JSON_INTEGER_FORMAT " task%s\n", verb,
		    total->count, total->count == 1 ? "" : "s");
	}
}

/* Calls the method for each task; an error of one does not keep the others
   from it. */
static int
run_each(struct client *client, int argc, char **argv, const char *verb,
    const char *key)
{
	struct total total = {.key = key, .ids = json_array()};
	bool only = false;
	struct reply reply;
	json_t *params;

	while (command_option(client, argc, argv) != -1)
		only = true;
	for (; optind < argc; optind++) {
		params =
		    json_pack("{s:o}", "task", argument_task(argv[optind]));
		if (only)
			json_object_set_new(params, "only", json_true());
		call_try(&client->call, client->command->name, params, &reply);
		add_reply(client, &total, &reply);
	}
	if (total.count > 0 || total.status == STATUS_OK)
		print_total(client, &total, verb);
	json_decref(total.ids);
	return total.status;
}

static int
run_pause(struct client *client, int argc, char **argv)
{
	return run_each(client, argc, argv, "paused", "paused");
}

static int
run_resume(struct client *client, int argc, char **argv)
{
	return run_each(client, argc, argv, "resumed", "resumed");
}

static int
run_forget(struct client *client, int argc, char **argv)
{
	return run_each(client, argc, argv, "forgot", NULL);
}

#define ONLY_HELP "  --only    leave the tasks below them as they are\n"

#define EACH_HELP \
	"\n" \
	"A task that cannot be is reported, the others are all the same; " \
	"the\n" \
	"exit status is then that of the last such error.\n"

static const char pause_help[] = ONLY_HELP
    "\n"
    "What is left of a task's sleep and of its timeout stands still until it\n"
    "is resumed; children that it gets meanwhile start paused too.\n" EACH_HELP;

static const char resume_help[] = ONLY_HELP EACH_HELP;

static const char forget_help[] =
    "They can no longer be joined or shown.\n" EACH_HELP;

const struct command cmd_pause = {
    .name = "pause",
    .usage = "[--only] TASK...",
    .summary = "Hold tasks and all that is below them",
    .help = pause_help,
    .shorts = ":h",
    .longs = options,
    .least = 1,
    .most = COMMAND_MANY,
    .handler = run_pause,
};

const struct command cmd_resume = {
    .name = "resume",
    .usage = "[--only] TASK...",
    .summary = "Let paused tasks go on, and all that is below them",
    .help = resume_help,
    .shorts = ":h",
    .longs = options,
    .least = 1,
    .most = COMMAND_MANY,
    .handler = run_resume,
};

const struct command cmd_forget = {
    .name = "forget",
    .usage = "TASK...",
    .summary = "Let finished tasks go",
    .help = forget_help,
    .least = 1,
    .most = COMMAND_MANY,
    .handler = run_forget,
};
