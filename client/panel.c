/* The terminal as cells that are drawn and keys that are read: curses, and
   nobody else knows it. */
#include "config.h"

#include "client/panel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>
#include <curses.h>

#include "client/interrupt.h"
#include "client/report.h"
#include "client/terminal.h"
#include "client/text.h"

/* From an escape to what makes it a key, in milliseconds. */
#define ESCAPE_DELAY 25

#define KEY_ESCAPE 27

static bool is_open;
static bool has_color;

static void
set_colors(bool color)
{
	static const short colors[] = {
	    [PANEL_GREEN] = COLOR_GREEN,
	    [PANEL_BLUE] = COLOR_BLUE,
	    [PANEL_CYAN] = COLOR_CYAN,
	    [PANEL_YELLOW] = COLOR_YELLOW,
	};
	short look;

	has_color = color && start_color() == OK && use_default_colors() == OK;
	for (look = PANEL_GREEN; has_color && look <= PANEL_YELLOW; look++)
		init_pair(look, colors[look], -1);
}

/* A new size is noticed while something waits with the mask. */
static void
set_signals(sigset_t *mask)
{
	sigset_t resize;

	interrupt_catch(mask);
	sigemptyset(&resize);
	sigaddset(&resize, SIGWINCH);
	sigprocmask(SIG_BLOCK, &resize, NULL);
}

void
panel_open(bool color, sigset_t *mask)
{
	if (!terminal_is(STDOUT_FILENO) || !isatty(STDIN_FILENO))
		report_fail(STATUS_FAILED, "TerminalError",
		    "this needs a terminal: without one there are tree, list "
		    "and events");
	use_tioctl(TRUE); /* LINES and COLUMNS do not know of a new size */
	if (newterm(NULL, stdout, stdin) == NULL)
		report_fail(STATUS_FAILED, "TerminalError",
		    "TERM '%s' is no terminal that is known here",
		    getenv("TERM") != NULL ? getenv("TERM") : "");
	is_open = true;
	atexit(panel_close);
	report_set_before(panel_close);
	set_escdelay(ESCAPE_DELAY);
	set_colors(color);
	cbreak();
	noecho();
	nonl();
	curs_set(0);
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_signals(mask);
}

void
panel_close(void)
{
	if (is_open)
		endwin();
	is_open = false;
}

int
panel_rows(void)
{
	return getmaxy(stdscr);
}

int
panel_columns(void)
{
	return getmaxx(stdscr);
}

void
panel_clear(void)
{
	erase();
}

void
panel_show(void)
{
	refresh();
}

void
panel_set_look(enum panel_look look, bool is_reverse)
{
	attr_t attributes = A_NORMAL;

	if (look == PANEL_BOLD)
		attributes = A_BOLD;
	else if (look >= PANEL_GREEN && has_color)
		attributes = COLOR_PAIR(look);
	if (is_reverse)
		attributes |= A_REVERSE;
	attrset(attributes);
}

void
panel_put(int row, int column, int width, const char *text)
{
	char *safe;
	size_t length, used = 0;

	if (width > panel_columns() - column)
		width = panel_columns() - column;
	if (row < 0 || row >= panel_rows() || width <= 0)
		return;
	safe = text_safe(text, strlen(text), "");
	length = text_fit(safe, (size_t)width, &used);
	mvaddnstr(row, column, safe, (int)length);
	if (used < (size_t)width)
		hline(' ' | (chtype)getattrs(stdscr), width - (int)used);
	free(safe);
}

int
panel_key(void)
{
	int c = getch();

	switch (c) {
	case ERR:
		return PANEL_NONE;
	case KEY_RESIZE:
		return PANEL_RESIZE;
	case KEY_UP:
		return PANEL_UP;
	case KEY_DOWN:
		return PANEL_DOWN;
	case KEY_LEFT:
		return PANEL_LEFT;
	case KEY_RIGHT:
		return PANEL_RIGHT;
	case KEY_PPAGE:
		return PANEL_PAGE_UP;
	case KEY_NPAGE:
		return PANEL_PAGE_DOWN;
	case KEY_HOME:
		return PANEL_HOME;
	case KEY_END:
		return PANEL_END;
	case KEY_ENTER:
	case '\r':
	case '\n':
		return PANEL_ENTER;
	case KEY_ESCAPE:
		return PANEL_ESCAPE;
	default:
		return c > 0 && c < KEY_MIN ? c : PANEL_OTHER;
	}
}
