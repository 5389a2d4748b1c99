/* What a task writes, on the whole screen, as it comes. */
#include "config.h"

#include "client/pager.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/call.h"
#include "client/chunk.h"
#include "client/interrupt.h"
#include "client/panel.h"
#include "client/text.h"
#include "proto/xalloc.h"

/* Lines that are held, and the bytes of one: what is longer is broken. */
#define LINES_MOST 10000
#define LINE_MOST  4096

#define TAB 8

struct pager {
	struct call call;
	char *title;
	char **lines; /* a ring of LINES_MOST */
	size_t first, count;
	bool is_open;	 /* the last line may go on */
	size_t top;	 /* the first one on the screen, from the first held */
	size_t left;	 /* the first column there */
	bool follows;	 /* the end stays on the screen */
	bool has_ended;	 /* the task has */
	json_int_t lost; /* bytes, as told */
	char *error;
};

/* --- lines --------------------------------------------------------------- */

static char **
line_at(struct pager *pager, size_t i)
{
	return &pager->lines[(pager->first + i) % LINES_MOST];
}

static void
add_line(struct pager *pager, const char *text, size_t length)
{
	if (pager->count == LINES_MOST) {
		free(*line_at(pager, 0));
		pager->first = (pager->first + 1) % LINES_MOST;
		pager->count--;
		if (pager->top > 0)
			pager->top--;
	}
	*line_at(pager, pager->count++) = xasprintf("%.*s", (int)length, text);
}

/* To the last line, where that goes on. */
static void
extend_line(struct pager *pager, const char *text, size_t length)
{
	char **last, *longer;

	if (!pager->is_open || pager->count == 0) {
		add_line(pager, text, length);
		return;
	}
	last = line_at(pager, pager->count - 1);
	longer = xasprintf("%s%.*s", *last, (int)length, text);
	free(*last);
	*last = longer;
}

