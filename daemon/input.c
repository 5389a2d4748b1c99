/* The input of a command: what requests write to it goes into its pipe. */
#include "config.h"

#include "daemon/input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

#include <event2/event.h>

#include "daemon/waiter.h"
#include "daemon/watch.h"
#include "proto/error.h"
#include "proto/xalloc.h"

struct chunk {
	STAILQ_ENTRY(chunk) entry;
	struct waiter *waiter; /* NULL: who wrote it is gone */
	char *data;
	size_t length, taken;
	bool eof;
};

struct input {
	struct event_base *base;
	struct waiters *waiters;
	STAILQ_HEAD(, chunk) chunks;
	size_t held; /* bytes, of data and of chunks */
	bool ended;  /* nothing can be written any more */
	int fd;	     /* -1: not yet, or no longer, open */
	struct watch writable;
};

struct input *
input_new(struct event_base *base, struct waiters *waiters)
{
	struct input *input = xcalloc(1, sizeof *input);

	input->base = base;
	input->waiters = waiters;
	input->fd = -1;
	STAILQ_INIT(&input->chunks);
	return input;
}

static json_t *
no_reader(void)
{
	return error_new(
	    ERROR_FUNCTION, "the command does not read its input any more");
}

/* Its request is answered: with null, or with the error, which is stolen. */
static void
drop_chunk(struct input *input, struct chunk *chunk, json_t *error)
{
	STAILQ_REMOVE_HEAD(&input->chunks, entry);
	input->held -= sizeof *chunk + chunk->length;
	if (chunk->waiter == NULL)
		json_decref(error);
	else if (error != NULL)
		waiter_refuse(input->waiters, chunk->waiter, error);
	else
		waiter_answer(input->waiters, chunk->waiter, xstrdup("null"));
	free(chunk->data);
	free(chunk);
}

static void
close_input(struct input *input)
{
	struct chunk *chunk;

	input->ended = true;
	if (input->fd != -1) {
		watch_stop(&input->writable);
		close(input->fd);
		input->fd = -1;
	}
	while ((chunk = STAILQ_FIRST(&input->chunks)) != NULL)
		drop_chunk(input, chunk, no_reader());
}

void
input_delete(struct input *input)
{
	if (input == NULL)
		return;
	close_input(input);
	free(input);
}

/* What the pipe takes now. Returns -1 where nobody reads it. */
static int
write_chunk(struct input *input, struct chunk *chunk)
{
	ssize_t got = write(input->fd, chunk->data + chunk->taken,
	    chunk->length - chunk->taken);

	if (got >= 0)
		chunk->taken += (size_t)got;
	return got == -1 && errno != EAGAIN && errno != EINTR ? -1 : 0;
}

static void
take_chunks(struct input *input)
{
	struct chunk *chunk;
	bool eof = false;

	while (!eof && (chunk = STAILQ_FIRST(&input->chunks)) != NULL) {
		if (chunk->length > 0 && write_chunk(input, chunk) == -1) {
			close_input(input);
			return;
		}
		if (chunk->taken < chunk->length)
			break;
		eof = chunk->eof;
		drop_chunk(input, chunk, NULL);
	}
	if (eof)
		close_input(input);
	else if (STAILQ_EMPTY(&input->chunks))
		watch_stop(&input->writable);
	else
		watch_start(&input->writable);
}

static void
writable_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	take_chunks(arg);
}

void
input_open(struct input *input, int fd)
{
	input->fd = fd;
	watch_create(&input->writable, input->base, fd, EV_WRITE | EV_PERSIST,
	    writable_cb, input);
	take_chunks(input);
}

int
input_write(struct input *input, struct caller *caller, struct address *address,
    char *data, size_t length, bool eof, json_t **error)
{
	struct chunk *chunk;

	if (input->ended)
		*error = no_reader();
	else if (input->held > 0 && input->held + length > INPUT_MOST)
		*error = error_new_limit("input", INPUT_MOST);
	if (*error != NULL) {
		free(data);
		return -1;
	}
	chunk = xcalloc(1, sizeof *chunk);
	chunk->data = data;
	chunk->length = length;
	chunk->eof = eof;
	input->held += sizeof *chunk + length;
	STAILQ_INSERT_TAIL(&input->chunks, chunk, entry);
	waiter_new_open(
	    input->waiters, caller, address, "write", -1, &chunk->waiter);
	if (input->fd != -1)
		take_chunks(input);
	return 0;
}
