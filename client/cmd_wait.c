/* tasklet-ctl wait: waits for all tasks of a name pattern. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/argument.h"
#include "client/command.h"
#include "client/pages.h"
#include "client/progress.h"
#include "client/report.h"
#include "client/terminal.h"
#include "client/value.h"
#include "proto/error.h"
#include "proto/xalloc.h"

/* Joins sent and not yet answered: a quarter of what the daemon, by default,
   lets one client wait for. */
#define WINDOW 16384

enum { OPTION_TIMEOUT = 256 };

static const struct option options[] = {
    {"timeout", required_argument, NULL, OPTION_TIMEOUT},
    {"help", no_argument, NULL, 'h'},
    {0},
};

/* How tasks end; `unknown` is the state of one that was let go. */
static const char *const states[] = {
    "done", "failed", "cancelled", "timeout", "unknown"};

enum { STATE_DONE, STATE_UNKNOWN = 4, STATES };

struct wait {
	struct client *client;
	json_int_t *ids; /* in the order of their joins */
	size_t count, size;
	size_t sent, ended;
	json_int_t first; /* request: the join of ids[0] */
	json_int_t timer; /* request: the sleep; 0 for none */
	json_int_t *own;  /* our own task and those above it */
	size_t own_count;
	size_t by_state[STATES];
	bool shows_progress;
};

static void
add_task(struct wait *wait, json_int_t id)
{
	if (wait->count == wait->size) {
		wait->size = 2 * wait->size + 64;
		wait->ids = xrealloc(wait->ids, wait->size * sizeof *wait->ids);
	}
	wait->ids[wait->count++] = id;
}

/* Whoever runs this as a task must not wait for that task, nor for those
   above it, which may wait for it. */
static void
find_own(struct wait *wait)
{
	struct call *call = &wait->client->call;
	json_t *task;
	json_int_t id;

	call_open(call);
	if (call->attach == 0)
		return;
	task = call_method(call, "current", NULL);
	while (!json_is_null(task)) {
		if (json_unpack(task, "{s:I}", "id", &id) == -1)
			call_refuse_result(call);
		wait->own = xrealloc(
		    wait->own, (wait->own_count + 1) * sizeof *wait->own);
		wait->own[wait->own_count++] = id;
		task =
		    call_method(call, "parent", json_pack("{s:I}", "task", id));
	}
}

static bool
is_own(const struct wait *wait, json_int_t id)
{
	size_t i = 0;

	while (i < wait->own_count && wait->own[i] != id)
		i++;
	return i < wait->own_count;
}

/* The daemon and the connected clients are tasks too, but end with it or when
   they please: no pattern means them. */
static bool
is_waited_for(const char *function)
{
	return strcmp(function, "client") != 0 &&
	       strcmp(function, "taskletd") != 0;
}

static void
find_tasks(struct wait *wait, const char *glob)
{
	struct call *call = &wait->client->call;
	struct pages pages;
	const json_t *rows;
	const char *function;
	json_int_t id;
	json_t *row;
	size_t i;

	pages_create(&pages, call, "list",
	    json_pack("{s:o, s:b}", "name", argument_string("GLOB", glob),
		"finished", 0));
	while ((rows = pages_next(&pages)) != NULL)
		json_array_foreach (rows, i, row) {
			if (json_unpack(row, "{s:I, s:s}", "id", &id,
				"function", &function) == -1)
				call_refuse_result(call);
			if (is_waited_for(function) && !is_own(wait, id))
				add_task(wait, id);
		}
	pages_destroy(&pages);
	if (wait->count == 0)
		report_fail(STATUS_NOT_FOUND, "NoSuchTask",
		    "no live task has a name that matches '%s'", glob);
}

/* "7 tasks ended: 5 done, 2 failed" */
static char *
summary(const struct wait *wait)
{
	const char *before = ": ";
	size_t size, i;
	char *text;
	FILE *out = xopen_memstream(&text, &size);

	fprintf(out, "%zu", wait->ended);
	if (wait->ended < wait->count)
		fprintf(out, " of %zu", wait->count);
	fprintf(out, " task%s ended", wait->count == 1 ? "" : "s");
	for (i = 0; i < STATES; i++) {
		if (wait->by_state[i] == 0)
			continue;
		fprintf(out, "%s%zu %s", before, wait->by_state[i], states[i]);
		before = ", ";
	}
	fclose(out);
	return text;
}

static void
draw_progress(const struct wait *wait)
{
	char *text;

	if (!wait->shows_progress || call_is_ready(&wait->client->call))
		return;
	text = summary(wait);
	progress_draw(text);
	free(text);
}

static _Noreturn void
fail_timeout(const struct wait *wait)
{
	report_fail(STATUS_TIMEOUT, "TimeoutError",
	    "the time ran out: %zu of %zu tasks have not ended",
	    wait->count - wait->ended, wait->count);
}