/* Of UTF-8, which is what comes. */
static bool
is_within_character(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

static void
add_piece(struct pager *pager, const char *text, size_t length)
{
	size_t part;

	do {
		part = length < LINE_MOST ? length : LINE_MOST;
		while (part < length && is_within_character(text[part]))
			part--;
		extend_line(pager, text, part);
		text += part;
		length -= part;
		pager->is_open =
		    strlen(*line_at(pager, pager->count - 1)) < LINE_MOST;
	} while (length > 0);
}

/* Safe text but for the ends of lines; a tab becomes spaces, so many as there
   are to where the next one ends in a line of such characters. */
static char *
expand(const char *data, size_t length)
{
	size_t size, column = 0, i;
	char *text;
	FILE *out = xopen_memstream(&text, &size);

	for (i = 0; i < length; i++) {
		if (data[i] != '\t') {
			fputc(data[i], out);
			column = data[i] == '\n' ? 0 : column + 1;
			continue;
		}
		do
			fputc(' ', out);
		while (++column % TAB != 0);
	}
	fclose(out);
	return text;
}

static void
add_text(struct pager *pager, const char *data, size_t length)
{
	char *safe = text_safe(data, length, "\n\t");
	char *text = expand(safe, strlen(safe));
	const char *at = text, *end;

	while (*at != '\0') {
		end = strchrnul(at, '\n');
		add_piece(pager, at, (size_t)(end - at));
		pager->is_open = pager->is_open && *end == '\0';
		at = end + (*end == '\n');
	}
	free(text);
	free(safe);
}

static void
note_output(void *arg, json_t *params)
{
	struct pager *pager = arg;
	struct chunk chunk;
	char *lost;

	if (chunk_create(&chunk, params, false) == -1)
		call_refuse_result(&pager->call);
	if (chunk.lost > 0) {
		lost = xasprintf(
		    "[%" JSON_INTEGER_FORMAT " bytes are gone]", chunk.lost);
		pager->is_open = false;
		add_line(pager, lost, strlen(lost));
		free(lost);
	}
	add_text(pager, chunk.data, chunk.length);
	chunk_destroy(&chunk);
}

/* --- the screen ---------------------------------------------------------- */

static size_t
shown(void)
{
	return panel_rows() > 2 ? (size_t)panel_rows() - 2 : 0;
}

static size_t
last_top(const struct pager *pager)
{
	return pager->count > shown() ? pager->count - shown() : 0;
}

/* What is left of a line behind so many characters. */
static const char *
skip(const char *line, size_t count)
{
	for (; count > 0 && *line != '\0'; count--)
		do
			line++;
		while (is_within_character(*line));
	return line;
}

static const char *
help_of(const struct pager *pager)
{
	if (pager->has_ended)
		return "q back  arrows, PgUp, PgDn, g, G move  (it has ended)";
	if (pager->follows)
		return "q back  arrows, PgUp, PgDn, g, G move  (following)";
	return "q back  arrows, PgUp, PgDn, g, G move  (G follows)";
}

static void
draw(struct pager *pager)
{
	int columns = panel_columns();
	size_t i;

	if (pager->follows || pager->top > last_top(pager))
		pager->top = last_top(pager);
	panel_clear();
	panel_set_look(PANEL_PLAIN, true);
	panel_put(0, 0, columns, pager->title);
	panel_put(panel_rows() - 1, 0, columns, help_of(pager));
	panel_set_look(PANEL_PLAIN, false);
	for (i = 0; i < shown() && pager->top + i < pager->count; i++)
		panel_put((int)i + 1, 0, columns,
		    skip(*line_at(pager, pager->top + i), pager->left));
	panel_show();
}

static void
move_to(struct pager *pager, size_t top)
{
	size_t last = last_top(pager);

	pager->top = top < last ? top : last;
	pager->follows = top >= last;
}

/* Returns false where it ends the view. */
static bool
take_key(struct pager *pager, int key)
{
	size_t page = shown() > 0 ? shown() : 1, top = pager->top;
	size_t side = (size_t)panel_columns() / 2;

	switch (key) {
	case 'q':
	case PANEL_ESCAPE:
		return false;
	case PANEL_UP:
	case 'k':
		move_to(pager, top > 0 ? top - 1 : 0);
		break;
	case PANEL_DOWN:
	case 'j':
		move_to(pager, top + 1);
		break;
	case PANEL_PAGE_UP:
		move_to(pager, top > page ? top - page : 0);
		break;
	case PANEL_PAGE_DOWN:
	case ' ':
		move_to(pager, top + page);
		break;
	case PANEL_HOME:
	case 'g':
		move_to(pager, 0);
		break;
	case PANEL_END:
	case 'G':
		move_to(pager, pager->count);
		break;
	case PANEL_RIGHT:
		pager->left += side;
		break;
	case PANEL_LEFT:
		pager->left -= pager->left < side ? pager->left : side;
		break;
	}
	return true;
}

/* All keys that are there; returns false where one ends the view. */
static bool
take_keys(struct pager *pager, bool is_ready)
{
	int key = panel_key();

	if (is_ready && key == PANEL_NONE)
		return false; /* the terminal has gone */
	for (; key != PANEL_NONE; key = panel_key())
		if (!take_key(pager, key))
			return false;
	return true;
}

/* --- the view ------------------------------------------------------------ */

/* The follow was answered: the task has ended, or cannot be shown. */
static void
note_end(struct pager *pager, const struct reply *reply)
{
	const char *message =
	    json_string_value(json_object_get(reply->error, "message"));

	pager->has_ended = true;
	if (reply->error != NULL)
		pager->error = xstrdup(message != NULL ? message : "an error");
}

static void
watch(struct pager *pager, const sigset_t *mask)
{
	struct reply reply;
	bool is_ready;

	while (interrupt_number() == 0) {
		while (call_take(&pager->call, &reply))
			note_end(pager, &reply);
		if (pager->error != NULL)
			return;
		draw(pager);
		is_ready = call_wait(&pager->call, STDIN_FILENO, mask);
		if (!take_keys(pager, is_ready))
			return;
	}
}

char *
pager_show(const struct call *call, json_int_t id, const char *name,
    const sigset_t *mask)
{
	struct pager pager = {.follows = true};
	size_t i;

	call_create(&pager.call);
	pager.call.option = call->path;
	pager.call.method = "output";
	pager.call.notify = note_output;
	pager.call.arg = &pager;
	pager.title = xasprintf("%s (%" JSON_INTEGER_FORMAT ")", name, id);
	pager.lines = xcalloc(LINES_MOST, sizeof *pager.lines);
	call_send(&pager.call, "output",
	    json_pack("{s:I, s:b}", "task", id, "follow", 1));
	call_stay(&pager.call);
	watch(&pager, mask);
	for (i = 0; i < pager.count; i++)
		free(*line_at(&pager, i));
	free(pager.lines);
	free(pager.title);
	call_destroy(&pager.call);
	return pager.error;
}
