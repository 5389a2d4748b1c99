/* tasklet-ctl top: a table of what goes on, as it goes on. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/board.h"
#include "client/command.h"
#include "client/duration.h"
#include "client/interrupt.h"
#include "client/pager.h"
#include "client/panel.h"
#include "client/render.h"
#include "client/report.h"
#include "proto/xalloc.h"

/* Between two looks at what no event tells: how tasks on the screen wait, and
   what they use. */
#define LOOK_SECONDS 1.0

/* Between two draws, also in a storm of events. */
#define DRAW_SECONDS 0.05

/* Commands whose use is asked for at a time, where it is what they are ordered
   by and so not only those on the screen matter. */
#define USAGES_MOST 1000

static const char help_line[] =
    "q quit  arrows move  s, S sort  c cancel  p pause  r resume  Enter output";

struct top {
	struct client *client;
	struct live live;
	struct board board;
	sigset_t mask; /* to wait with */
	double looked, drawn;
	double cost;   /* of the last draw, in seconds */
	bool is_drawn; /* the screen shows what there is */
	bool has_ended;

	/* Requests for usage: the next ids from the first on. */
	json_int_t usage;
	size_t usages, usages_left;

	json_int_t change;	   /* request: to cancel, pause or resume; 0 */
	const char *method, *verb; /* of it */

	json_int_t
	    question; /* the task to be cancelled, if that is confirmed */
	char *notice; /* in the last row; NULL for the help line */
};

/* --- what is told -------------------------------------------------------- */

static void
set_notice(struct top *top, char *text)
{
	free(top->notice);
	top->notice = text;
	top->is_drawn = false;
}

static void
note_task(
    void *arg, struct live_task *task, enum live_change change, double time)
{
	struct top *top = arg;

	(void)time;
	if (change == LIVE_NEW)
		task->data = xcalloc(1, sizeof(struct usage));
	board_change(&top->board);
	top->is_drawn = false;
}

static void
note_usage(struct top *top, const json_t *task)
{
	struct usage *usage;
	struct live_task *live;
	double user, system, now = render_now(), since;
	json_int_t id;

	top->usages_left--;
	if (json_unpack((json_t *)task, "{s:I, s:{s:F, s:F}}", "id", &id, "cpu",
		"user", &user, "system", &system) == -1 ||
	    (live = live_find(&top->live, id)) == NULL)
		return;
	usage = live->data;
	since = usage->at > 0 ? usage->at : live->created;
	if (now > since)
		usage->percent =
		    100 * (user + system - usage->cpu) / (now - since);
	usage->cpu = user + system;
	usage->at = now;
	top->is_drawn = false;
	if (top->board.order == BOARD_CPU)
		board_change(&top->board);
}

static void
note_change(struct top *top, const struct reply *reply)
{
	const char *message =
	    json_string_value(json_object_get(reply->error, "message"));
	json_int_t count =
	    json_integer_value(json_object_get(reply->result, "count"));

	top->change = 0;
	top->looked = 0;
	if (top->question != 0)
		return; /* it is to be read before it is answered */
	if (reply->error != NULL)
		set_notice(top, xstrdup(message != NULL ? message : "error"));
	else
		set_notice(top, xasprintf("%s %" JSON_INTEGER_FORMAT " task%s",
				    top->verb, count, count == 1 ? "" : "s"));
}

static void
take_reply(struct top *top, const struct reply *reply)
{
	json_int_t id = json_integer_value(reply->id);

	if (id == top->change)
		note_change(top, reply);
	else if (id >= top->usage && id < top->usage + (json_int_t)top->usages)
		note_usage(top, reply->result);
	else
		live_take(&top->live, reply);
}

/* --- what is asked for --------------------------------------------------- */

static void
ask_usage(struct top *top, const struct live_task *task)
{
	json_int_t id;

	if (strcmp(task->function, "exec") != 0 || top->usages >= USAGES_MOST)
		return;
	id = call_send(
	    top->live.call, "show", json_pack("{s:I}", "task", task->id));
	if (top->usages++ == 0)
		top->usage = id;
}

static void
ask_usages(struct top *top)
{
	struct live_task *task;
	size_t i;

	if (top->usages_left > 0)
		return;
	top->usages = 0;
	if (top->board.order == BOARD_CPU)
		for (task = top->live.tasks; task != NULL; task = task->hh.next)
			ask_usage(top, task);
	else
		for (i = 0; (task = board_shown(&top->board, i)) != NULL; i++)
			ask_usage(top, task);
	top->usages_left = top->usages;
}

static void
look(struct top *top)
{
	struct live_task *task;
	size_t i;

	for (i = 0; (task = board_shown(&top->board, i)) != NULL; i++)
		live_ask(&top->live, task);
	ask_usages(top);
	top->looked = render_now();
	top->is_drawn = false; /* ages, too */
}

static void
change(struct top *top, const char *method, const char *verb, json_int_t id)
{
	if (top->change != 0)
		return; /* the last one is on its way */
	top->verb = verb;
	top->change =
	    call_send(top->live.call, method, json_pack("{s:I}", "task", id));
}

/* --- the screen ---------------------------------------------------------- */

static void
draw(struct top *top)
{
	int rows = panel_rows(), columns = panel_columns();
	double before = render_now();
	char *title = xasprintf("%zu task%s%s", live_count(&top->live),
	    live_count(&top->live) == 1 ? "" : "s",
	    top->live.is_read ? "" : " so far");

	panel_clear();
	panel_set_look(PANEL_BOLD, false);
	panel_put(0, 0, columns, title);
	if (rows > 2)
		board_draw(&top->board, 1, rows - 2);
	panel_set_look(top->notice != NULL ? PANEL_BOLD : PANEL_PLAIN, false);
	panel_put(rows - 1, 0, columns,
	    top->notice != NULL ? top->notice : help_line);
	panel_show();
	free(title);
	top->drawn = render_now();
	top->cost = top->drawn - before;
	top->is_drawn = true;
}