static void
note_state(struct wait *wait, const char *state)
{
	size_t i = 0;

	while (i < STATE_UNKNOWN && strcmp(states[i], state) != 0)
		i++;
	wait->by_state[i]++;
	wait->ended++;
}

/* As join prints one of several. */
static void
print_json(
    json_int_t id, const char *state, const char *key, const json_t *value)
{
	json_t *line = json_pack("{s:I, s:s, s:O}", "task", id, "state", state,
	    key, (json_t *)value);

	value_print_json(line);
	report_check_stdout();
	json_decref(line);
}

/* What a join fails with when the task itself did, or was let go before the
   join came; any other error ends the process. */
static void
note_error(struct wait *wait, json_int_t id, const json_t *error)
{
	const char *state = states[STATE_UNKNOWN], *message;
	json_t *cause = (json_t *)error;
	json_int_t code;

	if (json_unpack(cause, "{s:I, s:s}", "code", &code, "message",
		&message) == -1 ||
	    (code != ERROR_JOIN && code != ERROR_NO_SUCH_TASK) ||
	    (code == ERROR_JOIN && json_unpack(cause, "{s:{s:s, s:o}}", "data",
				       "state", &state, "cause", &cause) == -1))
		exit(report_error(error));
	note_state(wait, state);
	if (wait->client->json)
		print_json(id, state, "error", cause);
	else if (code == ERROR_JOIN)
		report_notice("%s", message);
	else
		report_notice("task %" JSON_INTEGER_FORMAT
			      " ended and was let go: how it ended is unknown",
		    id);
}

static void
note_reply(struct wait *wait, const struct reply *reply)
{
	json_int_t request = json_integer_value(reply->id);
	json_int_t id;

	if (wait->timer != 0 && request == wait->timer) {
		if (reply->error != NULL)
			exit(report_error(reply->error));
		fail_timeout(wait);
	}
	if (request < wait->first ||
	    request - wait->first >= (json_int_t)wait->sent)
		call_refuse_result(&wait->client->call);
	id = wait->ids[request - wait->first];
	if (reply->error != NULL) {
		note_error(wait, id, reply->error);
		return;
	}
	note_state(wait, states[STATE_DONE]);
	if (wait->client->json)
		print_json(id, states[STATE_DONE], "result", reply->result);
}

/* One join for each task, so that each end is seen as it comes, and no reply
   is larger than a task's own result. */
static void
join_tasks(struct wait *wait)
{
	struct call *call = &wait->client->call;
	struct reply reply;

	wait->first = call->id + 1;
	while (wait->ended < wait->count) {
		while (wait->sent < wait->count &&
		       wait->sent - wait->ended < WINDOW)
			call_send(call, "join",
			    json_pack(
				"{s:I}", "task", wait->ids[wait->sent++]));
		draw_progress(wait);
		call_receive(call, &reply);
		note_reply(wait, &reply);
	}
	progress_clear();
}

static void
print_summary(const struct wait *wait)
{
	char *text = summary(wait);

	puts(text);
	free(text);
}

static int
run_wait(struct client *client, int argc, char **argv)
{
	struct wait wait = {.client = client};
	json_t *timeout = NULL;

	while (command_option(client, argc, argv) != -1) {
		json_decref(timeout);
		timeout = argument_seconds("--timeout", optarg);
	}
	wait.shows_progress = !client->json && terminal_is(STDERR_FILENO);
	find_own(&wait);
	find_tasks(&wait, argv[optind]);
	if (timeout != NULL)
		wait.timer = call_send(&client->call, "sleep",
		    json_pack("{s:o}", "seconds", timeout));
	join_tasks(&wait);
	if (!client->json)
		print_summary(&wait);
	free(wait.ids);
	free(wait.own);
	return wait.by_state[STATE_DONE] == wait.count ? STATUS_OK :
							 STATUS_FAILED;
}

static const char help[] =
    "  --timeout D    wait at most D: 1.5, 500ms, 10s, 5m, 2h, 1d\n"
    "\n"
    "GLOB is a pattern of * ? and [...], such as 'build-*'. Those that are "
    "live\n"
    "now are waited for, but not the daemon and its clients, nor, in a "
    "command\n"
    "that is a task, that task and those above it; where there are none, the\n"
    "exit status is 3. Meanwhile a line on stderr, where that is a\n"
    "terminal, counts those that have ended. The exit status is 0 where all\n"
    "ended done, 1 where any did not: stderr tells why; and 124 where the\n"
    "time ran out, which leaves the tasks alone.\n"
    "\n"
    "With --json, a line for each task as it ends, like those of join: "
    "{\"task\",\n"
    "\"state\", \"result\" or \"error\"}. The state is unknown where the "
    "daemon let\n"
    "a task go before it could be joined.\n";

const struct command cmd_wait = {
    .name = "wait",
    .usage = "[--timeout D] GLOB",
    .summary = "Wait for all tasks whose name matches to end",
    .help = help,
    .shorts = ":h",
    .longs = options,
    .least = 1,
    .most = 1,
    .handler = run_wait,
};
