/* Framing: bytes in, lines out; one line is one JSON text. */
#ifndef PROTO_FRAME_H
#define PROTO_FRAME_H

#include <stddef.h>

/* A reader of lines. Zeroed but for limit, it is empty and owns nothing. */
struct frame {
	char *data;
	size_t size;	/* allocated */
	size_t begin;	/* of the first line not yet taken */
	size_t scanned; /* no LF in [begin, scanned) */
	size_t end;	/* of the bytes held */
	size_t limit;	/* most bytes before the LF */
};

enum frame_status {
	FRAME_LINE,
	FRAME_MORE,    /* no whole line is held */
	FRAME_TOO_LONG /* a line is over the limit: nothing more comes */
};

void frame_create(struct frame *frame, size_t limit);
void frame_destroy(struct frame *frame);

/*
 * Room for at least `room` bytes to read into; say how many came with
 * frame_commit. Lines taken before are invalid afterwards. What is held
 * stays under limit + 1 + the largest room while every line is taken
 * between two reads.
 */
char *frame_reserve(struct frame *frame, size_t room);
void frame_commit(struct frame *frame, size_t count);

/*
 * Takes the next line that is not blank (spaces, tabs and CRs alone),
 * without its LF and a CR before that. It is valid until the next
 * frame_reserve or frame_trim, and not NUL-terminated.
 */
enum frame_status frame_next(
    struct frame *frame, const char **line, size_t *length);

/* Gives the memory back where no byte is held. */
void frame_trim(struct frame *frame);

#endif
