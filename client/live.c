/* The live tasks of the daemon, as they are: its tree, and then its events. */
#include "config.h"

#include "client/live.h"

#include <stdlib.h>
#include <string.h>

#include "client/call.h"
#include "client/render.h"
#include "client/report.h"
#include "proto/xalloc.h"

/* Rows asked for at a time. */
#define ASKED_MOST 256

static void
note(struct live *live, struct live_task *task, enum live_change change,
    double time)
{
	live->note(live->arg, task, change, time);
}

struct live_task *
live_find(struct live *live, json_int_t id)
{
	struct live_task *task;

	HASH_FIND(hh, live->tasks, &id, sizeof id, task);
	return task;
}

size_t
live_count(const struct live *live)
{
	return HASH_COUNT(live->tasks);
}

/* --- one task ------------------------------------------------------------ */

struct row {
	json_int_t id;
	const char *name, *function, *state, *recurrence;
	double created, started;
	json_t *wait;
};

static int
read_row(struct row *row, const json_t *value)
{
	*row = (struct row){.recurrence = ""};
	if (json_unpack((json_t *)value,
		"{s:I, s:s, s:s, s:s, s:F, s?F, s?{s:s}, s?o}", "id", &row->id,
		"name", &row->name, "function", &row->function, "state",
		&row->state, "created", &row->created, "started", &row->started,
		"recurrence", "kind", &row->recurrence, "wait",
		&row->wait) == -1)
		return -1;
	return row->id > 0 ? 0 : -1; /* 0 is one that has gone */
}

static bool
is_shown(const struct row *row)
{
	return row->id != 1 && strcmp(row->function, "client") != 0;
}

static struct live_task *
add_task(struct live *live, const struct row *row)
{
	struct live_task *task = xcalloc(1, sizeof *task);

	task->id = row->id;
	task->name = xstrdup(row->name);
	task->function = xstrdup(row->function);
	task->created = row->created;
	snprintf(
	    task->recurrence, sizeof task->recurrence, "%s", row->recurrence);
	HASH_ADD(hh, live->tasks, id, sizeof task->id, task);
	return task;
}

static void
free_task(struct live_task *task)
{
	json_decref(task->wait);
	free(task->name);
	free(task->function);
	free(task->data);
	free(task);
}

/* One that is still to be asked for is freed by that. */
static void
remove_task(struct live *live, struct live_task *task, double time)
{
	note(live, task, LIVE_GONE, time);
	/* NOLINTNEXTLINE: the analyzer takes the first task for the last */
	HASH_DEL(live->tasks, task);
	if (task->is_stale)
		task->id = 0;
	else
		free_task(task);
}

/* Makes the task what the row says; adds it where it is not there. */
static struct live_task *
set_task(struct live *live, const struct row *row, double time)
{
	struct live_task *task = live_find(live, row->id);
	bool is_new = task == NULL;

	if (is_new)
		task = add_task(live, row);
	task->reading = live->reading;
	task->has_started = row->started > 0;
	snprintf(task->state, sizeof task->state, "%s", row->state);
	json_decref(task->wait);
	task->wait = json_incref(row->wait);
	note(live, task, is_new ? LIVE_NEW : LIVE_CHANGED, time);
	return task;
}

/* --- rows that are asked for --------------------------------------------- */

void
live_ask(struct live *live, struct live_task *task)
{
	if (task->is_stale)
		return;
	task->is_stale = true;
	task->next_stale = NULL;
	*live->stale_end = task;
	live->stale_end = &task->next_stale;
}

static struct live_task *
take_stale(struct live *live)
{
	struct live_task *task = live->stale;

	if (task == NULL)
		return NULL;
	live->stale = task->next_stale;
	if (live->stale == NULL)
		live->stale_end = &live->stale;
	task->is_stale = false;
	return task;
}

void
live_flush(struct live *live)
{
	struct live_task *task;

	while (live->asked < ASKED_MOST && (task = take_stale(live)) != NULL) {
		if (task->id == 0) {
			free_task(task);
			continue;
		}
		call_send(live->call, "tree",
		    json_pack("{s:I, s:i}", "task", task->id, "depth", 0));
		live->asked++;
	}
}

/* It may have ended meanwhile. */
static void
note_row(struct live *live, const struct reply *reply)
{
	const json_t *tasks = json_object_get(reply->result, "tasks");
	struct row row;

	live->asked--;
	if (json_array_size(tasks) != 1 ||
	    read_row(&row, json_array_get(tasks, 0)) == -1 ||
	    live_find(live, row.id) == NULL)
		return;
	set_task(live, &row, render_now());
}

