/* Tables on stdout, by libsmartcols; each cell is made safe for a terminal. */
#include "config.h"

#include "client/render.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <libsmartcols.h>

#include "client/branch.h"
#include "client/duration.h"
#include "client/fit.h"
#include "client/terminal.h"
#include "client/text.h"
#include "proto/xalloc.h"

/* Seconds that time_t has, and no calendar. */
#define TIME_MOST 1e18

enum { COLUMN_NAME, COLUMN_ID, COLUMN_STATE, COLUMN_WAIT };

static const struct {
	const char *state, *color;
} colors[] = {
    {"ready", "green"},
    {"running", "green"},
    {"sleeping", "blue"},
    {"waiting", "cyan"},
    {"paused", "yellow"},
    {"failed", "red"},
    {"timeout", "red"},
    {"cancelled", "magenta"},
};

static const char *
string_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text != NULL ? text : "";
}

static const char *
color_of(const char *state)
{
	size_t i;

	for (i = 0; i < sizeof colors / sizeof colors[0]; i++)
		if (strcmp(colors[i].state, state) == 0)
			return colors[i].color;
	return NULL;
}

/* "join 12 14", "join 12 14 +8", "pool builds, place 3", or what else the task
   waits for. */
static void
write_awaited(FILE *out, const json_t *wait)
{
	json_t *tasks = json_object_get(wait, "tasks"), *task;
	json_int_t count = json_integer_value(json_object_get(wait, "count"));
	size_t i;

	fprintf(out, "%s", string_of(wait, "for"));
	if (json_object_get(wait, "pool") != NULL)
		fprintf(out, " %s", string_of(wait, "pool"));
	if (json_object_get(wait, "place") != NULL)
		fprintf(out, ", place %" JSON_INTEGER_FORMAT,
		    json_integer_value(json_object_get(wait, "place")));
	json_array_foreach (tasks, i, task)
		fprintf(
		    out, " %" JSON_INTEGER_FORMAT, json_integer_value(task));
	if (count > (json_int_t)json_array_size(tasks))
		fprintf(out, " +%" JSON_INTEGER_FORMAT,
		    count - (json_int_t)json_array_size(tasks));
}

void
render_wait(char text[RENDER_SIZE], const json_t *wait, double now)
{
	json_t *until = json_object_get(wait, "until"),
	       *since = json_object_get(wait, "since");
	char span[DURATION_SIZE];
	FILE *out;

	memset(text, 0, RENDER_SIZE);
	if (!json_is_object(wait))
		return;
	out = xcheck(fmemopen(text, RENDER_SIZE - 1, "w"));
	if (json_is_number(until)) {
		duration_format(span, json_number_value(until) - now);
		fprintf(out, "%s left", span);
	} else {
		write_awaited(out, wait);
		if (json_is_number(since)) {
			duration_format(span, now - json_number_value(since));
			fprintf(out, " for %s", span);
		}
	}
	fclose(out);
}

static struct libscols_table *
table_new(void)
{
	struct libscols_table *table = xcheck(scols_new_table());

	/* It would let format characters pass. */
	scols_table_enable_noencoding(table, 1);
	return table;
}

static void
add_column(
    struct libscols_table *table, const char *name, double hint, int flags)
{
	(void)xcheck(scols_table_new_column(table, name, hint, flags));
}

static struct libscols_line *
add_line(struct libscols_table *table)
{
	return xcheck(scols_table_new_line(table, NULL));
}

/* What libsmartcols may return is that memory is out. */
static void
check(int result)
{
	if (result != 0)
		(void)xcheck(NULL);
}

static void
set_cell(struct libscols_line *line, size_t column, const char *text)
{
	check(scols_line_refer_data(
	    line, column, text_safe(text, strlen(text), "")));
}

