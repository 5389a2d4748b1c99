/* Tables on stdout; libsmartcols makes each cell safe for a terminal. */
#ifndef CLIENT_RENDER_H
#define CLIENT_RENDER_H

#include <stdbool.h>
#include <jansson.h>

struct branch;
struct libscols_table;

/* What RENDER_SIZE bytes hold. */
#define RENDER_SIZE 320

/* The time of day in Unix seconds. */
double render_now(void);

/*
 * Writes what a task waits for and how long, as of `now`: "9.5s left",
 * "join 12 for 3s". `wait` is that member of its row, NULL for none.
 */
void render_wait(char text[RENDER_SIZE], const json_t *wait, double now);

/* A table of tasks: name, id, state, wait. Free with render_delete. */
struct libscols_table *render_tasks_new(bool color);

/*
 * Prints a page of rows, the first under headings. `branch` draws them as a
 * tree; NULL for a plain list.
 */
void render_tasks(
    struct libscols_table *table, const json_t *rows, struct branch *branch);

/* A table of two columns; NULL for the headings leaves them out. */
struct libscols_table *render_pairs_new(
    const char *left_heading, const char *right_heading);
void render_pair(
    struct libscols_table *table, const char *left, const char *right);

/* Prints the rows added since the last time. */
void render_flush(struct libscols_table *table);

void render_delete(struct libscols_table *table);

#endif
