/* The terminal as cells that are drawn and keys that are read: curses, and
   nobody else knows it. */
#ifndef CLIENT_PANEL_H
#define CLIENT_PANEL_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

/* Beside characters. */
enum panel_key {
	PANEL_NONE = 0x200000, /* no key was pressed */
	PANEL_UP,
	PANEL_DOWN,
	PANEL_LEFT,
	PANEL_RIGHT,
	PANEL_PAGE_UP,
	PANEL_PAGE_DOWN,
	PANEL_HOME,
	PANEL_END,
	PANEL_ENTER,
	PANEL_ESCAPE,
	PANEL_RESIZE, /* no key: the terminal has another size */
	PANEL_OTHER
};

enum panel_look {
	PANEL_PLAIN,
	PANEL_BOLD,
	PANEL_GREEN,
	PANEL_BLUE,
	PANEL_CYAN,
	PANEL_YELLOW
};

/*
 * Takes the terminal on stdin and stdout. A report, exit and panel_close give
 * it back; Ctrl-Z does for as long as the process is stopped. The signals of
 * client/interrupt are caught, to end the process in order. `mask` is set to
 * what to wait with.
 */
void panel_open(bool color, sigset_t *mask);
void panel_close(void);

/* What fits. */
int panel_rows(void);
int panel_columns(void);

/* Draws go to a copy of the screen; panel_show shows it. */
void panel_clear(void);
void panel_show(void);

/* The look of what is put from now on. */
void panel_set_look(enum panel_look look, bool is_reverse);

/* Puts text, made safe, and spaces behind it, in that many columns; what is
   wider is cut. */
void panel_put(int row, int column, int width, const char *text);

/* A key that is there, without waiting. */
int panel_key(void);

#endif
