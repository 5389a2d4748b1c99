/* Framing: bytes in, lines out; one line is one JSON text. */
#include "config.h"

#include "proto/frame.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "proto/xalloc.h"

void
frame_create(struct frame *frame, size_t limit)
{
	memset(frame, 0, sizeof *frame);
	frame->limit = limit;
}

void
frame_destroy(struct frame *frame)
{
	free(frame->data);
	frame_create(frame, frame->limit);
}

char *
frame_reserve(struct frame *frame, size_t room)
{
	size_t held = frame->end - frame->begin;

	if (frame->size - frame->end >= room)
		return frame->data + frame->end;
	if (frame->begin > 0) {
		memmove(frame->data, frame->data + frame->begin, held);
		frame->scanned -= frame->begin;
		frame->begin = 0;
		frame->end = held;
	}
	if (frame->size - held < room) {
		/* Doubling keeps a long line linear. */
		frame->size = 2 * held > held + room ? 2 * held : held + room;
		frame->data = xrealloc(frame->data, frame->size);
	}
	return frame->data + frame->end;
}

void
frame_commit(struct frame *frame, size_t count)
{
	frame->end += count;
}

static bool
is_blank(const char *line, size_t length)
{
	while (length > 0 && strchr(" \t\r", line[length - 1]) != NULL &&
	       line[length - 1] != '\0')
		length--;
	return length == 0;
}

/* Finds the LF that ends the first line, or NULL. */
static char *
find_end(struct frame *frame)
{
	char *end = NULL;

	if (frame->end > frame->scanned)
		end = memchr(frame->data + frame->scanned, '\n',
		    frame->end - frame->scanned);
	if (end == NULL)
		frame->scanned = frame->end;
	return end;
}

enum frame_status
frame_next(struct frame *frame, const char **line, size_t *length)
{
	char *end;

	while ((end = find_end(frame)) != NULL) {
		*line = frame->data + frame->begin;
		*length = (size_t)(end - *line);
		if (*length > frame->limit)
			return FRAME_TOO_LONG;
		frame->begin = frame->scanned = (size_t)(end - frame->data) + 1;
		if (is_blank(*line, *length))
			continue;
		if ((*line)[*length - 1] == '\r')
			(*length)--;
		return FRAME_LINE;
	}
	if (frame->end - frame->begin > frame->limit)
		return FRAME_TOO_LONG;
	return FRAME_MORE;
}

void
frame_trim(struct frame *frame)
{
	if (frame->begin == frame->end)
		frame_destroy(frame);
}
