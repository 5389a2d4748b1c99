/* tasklet-ctl wait: waits for all tasks of a name pattern. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/argument.h"
#include "client/command.h"
#include "client/match.h"
#include "client/progress.h"
#include "client/report.h"
#include "client/terminal.h"
#include "client/value.h"
#include "proto/error.h"
#include "proto/limits.h"
#include "proto/xalloc.h"

/* Joins sent and not yet answered: as many as the daemon, by default, lets one
   client wait for, but for what else is asked here. What was not asked before
   the daemon goes is not answered any more. */
#define WINDOW (LIMIT_WAITING - 8)

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

/* The states of those that live, as they are counted. */
static const char *const live_states[] = {
    "running", "ready", "sleeping", "waiting", "paused"};

#define LIVE_STATES (sizeof live_states / sizeof live_states[0])

/* Seconds between two looks at these; where more tasks live than are rows on a
   page, nobody looks. */
#define LOOK_SECONDS 1

struct waited {
	json_int_t id;
	json_int_t request; /* its join */
};

struct wait {
	struct client *client;
	const char *glob;
	struct waited *tasks; /* in the order of their ids and joins */
	size_t count;
	size_t sent, ended;
	json_int_t timer; /* request: the sleep; 0 for none */
	json_int_t look;  /* request: what leads to the next look; likewise */
	bool looks;	  /* it is the look itself */
	size_t by_state[STATES];
	size_t live_by_state[LIVE_STATES]; /* as of the last look */
	size_t counting[LIVE_STATES];	   /* by this one, page by page */
	bool shows_progress;
};

static void
find_tasks(struct wait *wait)
{
	json_int_t *ids;
	size_t i;

	wait->count = match_tasks(&wait->client->call, wait->glob, &ids);
	if (wait->count == 0)
		report_fail(STATUS_NOT_FOUND, "NoSuchTask",
		    "no task has a name that matches '%s'", wait->glob);
	wait->tasks = xcalloc(wait->count, sizeof *wait->tasks);
	for (i = 0; i < wait->count; i++)
		wait->tasks[i].id = ids[i];
	free(ids);
}

/* Those that there are, after `before`. */
static void
write_counts(FILE *out, const char *before, const char *const *names,
    const size_t *counts, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++) {
		if (counts[i] == 0)
			continue;
		fprintf(out, "%s%zu %s", before, counts[i], names[i]);
		before = ", ";
	}
}

/* Whether no task has ended since the last look. */
static bool
is_counted(const struct wait *wait)
{
	size_t live = 0, i;

	for (i = 0; i < LIVE_STATES; i++)
		live += wait->live_by_state[i];
	return live == wait->count - wait->ended;
}

/* "7 tasks ended: 5 done, 2 failed", or "7 of 9 tasks ended: 5 done, 2 failed;
   1 running, 1 waiting" */
