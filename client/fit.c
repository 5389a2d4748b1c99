/* A table made no wider than the terminal. */
#include "config.h"

#include "client/fit.h"

#include <stdint.h>
#include <stdlib.h>
#include <libsmartcols.h>

#include "client/text.h"
#include "proto/xalloc.h"

struct column {
	struct libscols_column *column;
	size_t natural; /* the width of its widest cell */
	size_t least;	/* of its heading: narrower, it is left out */
	size_t width;	/* 0: left out */
};

struct fit {
	struct libscols_table *table;
	struct libscols_iter *iter;
	struct column *columns;
	size_t count;
};

static size_t
width_of(struct libscols_cell *cell)
{
	const char *text = scols_cell_get_data(cell);
	size_t used = 0;

	if (text != NULL)
		(void)text_fit(text, SIZE_MAX, &used);
	return used;
}

/* The next cell of that column, NULL after the last. */
static struct libscols_cell *
next_cell(struct fit *fit, size_t n)
{
	struct libscols_line *line;
	int end = scols_table_next_line(fit->table, fit->iter, &line);

	return end == 0 ? scols_line_get_cell(line, n) : NULL;
}

static void
measure(struct fit *fit, size_t n)
{
	struct column *column = &fit->columns[n];
	struct libscols_cell *cell;
	size_t width;

	column->column = scols_table_get_column(fit->table, n);
	column->least = width_of(scols_column_get_header(column->column));
	column->natural = column->least;
	scols_reset_iter(fit->iter, SCOLS_ITER_FORWARD);
	while ((cell = next_cell(fit, n)) != NULL) {
		width = width_of(cell);
		if (width > column->natural)
			column->natural = width;
	}
}

/* What the first column may have: the others are whole but for the last. */
static size_t
share_of_names(const struct fit *fit, size_t columns)
{
	size_t others = 0, i;

	for (i = 1; i < fit->count; i++)
		others += 1 + (i + 1 < fit->count ? fit->columns[i].natural :
						    fit->columns[i].least);
	if (others + columns / 2 < columns)
		return columns - others;
	return columns / 2;
}

/* From the left, with a space before each; what is left at the end is the
   names' again. */
static void
share(struct fit *fit, size_t columns)
{
	size_t most = share_of_names(fit, columns), left = columns, i;
	struct column *names = fit->columns, *column;

	names->width = names->natural < most ? names->natural : most;
	left -= names->width;
	for (i = 1; i < fit->count; i++) {
		column = &fit->columns[i];
		if (left < 1 + column->least)
			break;
		column->width =
		    column->natural < left ? column->natural : left - 1;
		left -= 1 + column->width;
	}
	names->width += left;
}

static void
cut_cell(struct libscols_cell *cell, size_t width)
{
	const char *text = scols_cell_get_data(cell);
	size_t used = 0;

	if (text != NULL && width_of(cell) > width)
		(void)scols_cell_refer_data(cell,
		    xasprintf("%.*s", (int)text_fit(text, width, &used), text));
}

static void
cut(struct fit *fit, size_t n)
{
	struct column *column = &fit->columns[n];
	struct libscols_cell *cell;

	if (column->width == 0)
		scols_column_set_flags(column->column, SCOLS_FL_HIDDEN);
	if (column->width == 0 || column->natural <= column->width)
		return;
	cut_cell(scols_column_get_header(column->column), column->width);
	scols_reset_iter(fit->iter, SCOLS_ITER_FORWARD);
	while ((cell = next_cell(fit, n)) != NULL)
		cut_cell(cell, column->width);
}

void
fit_table(struct libscols_table *table, size_t columns)
{
	struct fit fit = {.table = table,
	    .iter = xcheck(scols_new_iter(SCOLS_ITER_FORWARD)),
	    .count = scols_table_get_ncols(table)};
	size_t total = 0, i;

	fit.columns = xcalloc(fit.count, sizeof *fit.columns);
	for (i = 0; i < fit.count; i++) {
		measure(&fit, i);
		total += (i > 0) + fit.columns[i].natural;
	}
	if (total > columns) {
		share(&fit, columns);
		for (i = 0; i < fit.count; i++)
			cut(&fit, i);
	}
	free(fit.columns);
	scols_free_iter(fit.iter);
}