/* A draw that takes long, of a long table, is not done so often. */
static double
next_draw(const struct top *top)
{
	return top->drawn +
	       (5 * top->cost > DRAW_SECONDS ? 5 * top->cost : DRAW_SECONDS);
}

static void
show_output(struct top *top, const struct live_task *task)
{
	char *name = xstrdup(task->name);
	char *error = pager_show(top->live.call, task->id, name, &top->mask);

	if (error != NULL)
		set_notice(top, error);
	free(name);
	top->looked = 0;
	top->is_drawn = false;
}

/* --- keys ---------------------------------------------------------------- */

static void
ask_cancel(struct top *top, const struct live_task *task)
{
	top->question = task->id;
	set_notice(top,
	    xasprintf("cancel? y or n: task %" JSON_INTEGER_FORMAT " (%s) and "
		      "all that is below it",
		task->id, task->name));
}

static void
take_answer(struct top *top, int key)
{
	if (key == 'y' || key == 'Y')
		change(top, "cancel", "cancelled", top->question);
	top->question = 0;
}

/* What is done about the chosen task. */
static void
take_task_key(struct top *top, int key)
{
	struct live_task *task = board_chosen(&top->board);

	if (task == NULL)
		return;
	switch (key) {
	case 'c':
		ask_cancel(top, task);
		break;
	case 'p':
		change(top, "pause", "paused", task->id);
		break;
	case 'r':
		change(top, "resume", "resumed", task->id);
		break;
	case 'o':
	case PANEL_ENTER:
		show_output(top, task);
		break;
	}
}

static void
take_key(struct top *top, int key)
{
	struct board *board = &top->board;

	switch (key) {
	case 'q':
		top->has_ended = true;
		break;
	case PANEL_UP:
	case 'k':
		board_move(board, -1);
		break;
	case PANEL_DOWN:
	case 'j':
		board_move(board, 1);
		break;
	case PANEL_PAGE_UP:
		board_page(board, -1);
		break;
	case PANEL_PAGE_DOWN:
		board_page(board, 1);
		break;
	case PANEL_HOME:
	case 'g':
		board_move(board, -LONG_MAX);
		break;
	case PANEL_END:
	case 'G':
		board_move(board, LONG_MAX);
		break;
	case 's':
		board_next_order(board);
		break;
	case 'S':
		board->is_reverse = !board->is_reverse;
		board_change(board);
		break;
	default:
		take_task_key(top, key);
	}
}

/* All that are there; the screen is drawn after them. */
static void
take_keys(struct top *top, bool is_ready)
{
	int key = panel_key();

	if (is_ready && key == PANEL_NONE)
		top->has_ended = true; /* the terminal has gone */
	for (; key != PANEL_NONE && !top->has_ended; key = panel_key()) {
		top->drawn = 0;
		top->is_drawn = false;
		if (key == PANEL_RESIZE)
			continue;
		set_notice(top, NULL);
		if (top->question != 0)
			take_answer(top, key);
		else
			take_key(top, key);
	}
}

/* --- all of it ----------------------------------------------------------- */

/* Returns whether there is something to be read from the terminal. */
static bool
wait_for_more(struct top *top)
{
	double until = top->looked + LOOK_SECONDS, now = render_now();
	struct timespec most;

	if (!top->is_drawn && next_draw(top) < until)
		until = next_draw(top);
	most = duration_timespec(until > now ? until - now : 0);
	return call_wait_for(top->live.call, STDIN_FILENO, &top->mask, &most);
}

static void
watch(struct top *top)
{
	struct reply reply;

	while (!top->has_ended && interrupt_number() == 0) {
		while (call_take(top->live.call, &reply))
			take_reply(top, &reply);
		if (!top->is_drawn && render_now() >= next_draw(top))
			draw(top);
		if (render_now() >= top->looked + LOOK_SECONDS)
			look(top);
		live_flush(&top->live);
		take_keys(top, wait_for_more(top));
	}
}

static int
run_top(struct client *client, int argc, char **argv)
{
	struct top top = {
	    .client = client,
	    .live = {.call = &client->call, .note = note_task},
	    .board = {.order = BOARD_ID},
	};

	command_operands(client, argc, argv);
	call_open(&client->call);
	top.live.arg = &top;
	top.board.live = &top.live;
	panel_open(client->color, &top.mask);
	live_start(&top.live);
	watch(&top);
	panel_close();
	interrupt_pass();
	live_stop(&top.live);
	board_destroy(&top.board);
	free(top.notice);
	return STATUS_OK;
}

static const char help[] =
    "The tasks that live, without connections, a row each: a name, an id, the\n"
    "state, the age, what a command uses of a processor, and what it waits "
    "for.\n"
    "\n"
    "  Up, Down, PgUp, PgDn, Home, End (k, j, g, G)  choose a task\n"
    "  s, S          sort by the next column; the other way round\n"
    "  c             cancel the task and what is below it, after a question\n"
    "  p, r          pause it and what is below it; resume that\n"
    "  Enter, o      its output, as it comes; there, q goes back\n"
    "  q             quit\n";

const struct command cmd_top = {
    .name = "top",
    .usage = "",
    .summary = "Watch tasks in a table, and change them by keys",
    .help = help,
    .least = 0,
    .most = 0,
    .handler = run_top,
};
