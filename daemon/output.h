/* What a task wrote: the last bytes of it, counted from its first. */
#ifndef DAEMON_OUTPUT_H
#define DAEMON_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

struct follow;
struct output;

TAILQ_HEAD(follow_list, follow);

enum output_stream { STREAM_STDOUT, STREAM_STDERR };

/* Its name on the wire. */
const char *output_stream_name(enum output_stream stream);

/* Keeps the last `keep` bytes of both streams together; takes memory only for
   what it holds, and an eighth more from the first byte of stderr on. One
   reference. */
struct output *output_new(size_t keep);
struct output *output_ref(struct output *output);
void output_unref(struct output *output); /* NULL is allowed */

void output_write(struct output *output, enum output_stream stream,
    const char *data, size_t length);

/* Bytes held, and bytes written ever, of both streams. */
size_t output_held(const struct output *output);
uint64_t output_end(const struct output *output);

/* The most bytes held. */
size_t output_keeps(const struct output *output);

/* Whether a write of that length leaves no trace of byte `at`. */
bool output_overwrites(const struct output *output, uint64_t at, size_t length);

/* Those who follow it, for follow.h; each has a reference. */
struct follow_list *output_followers(struct output *output);

/*
 * Who writes may wait for the first who ever follows, so that this one loses
 * nothing: from output_hold on output_room is what may be written, SIZE_MAX
 * once that one has gone. `moved` is called when it may have grown; NULL ends
 * that.
 */
void output_hold(struct output *output, void (*moved)(void *arg), void *arg);
size_t output_room(const struct output *output);

/* For follow.h: whether it is the first, then `at` is its position for as long
   as it is there; that it has read on; that it goes. */
bool output_is_first(struct output *output, const uint64_t *at);
void output_has_moved(const struct output *output);
void output_end_first(struct output *output);

/* What is read, and what came of it. Positions count the bytes of both
   streams. */
struct output_read {
	uint64_t after; /* from the oldest byte kept at or after it */
	size_t limit;	/* bytes at most */
	enum output_part {
		OUTPUT_ALL,
		OUTPUT_STREAM, /* what is of `stream` alone */
		OUTPUT_RUN     /* bytes in a row that are of one stream */
	} part;
	enum output_stream stream; /* of a run: told by the read */
	bool text;		   /* cuts no character of UTF-8 */
	bool ended; /* no more comes: a character that is cut stays so */

	uint64_t next; /* where to go on: the end, or a byte not given */
	uint64_t lost; /* bytes at and behind `after` that are gone */
};

/*
 * Copies what is asked for into `data` (room for the limit) and returns how
 * many bytes. Past the end there are none. As text, a character whose first
 * byte is gone, or before `after`, is lost; one that is not all there, or not
 * within the limit, is left for the next read. Bytes that are no character are
 * given as they are. O(bytes passed over).
 */
size_t output_read(
    const struct output *output, struct output_read *read, char *data);

#endif