static struct libscols_table *
tasks_new(const struct render *render)
{
	struct libscols_table *table = table_new();

	if (render->out != NULL) {
		scols_table_set_stream(table, render->out);
		scols_table_set_termforce(table, SCOLS_TERMFORCE_ALWAYS);
		scols_table_set_termwidth(table, render->columns);
	}
	scols_table_enable_colors(table, render->color);
	scols_table_enable_noheadings(table, render->has_headings);
	add_column(table, "NAME", 0, 0);
	add_column(table, "ID", 0, SCOLS_FL_RIGHT);
	add_column(table, "STATE", 0, 0);
	add_column(table, "WAITS FOR", 0, 0);
	return table;
}

static void
add_task(struct libscols_table *table, const json_t *row, const char *prefix,
    double now)
{
	struct libscols_line *line = add_line(table);
	const char *state = string_of(row, "state");
	char *name = xasprintf("%s%s", prefix, string_of(row, "name"));
	char wait[RENDER_SIZE];

	set_cell(line, COLUMN_NAME, name);
	free(name);
	check(scols_line_refer_data(line, COLUMN_ID,
	    xasprintf("%" JSON_INTEGER_FORMAT,
		json_integer_value(json_object_get(row, "id")))));
	set_cell(line, COLUMN_STATE, state);
	check(scols_cell_set_color(
	    scols_line_get_cell(line, COLUMN_STATE), color_of(state)));
	render_wait(wait, json_object_get(row, "wait"), now);
	set_cell(line, COLUMN_WAIT, wait);
}

double
render_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int
render_time(char text[RENDER_TIME_SIZE], bool zone, double time)
{
	time_t seconds =
	    time > -TIME_MOST && time < TIME_MOST ? (time_t)time : INT64_MAX;
	struct tm tm;

	*text = '\0';
	if (localtime_r(&seconds, &tm) == NULL)
		return 0;
	strftime(text, RENDER_TIME_SIZE,
	    zone ? "%Y-%m-%d %H:%M:%S %z" : "%Y-%m-%d %H:%M:%S", &tm);
	return (int)((time - (double)seconds) * 1000);
}

void
render_tasks(struct render *render, const json_t *rows)
{
	struct libscols_table *table = tasks_new(render);
	char prefix[BRANCH_SIZE] = "";
	double now = render_now();
	json_t *row;
	size_t i;

	json_array_foreach (rows, i, row) {
		if (render->branch != NULL)
			branch_draw(render->branch, prefix,
			    json_integer_value(json_object_get(row, "level")),
			    json_integer_value(
				json_object_get(row, "children")));
		add_task(table, row, prefix, now);
	}
	render->has_headings = render->has_headings || i > 0;
	if (render->out == NULL) {
		render_finish(table);
	} else {
		fit_table(table, render->columns);
		render_finish_whole(table);
	}
}

struct libscols_table *
render_table_new(const char *const *headings)
{
	struct libscols_table *table = table_new();

	for (; *headings != NULL; headings++)
		add_column(table, *headings, 0, 0);
	return table;
}

void
render_row(struct libscols_table *table, const char *const *cells)
{
	struct libscols_line *line = add_line(table);
	size_t i;

	for (i = 0; cells[i] != NULL; i++)
		set_cell(line, i, cells[i]);
}

struct libscols_table *
render_pairs_new(const char *left_heading, const char *right_heading)
{
	const char *const none[] = {"-", "-", NULL};
	const char *const headings[] = {left_heading, right_heading, NULL};
	struct libscols_table *table =
	    render_table_new(left_heading != NULL ? headings : none);

	scols_table_enable_noheadings(table, left_heading == NULL);
	return table;
}

void
render_pair(struct libscols_table *table, const char *left, const char *right)
{
	const char *const cells[] = {left, right, NULL};

	render_row(table, cells);
}

void
render_finish(struct libscols_table *table)
{
	if (isatty(STDOUT_FILENO))
		fit_table(table, terminal_size(STDOUT_FILENO).columns);
	render_finish_whole(table);
}

void
render_finish_whole(struct libscols_table *table)
{
	check(scols_print_table(table));
	scols_unref_table(table);
}
