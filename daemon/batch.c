/* The replies of one JSON-RPC batch, gathered until the last is there. */
#include "config.h"

#include "daemon/batch.h"

#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>

#include "proto/xalloc.h"

/* Bytes from which on it is cheaper to move a buffer than to copy it. */
#define LARGE 4096

struct batch {
	struct evbuffer *replies; /* "[a,b", or empty */
	size_t pending;
	bool closed;
};

struct batch *
batch_new(void)
{
	struct batch *batch = xcalloc(1, sizeof *batch);

	batch->replies = evbuffer_new();
	return batch;
}

void
batch_delete(struct batch *batch)
{
	evbuffer_free(batch->replies);
	free(batch);
}

void
batch_expect(struct batch *batch)
{
	batch->pending++;
}

void
batch_reply(struct batch *batch, const char *text)
{
	batch->pending--;
	if (text == NULL)
		return;
	evbuffer_add(batch->replies, batch_length(batch) == 0 ? "[" : ",", 1);
	evbuffer_add(batch->replies, text, strlen(text));
}

void
batch_close(struct batch *batch)
{
	batch->closed = true;
}

bool
batch_is_complete(const struct batch *batch)
{
	return batch->closed && batch->pending == 0;
}

size_t
batch_length(const struct batch *batch)
{
	return evbuffer_get_length(batch->replies);
}

/* Small ones are copied: each that is moved brings a kilobyte of memory, and
   the bound on what is queued counts bytes alone. */
void
batch_move(struct batch *batch, struct evbuffer *out)
{
	size_t length = batch_length(batch);

	if (length == 0)
		return;
	if (length < LARGE)
		evbuffer_add(out, evbuffer_pullup(batch->replies, -1), length);
	else
		evbuffer_add_buffer(out, batch->replies);
	evbuffer_add(out, "]\n", 2);
}
