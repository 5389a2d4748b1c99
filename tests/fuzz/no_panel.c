/* Stands in for client/panel.c: a screen that nobody sees, and keys that an
   input presses. */
#include "config.h"

#include "client/panel.h"

#include <stdlib.h>
#include <string.h>

#include "client/text.h"
#include "tests/fuzz/fuzz.h"

/* What a digit is; a space is another size of the screen. */
static const enum panel_key others[] = {PANEL_UP, PANEL_DOWN, PANEL_LEFT,
    PANEL_RIGHT, PANEL_PAGE_UP, PANEL_PAGE_DOWN, PANEL_HOME, PANEL_END,
    PANEL_ENTER, PANEL_ESCAPE};

/* $KEYS: what is pressed; at a point no more is there, and at the end it is q
   without end. */
static const char *keys;
static bool is_small;

void
panel_open(bool color, sigset_t *mask)
{
	(void)color;
	keys = getenv("KEYS");
	is_small = false;
	sigemptyset(mask);
}

void
panel_close(void)
{
}

int
panel_rows(void)
{
	return is_small ? 2 : 8;
}

int
panel_columns(void)
{
	return is_small ? 9 : 60;
}

void
panel_clear(void)
{
}

void
panel_show(void)
{
}

void
panel_set_look(enum panel_look look, bool is_reverse)
{
	(void)look;
	(void)is_reverse;
}

void
panel_put(int row, int column, int width, const char *text)
{
	(void)row;
	(void)width;
	fuzz_check(column >= 0);
	free(text_safe(text, strlen(text), ""));
}

int
panel_key(void)
{
	char key;

	if (keys == NULL || *keys == '\0')
		return 'q';
	key = *keys++;
	if (key >= '0' && key <= '9')
		return (int)others[key - '0'];
	if (key == '.')
		return PANEL_NONE;
	if (key != ' ')
		return (unsigned char)key;
	is_small = !is_small;
	return PANEL_RESIZE;
}