/* --- the tree ------------------------------------------------------------ */

static void
ask_page(struct live *live, json_t *cursor)
{
	json_t *params = json_object();

	if (cursor != NULL)
		json_object_set(params, "after", cursor);
	live->page = call_send(live->call, "tree", params);
}

static void
read_tree(struct live *live)
{
	live->again = false;
	live->reading++;
	ask_page(live, NULL);
}

/* What was not in the tree has ended without our being told. */
static void
end_tree(struct live *live)
{
	struct live_task *task, *next;
	double now = render_now();

	live->page = 0;
	live->is_read = true;
	HASH_ITER (hh, live->tasks, task, next)
		if (task->reading != live->reading)
			remove_task(live, task, now);
	if (live->again)
		read_tree(live);
}

static void
note_page(struct live *live, const struct reply *reply)
{
	json_t *next = json_object_get(reply->result, "next"), *value;
	json_t *tasks = json_object_get(reply->result, "tasks");
	double now = render_now();
	struct row row;
	size_t i;

	/* There are no more rows, but still events. */
	if (call_is_over(reply->error)) {
		live->page = 0;
		return;
	}
	if (reply->error != NULL)
		exit(report_error(reply->error));
	if (!json_is_array(tasks) || next == NULL)
		call_refuse_result(live->call);
	json_array_foreach (tasks, i, value) {
		if (read_row(&row, value) == -1)
			call_refuse_result(live->call);
		row.wait = NULL; /* of all tasks that would be much to hold */
		if (is_shown(&row))
			set_task(live, &row, now);
	}
	if (json_is_null(next))
		end_tree(live);
	else
		ask_page(live, next);
}

/* --- events -------------------------------------------------------------- */

static void
note_missed(struct live *live, json_t *params)
{
	json_int_t from = 0, to = 0;

	json_unpack(params, "{s:I, s:I}", "from", &from, "to", &to);
	if (live->missed != NULL)
		live->missed(live->arg, from, to);
	if (live->page != 0)
		live->again = true;
	else
		read_tree(live);
}

/* The row that an event has is of a moment in which the task is about to do
   something: what it does then is asked for. */
static void
note_change(
    struct live *live, const char *what, const struct row *row, double time)
{
	struct live_task *task = live_find(live, row->id);

	if (strcmp(what, "finished") == 0) {
		if (task == NULL)
			return;
		snprintf(task->state, sizeof task->state, "%s", row->state);
		remove_task(live, task, time);
		return;
	}
	task = set_task(live, row, time);
	if (strcmp(what, "failed") == 0)
		note(live, task, LIVE_FAILED, time);
	else
		live_ask(live, task);
}

static void
note_event(void *arg, json_t *params)
{
	struct live *live = arg;
	const char *what;
	json_t *value;
	double time;
	struct row row;

	if (json_unpack(params, "{s:s}", "what", &what) == -1)
		call_refuse_result(live->call);
	if (strcmp(what, "missed") == 0) {
		note_missed(live, params);
		return;
	}
	if (json_unpack(params, "{s:F, s:o}", "time", &time, "task", &value) ==
		-1 ||
	    read_row(&row, value) == -1)
		call_refuse_result(live->call);
	row.wait = NULL;
	note_change(live, what, &row, time);
}

/* --- all of it ----------------------------------------------------------- */

void
live_start(struct live *live)
{
	live->stale_end = &live->stale;
	live->call->method = "event";
	live->call->notify = note_event;
	live->call->arg = live;
	live->subscribe = call_send(live->call, "subscribe", NULL);
	call_stay(live->call);
	read_tree(live);
}

void
live_stop(struct live *live)
{
	struct live_task *task, *next;

	live->call->notify = NULL;
	while ((task = take_stale(live)) != NULL)
		if (task->id == 0)
			free_task(task);
	task = live->tasks;
	HASH_CLEAR(hh, live->tasks);
	for (; task != NULL; task = next) {
		next = task->hh.next;
		free_task(task);
	}
}

void
live_take(struct live *live, const struct reply *reply)
{
	json_int_t id = json_integer_value(reply->id);

	if (id == live->subscribe) {
		if (reply->error != NULL)
			exit(report_error(reply->error));
	} else if (id == live->page) {
		note_page(live, reply);
	} else {
		note_row(live, reply);
	}
}
