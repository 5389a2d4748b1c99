/* The table of top: live tasks in an order, one of them chosen. */
#ifndef CLIENT_BOARD_H
#define CLIENT_BOARD_H

#include <stdbool.h>
#include <stddef.h>

#include "client/live.h"

enum board_column {
	BOARD_NAME,
	BOARD_ID,
	BOARD_STATE,
	BOARD_AGE,
	BOARD_CPU,
	BOARD_WAIT /* by which nothing is ordered */
};

/* What a command uses; the data of its task. */
struct usage {
	double cpu;	/* seconds so far */
	double at;	/* when that was asked for; 0: never */
	double percent; /* of one processor, between the last two */
};

/* Zeroed but for live. */
struct board {
	struct live *live;
	enum board_column order;
	bool is_reverse;
	json_int_t chosen; /* the id of a task, where there are any */

	/* Of this module. */
	struct live_task **rows;
	size_t count, size;
	bool is_changed; /* the rows are not those that there are */
	size_t cursor;	 /* the index of the chosen one */
	size_t top;	 /* of the first one on the screen */
	size_t shown;	 /* how many fit there */
};

void board_destroy(struct board *board);

/* Tasks have come, gone or changed. No row is looked at before board_draw. */
void board_change(struct board *board);

/* Draws the headings in that row of the screen, and tasks in those below. */
void board_draw(struct board *board, int row, int rows);

/* Chooses another: so many further, or the first or last. */
void board_move(struct board *board, long by);
void board_page(struct board *board, int pages);

/* Orders by the next column. */
void board_next_order(struct board *board);

/* The chosen task, or NULL where there is none. */
struct live_task *board_chosen(struct board *board);

/* The i-th task on the screen, or NULL. */
struct live_task *board_shown(const struct board *board, size_t i);

#endif
