/* tasklet-ctl trace: a timeline of tasks, as Chrome's trace viewer and Perfetto
   read it. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/argument.h"
#include "client/command.h"
#include "client/duration.h"
#include "client/interrupt.h"
#include "client/live.h"
#include "client/render.h"
#include "client/report.h"
#include "client/text.h"
#include "proto/compact.h"
#include "proto/limits.h"
#include "proto/xalloc.h"

static const struct option options[] = {
    {"duration", required_argument, NULL, 'd'},
    {"output", required_argument, NULL, 'o'},
    {"help", no_argument, NULL, 'h'},
    {0},
};

struct trace {
	struct live live;
	FILE *out;
	const char *path; /* of it, for messages */
	double begin, end;
	bool has_events;
};

static struct trace *open_trace; /* not ended yet; NULL for none */

/* What a task has been doing, since when: one slice of its track. */
struct slice {
	char what[16];
	double begin;
};

/* Writes one event; steals it. */
static void
write_event(struct trace *trace, json_t *event)
{
	char *text = compact_text(event);

	fputs(trace->has_events ? ",\n" : "\n", trace->out);
	if (trace->out == stdout)
		text_print(text, strlen(text));
	else
		fputs(text, trace->out);
	trace->has_events = true;
	free(text);
	json_decref(event);
}

static json_int_t
micro(const struct trace *trace, double time)
{
	double since = time - trace->begin;

	if (since > LIMIT_SECONDS)
		since = LIMIT_SECONDS;
	return since <= 0 ? 0 : (json_int_t)(since * 1e6 + 0.5);
}

/* A track is what viewers call a thread: its number is the task's id. */
static void
name_track(struct trace *trace, const struct live_task *task)
{
	write_event(
	    trace, json_pack("{s:s, s:s, s:i, s:I, s:{s:o}}", "ph", "M", "name",
		       "thread_name", "pid", 1, "tid", task->id, "args", "name",
		       json_sprintf("%s (%" JSON_INTEGER_FORMAT ")", task->name,
			   task->id)));
	write_event(trace, json_pack("{s:s, s:s, s:i, s:I, s:{s:I}}", "ph", "M",
			       "name", "thread_sort_index", "pid", 1, "tid",
			       task->id, "args", "sort_index", task->id));
}

/* Events tell of a task's first run alone: of one that recurs it is not known
   when it runs and when it sleeps. */
static const char *
doing(const struct live_task *task)
{
	if (*task->recurrence == '\0' || !task->has_started ||
	    strcmp(task->recurrence, "later") == 0 ||
	    strcmp(task->state, "paused") == 0)
		return task->state;
	return task->recurrence;
}

static void
begin_slice(struct live_task *task, double time)
{
	struct slice *slice = task->data;

	snprintf(slice->what, sizeof slice->what, "%s", doing(task));
	slice->begin = time;
}

static void
end_slice(struct trace *trace, const struct live_task *task, double time,
    const char *outcome)
{
	const struct slice *slice = task->data;
	json_int_t begin = micro(trace, slice->begin);
	json_int_t end = micro(trace, time);
	json_t *args = json_pack("{s:I, s:s, s:s}", "task", task->id,
	    "function", task->function, "name", task->name);

	if (outcome != NULL)
		json_object_set_new(args, "ended", json_string(outcome));
	write_event(
	    trace, json_pack("{s:s, s:s, s:s, s:I, s:I, s:i, s:I, s:o}", "ph",
		       "X", "name", slice->what, "cat", "task", "ts", begin,
		       "dur", end > begin ? end - begin : 0, "pid", 1, "tid",
		       task->id, "args", args));
}

static void
write_failure(struct trace *trace, const struct live_task *task, double time)
{
	write_event(trace,
	    json_pack("{s:s, s:s, s:s, s:I, s:i, s:I, s:s}", "ph", "i", "name",
		"a run failed", "cat", "task", "ts", micro(trace, time), "pid",
		1, "tid", task->id, "s", "t"));
}

static void
note_task(
    void *arg, struct live_task *task, enum live_change change, double time)
{
	struct trace *trace = arg;
	struct slice *slice = task->data;

	switch (change) {
	case LIVE_NEW:
		task->data = xcalloc(1, sizeof(struct slice));
		name_track(trace, task);
		begin_slice(task, task->created);
		break;
	case LIVE_CHANGED:
		if (strcmp(slice->what, doing(task)) == 0)
			break;
		/* A row is of when it came, an event of when it happened. */
		if (time < slice->begin)
			time = slice->begin;
		end_slice(trace, task, time, NULL);
		begin_slice(task, time);
		break;
	case LIVE_FAILED:
		write_failure(trace, task, time);
		break;
	case LIVE_GONE:
		end_slice(trace, task, time, task->state);
		break;
	}
}

