/* Tables on stdout, by libsmartcols; each cell is made safe for a terminal. */
#ifndef CLIENT_RENDER_H
#define CLIENT_RENDER_H

#include <stdbool.h>
#include <stdio.h>
#include <jansson.h>

struct branch;
struct libscols_table;

/* What RENDER_SIZE bytes hold. */
#define RENDER_SIZE 320

/* The time of day in Unix seconds. */
double render_now(void);

/* What RENDER_TIME_SIZE bytes hold. */
#define RENDER_TIME_SIZE 64

/* Writes such a time as a local date and time, with its zone or without, and
   nothing where there is no such year. Returns its milliseconds. */
int render_time(char text[RENDER_TIME_SIZE], bool zone, double time);

/*
 * Writes what a task waits for and how long, as of `now`: "9.5s left",
 * "join 12 for 3s". `wait` is that member of its row, NULL for none.
 */
void render_wait(char text[RENDER_SIZE], const json_t *wait, double now);

/* How tasks are shown, page by page. */
struct render {
	bool color;
	struct branch *branch; /* draws them as a tree; NULL for a list */
	bool has_headings;     /* they are printed; at first false */
	FILE *out;	       /* NULL for stdout, which knows its width */
	size_t columns;	       /* of out */
};

/* Prints a table of rows: name, id, state, and what each waits for. */
void render_tasks(struct render *render, const json_t *rows);

/* A table of columns; NULL ends the headings, and the cells of a row. */
struct libscols_table *render_table_new(const char *const *headings);
void render_row(struct libscols_table *table, const char *const *cells);

/* One of two columns; NULL for the headings leaves them out. */
struct libscols_table *render_pairs_new(
    const char *left_heading, const char *right_heading);
void render_pair(
    struct libscols_table *table, const char *left, const char *right);

/* Prints and frees the table, fit to stdout where that is a terminal; or as it
   is. */
void render_finish(struct libscols_table *table);
void render_finish_whole(struct libscols_table *table);

#endif