static char *
summary(const struct wait *wait)
{
	size_t size;
	char *text;
	FILE *out = xopen_memstream(&text, &size);

	fprintf(out, "%zu", wait->ended);
	if (wait->ended < wait->count)
		fprintf(out, " of %zu", wait->count);
	fprintf(out, " task%s ended", wait->count == 1 ? "" : "s");
	write_counts(out, ": ", states, wait->by_state, STATES);
	if (is_counted(wait))
		write_counts(
		    out, "; ", live_states, wait->live_by_state, LIVE_STATES);
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

static int
compare_id(const void *id, const void *waited)
{
	json_int_t a = *(const json_int_t *)id,
		   b = ((const struct waited *)waited)->id;

	return (a > b) - (a < b);
}

static int
compare_request(const void *request, const void *waited)
{
	json_int_t a = *(const json_int_t *)request,
		   b = ((const struct waited *)waited)->request;

	return (a > b) - (a < b);
}

static void
count_live(struct wait *wait, json_t *rows)
{
	const char *state;
	json_int_t id;
	json_t *row;
	size_t i, j;

	json_array_foreach (rows, i, row) {
		if (json_unpack(
			row, "{s:I, s:s}", "id", &id, "state", &state) == -1 ||
		    bsearch(&id, wait->tasks, wait->count, sizeof *wait->tasks,
			compare_id) == NULL)
			continue;
		for (j = 0; j < LIVE_STATES; j++)
			wait->counting[j] += strcmp(live_states[j], state) == 0;
	}
}

/* Asks for a page of those that live; `after` is a cursor, or NULL. */
static void
send_look(struct wait *wait, json_t *after)
{
	json_t *params = json_pack("{s:o, s:b}", "name",
	    argument_string("GLOB", wait->glob), "finished", 0);

	if (after != NULL)
		json_object_set(params, "after", after);
	wait->looks = true;
	wait->look = call_send(&wait->client->call, "list", params);
}

static void
look_later(struct wait *wait)
{
	wait->looks = false;
	wait->look = call_send(&wait->client->call, "sleep",
	    json_pack("{s:i}", "seconds", LOOK_SECONDS));
}

static void
look(struct wait *wait)
{
	memset(wait->counting, 0, sizeof wait->counting);
	if (wait->count - wait->ended <= LIMIT_PAGE_DEFAULT)
		send_look(wait, NULL);
	else
		look_later(wait);
}

static void
note_look(struct wait *wait, const struct reply *reply)
{
	json_t *next = json_object_get(reply->result, "next");

	if (call_is_over(reply->error))
		return;
	if (!wait->looks) {
		look(wait);
		return;
	}
	count_live(wait, json_object_get(reply->result, "tasks"));
	if (json_is_integer(next)) {
		send_look(wait, next);
		return;
	}
	memcpy(wait->live_by_state, wait->counting, sizeof wait->live_by_state);
	look_later(wait);
}

/* Joins are answered to the end. */
static void
note_timer(struct wait *wait, const json_t *error)
{
	if (error == NULL)
		fail_timeout(wait);
	if (!call_is_over(error))
		exit(report_error(error));
}

static void
note_reply(struct wait *wait, const struct reply *reply)
{
	const struct waited *waited;
	json_int_t request = json_integer_value(reply->id);
	json_int_t id;

	if (wait->timer != 0 && request == wait->timer) {
		note_timer(wait, reply->error);
		return;
	}
	if (wait->look != 0 && request == wait->look) {
		note_look(wait, reply);
		return;
	}
	waited = bsearch(&request, wait->tasks, wait->sent, sizeof *wait->tasks,
	    compare_request);
	if (waited == NULL)
		call_refuse_result(&wait->client->call);
	id = waited->id;
	if (reply->error != NULL) {
		note_error(wait, id, reply->error);
		return;
	}
	note_state(wait, states[STATE_DONE]);
	if (wait->client->json)
		print_json(id, states[STATE_DONE], "result", reply->result);
}

static void
send_joins(struct wait *wait)
{
	struct waited *waited;

	while (wait->sent < wait->count && wait->sent - wait->ended < WINDOW) {
		waited = &wait->tasks[wait->sent++];
		waited->request = call_send(&wait->client->call, "join",
		    json_pack("{s:I}", "task", waited->id));
	}
}

/* One join for each task, so that each end is seen as it comes, and no reply
   is larger than a task's own result. */
static void
join_tasks(struct wait *wait)
{
	struct call *call = &wait->client->call;
	struct reply reply;

	if (wait->shows_progress)
		look(wait);
	send_joins(wait);
	call_stay(call); /* not before: the first is what it waits for */
	while (wait->ended < wait->count) {
		send_joins(wait);
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

/* The daemon has gone before it told how all of them ended. */
static void
note_gone(void *arg)
{
	struct wait *wait = arg;

	if (wait->client->json)
		return;
	progress_clear();
	memset(wait->live_by_state, 0, sizeof wait->live_by_state);
	print_summary(wait);
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
	wait.glob = argv[optind];
	wait.shows_progress = !client->json && terminal_is(STDERR_FILENO);
	find_tasks(&wait);
	client->call.lost = note_gone;
	client->call.arg = &wait;
	if (timeout != NULL)
		wait.timer = call_send(&client->call, "sleep",
		    json_pack("{s:o}", "seconds", timeout));
	join_tasks(&wait);
	if (!client->json)
		print_summary(&wait);
	free(wait.tasks);
	return wait.by_state[STATE_DONE] == wait.count ? STATUS_OK :
							 STATUS_FAILED;
}

static const char help[] =
    "  --timeout D    wait at most D: 1.5, 500ms, 10s, 5m, 2h, 1d\n"
    "\n"
    "GLOB is a pattern of * ? and [...], such as 'build-*'. Of each name\n"
    "that it matches, those that live now are waited for; where none does,\n"
    "the one that finished last counts, while the daemon keeps it. Not meant\n"
    "are the daemon and its clients, what other users have left that has\n"
    "ended, nor, in a command that is a task, that task and those above it.\n"
    "Where there are none, the exit status is 3. Meanwhile a line on stderr,\n"
    "where that is a terminal, counts them by state. The exit status is 0\n"
    "where all ended done, 1 where any did not: stderr tells why; and 124\n"
    "where the time ran out, which leaves the tasks alone.\n"
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