static void
note_missed(void *arg, json_int_t from, json_int_t to)
{
	struct trace *trace = arg;

	report_notice("the events %" JSON_INTEGER_FORMAT
		      " to %" JSON_INTEGER_FORMAT
		      " were missed: what began and ended meanwhile is not in "
		      "the trace",
	    from, to);
	write_event(trace,
	    json_pack("{s:s, s:s, s:I, s:i, s:i, s:s, s:{s:I}}", "ph", "i",
		"name", "events were missed", "ts", micro(trace, render_now()),
		"pid", 1, "tid", 1, "s", "g", "args", "count", to - from + 1));
}

static void
check_out(struct trace *trace)
{
	if (fflush(trace->out) == 0 && !ferror(trace->out))
		return;
	open_trace = NULL;
	report_fail(STATUS_FAILED, "OutputError", "cannot write to %s: %s",
	    trace->path, strerror(errno));
}

static void
watch(struct trace *trace, const sigset_t *mask)
{
	struct timespec most;
	struct reply reply;
	double left;

	while (interrupt_number() == 0) {
		while (call_take(trace->live.call, &reply))
			live_take(&trace->live, &reply);
		check_out(trace);
		live_flush(&trace->live);
		if ((left = trace->end - render_now()) <= 0)
			return;
		most = duration_timespec(left);
		call_wait_for(trace->live.call, -1, mask, &most);
	}
}

/* What still goes on is cut off here. */
static void
end_trace(struct trace *trace)
{
	struct live_task *task, *next;
	double now = render_now();

	HASH_ITER (hh, trace->live.tasks, task, next)
		end_slice(trace, task, now, NULL);
	fputs("\n]\n", trace->out);
}

/* Also where the connection was lost the file is a whole one. */
static void
end_open_trace(void)
{
	if (open_trace != NULL)
		end_trace(open_trace);
}

static void
open_out(struct trace *trace, const char *path)
{
	trace->out = stdout;
	trace->path = "stdout";
	if (path == NULL || strcmp(path, "-") == 0)
		return;
	trace->path = path;
	if ((trace->out = fopen(path, "we")) == NULL)
		report_fail(STATUS_FAILED, "OutputError",
		    "cannot write to %s: %s", path, strerror(errno));
}

static void
begin_trace(struct trace *trace)
{
	fputc('[', trace->out);
	write_event(
	    trace, json_pack("{s:s, s:s, s:i, s:{s:s}}", "ph", "M", "name",
		       "process_name", "pid", 1, "args", "name", "taskletd"));
	trace->begin = render_now();
	open_trace = trace;
	atexit(end_open_trace);
	live_start(&trace->live);
}

static int
run_trace(struct client *client, int argc, char **argv)
{
	struct trace trace = {
	    .live = {.call = &client->call,
		.note = note_task,
		.missed = note_missed},
	};
	const char *path = NULL;
	json_t *seconds = json_real(LIMIT_SECONDS);
	sigset_t mask;
	int c;

	while ((c = command_option(client, argc, argv)) != -1) {
		if (c == 'o')
			path = optarg;
		if (c == 'd') {
			json_decref(seconds);
			seconds = argument_seconds("--duration", optarg);
		}
	}
	trace.live.arg = &trace;
	trace.end = render_now() + json_number_value(seconds);
	json_decref(seconds);
	call_open(&client->call);
	open_out(&trace, path);
	interrupt_catch(&mask);
	begin_trace(&trace);
	watch(&trace, &mask);
	open_trace = NULL;
	end_trace(&trace);
	check_out(&trace);
	live_stop(&trace.live);
	return STATUS_OK;
}

static const char help[] =
    "  -d, --duration D    for so long: 500ms, 10s, 5m (by default until "
    "Ctrl-C)\n"
    "  -o, --output FILE   to that file (by default to stdout)\n"
    "\n"
    "The format is Chrome's JSON, which Perfetto (https://ui.perfetto.dev)\n"
    "opens. Each task is a track, and what it is doing a slice of it; one "
    "that\n"
    "recurs shows its failed runs. Times begin at 0 with the trace.\n";

const struct command cmd_trace = {
    .name = "trace",
    .usage = "[OPTION...]",
    .summary = "Write a timeline of what tasks do, for Perfetto",
    .help = help,
    .shorts = ":hd:o:",
    .longs = options,
    .least = 0,
    .most = 0,
    .handler = run_trace,
};
