/* The table of top: live tasks in an order, one of them chosen. */
#include "config.h"

#include "client/board.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/duration.h"
#include "client/panel.h"
#include "client/render.h"
#include "proto/xalloc.h"

/* The columns' least widths; NAME and WAITS FOR share what is left. */
#define ID_WIDTH    7
#define STATE_WIDTH 9
#define AGE_WIDTH   8
#define CPU_WIDTH   5

static const char *const headings[] = {
    [BOARD_NAME] = "NAME",
    [BOARD_ID] = "ID",
    [BOARD_STATE] = "STATE",
    [BOARD_AGE] = "AGE",
    [BOARD_CPU] = "CPU%",
    [BOARD_WAIT] = "WAITS FOR",
};

void
board_destroy(struct board *board)
{
	free(board->rows);
}

void
board_change(struct board *board)
{
	board->is_changed = true;
}

/* --- the order ----------------------------------------------------------- */

static double
percent_of(const struct live_task *task)
{
	const struct usage *usage = task->data;

	return usage == NULL || usage->at == 0 ? -1 : usage->percent;
}

static int
compare_numbers(double a, double b)
{
	return (a > b) - (a < b);
}

/* By what a user looks for: the oldest, and what uses most, first. */
static int
compare_by(enum board_column order, const struct live_task *a,
    const struct live_task *b)
{
	switch (order) {
	case BOARD_NAME:
		return strcmp(a->name, b->name);
	case BOARD_STATE:
		return strcmp(a->state, b->state);
	case BOARD_AGE:
		return compare_numbers(a->created, b->created);
	case BOARD_CPU:
		return compare_numbers(percent_of(b), percent_of(a));
	default:
		return 0;
	}
}

static int
compare(const void *left, const void *right, void *arg)
{
	const struct live_task *a = *(struct live_task *const *)left,
			       *b = *(struct live_task *const *)right;
	const struct board *board = arg;
	int result = compare_by(board->order, a, b);

	if (result == 0)
		result = (a->id > b->id) - (a->id < b->id);
	return board->is_reverse ? -result : result;
}

static void
find_chosen(struct board *board)
{
	size_t i;

	for (i = 0; i < board->count; i++)
		if (board->rows[i]->id == board->chosen)
			board->cursor = i;
	if (board->cursor >= board->count)
		board->cursor = board->count > 0 ? board->count - 1 : 0;
	board->chosen = board->count > 0 ? board->rows[board->cursor]->id : 0;
}

static void
order_rows(struct board *board)
{
	struct live_task *task;

	if (!board->is_changed)
		return;
	board->is_changed = false;
	if (live_count(board->live) > board->size) {
		board->size = 2 * live_count(board->live);
		board->rows = xrealloc(
		    board->rows, board->size * sizeof(struct live_task *));
	}
	board->count = 0;
	for (task = board->live->tasks; task != NULL; task = task->hh.next)
		board->rows[board->count++] = task;
	if (board->count > 0)
		qsort_r(board->rows, board->count, sizeof(struct live_task *),
		    compare, board);
	find_chosen(board);
}

void
board_next_order(struct board *board)
{
	board->order = (board->order + 1) % BOARD_WAIT;
	board_change(board);
}

/* --- what is chosen ------------------------------------------------------ */

void
board_move(struct board *board, long by)
{
	order_rows(board);
	if (board->count == 0)
		return;
	if (by < 0 && (size_t)-by > board->cursor)
		board->cursor = 0;
	else if (by > 0 && (size_t)by >= board->count - board->cursor)
		board->cursor = board->count - 1;
	else
		board->cursor += (size_t)by;
	board->chosen = board->rows[board->cursor]->id;
}

void
board_page(struct board *board, int pages)
{
	board_move(board, pages * (long)(board->shown > 1 ? board->shown : 1));
}

struct live_task *
board_chosen(struct board *board)
{
	return live_find(board->live, board->chosen);
}

struct live_task *
board_shown(const struct board *board, size_t i)
{
	if (board->is_changed || i >= board->shown ||
	    board->top + i >= board->count)
		return NULL;
	return board->rows[board->top + i];
}

/* --- the screen ---------------------------------------------------------- */

/* Where each column begins; the last is where the screen ends. */
struct layout {
	int at[BOARD_WAIT + 2];
};

static struct layout
lay_out(int columns)
{
	static const int fixed[] = {
	    ID_WIDTH, STATE_WIDTH, AGE_WIDTH, CPU_WIDTH};
	int rest = columns - (ID_WIDTH + STATE_WIDTH + AGE_WIDTH + CPU_WIDTH) -
		   BOARD_WAIT;
	int name = rest / 2 > 8 ? rest / 2 : 8, column, i;
	struct layout layout = {{0}};

	if (name > 40)
		name = 40;
	column = name + 1;
	for (i = 0; i < BOARD_WAIT; i++) {
		layout.at[i + 1] = column;
		if (i < BOARD_WAIT - 1)
			column += fixed[i] + 1;
	}
	layout.at[BOARD_WAIT + 1] = columns + 1;
	return layout;
}

static bool
is_right(enum board_column column)
{
	return column == BOARD_ID || column == BOARD_AGE || column == BOARD_CPU;
}

static void
put_cell(const struct layout *layout, int row, enum board_column column,
    const char *text)
{
	int at = layout->at[column], width = layout->at[column + 1] - at - 1;
	int length = (int)strlen(text);

	panel_put(row, at, width + 1, "");
	if (is_right(column) && length < width) /* digits and the like */
		at += width - length;
	panel_put(row, at, layout->at[column + 1] - at - 1, text);
}

static void
draw_headings(const struct board *board, const struct layout *layout, int row)
{
	enum board_column column;
	char text[32];

	for (column = BOARD_NAME; column <= BOARD_WAIT; column++) {
		panel_set_look(
		    column == board->order ? PANEL_BOLD : PANEL_PLAIN, true);
		snprintf(text, sizeof text, "%s%s", headings[column],
		    column != board->order ? "" :
		    board->is_reverse	   ? "-" :
					     "+");
		put_cell(layout, row, column, text);
	}
}

static enum panel_look
look_of(const char *state)
{
	static const struct {
		const char *state;
		enum panel_look look;
	} looks[] = {
	    {"ready", PANEL_GREEN},
	    {"running", PANEL_GREEN},
	    {"sleeping", PANEL_BLUE},
	    {"waiting", PANEL_CYAN},
	    {"paused", PANEL_YELLOW},
	};
	size_t i;

	for (i = 0; i < sizeof looks / sizeof looks[0]; i++)
		if (strcmp(looks[i].state, state) == 0)
			return looks[i].look;
	return PANEL_PLAIN;
}

static void
draw_task(const struct layout *layout, int row, const struct live_task *task,
    bool is_chosen)
{
	double now = render_now(), percent = percent_of(task);
	char id[32], age[DURATION_SIZE], cpu[32] = "", wait[RENDER_SIZE];

	snprintf(id, sizeof id, "%" JSON_INTEGER_FORMAT, task->id);
	duration_format(age, now - task->created);
	if (percent >= 0)
		snprintf(cpu, sizeof cpu, "%.0f", percent);
	render_wait(wait, task->wait, now);
	panel_set_look(PANEL_PLAIN, is_chosen);
	put_cell(layout, row, BOARD_NAME, task->name);
	put_cell(layout, row, BOARD_ID, id);
	panel_set_look(look_of(task->state), is_chosen);
	put_cell(layout, row, BOARD_STATE, task->state);
	panel_set_look(PANEL_PLAIN, is_chosen);
	put_cell(layout, row, BOARD_AGE, age);
	put_cell(layout, row, BOARD_CPU, cpu);
	put_cell(layout, row, BOARD_WAIT, wait);
}

/* The chosen one is always among those shown. */
static void
scroll(struct board *board, int rows)
{
	board->shown = rows > 0 ? (size_t)rows : 0;
	if (board->cursor < board->top)
		board->top = board->cursor;
	if (board->shown > 0 && board->cursor >= board->top + board->shown)
		board->top = board->cursor - board->shown + 1;
	if (board->top + board->shown > board->count)
		board->top = board->count > board->shown ?
				 board->count - board->shown :
				 0;
}

void
board_draw(struct board *board, int row, int rows)
{
	struct layout layout = lay_out(panel_columns());
	struct live_task *task;
	size_t i;

	order_rows(board);
	scroll(board, rows - 1);
	draw_headings(board, &layout, row);
	for (i = 0; (task = board_shown(board, i)) != NULL; i++)
		draw_task(&layout, row + 1 + (int)i, task,
		    board->top + i == board->cursor);
}
