/* Requests made beforehand, so that sending them costs next to nothing. */
#include "config.h"

#include "tests/bench/batch.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/xalloc.h"

/* The longest request. */
#define MAX_REQUEST 512

static void
reserve(struct batch *batch)
{
	if (batch->room - batch->size < MAX_REQUEST) {
		batch->room = 2 * batch->room + 64 * MAX_REQUEST;
		batch->text = xrealloc(batch->text, batch->room);
	}
	if (batch->count == batch->end_room) {
		batch->end_room = 2 * batch->end_room + 64;
		batch->end =
		    xrealloc(batch->end, batch->end_room * sizeof *batch->end);
	}
}

/* Adds text to the request being made. */
static void
put(struct batch *batch, const char *format, va_list ap)
{
	int length = vsnprintf(
	    batch->text + batch->size, batch->room - batch->size, format, ap);

	batch->size += (size_t)length;
}

static void put_text(struct batch *batch, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void
put_text(struct batch *batch, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	put(batch, format, ap);
	va_end(ap);
}

void
batch_add(struct batch *batch, const char *method, const char *params, ...)
{
	va_list ap;

	reserve(batch);
	put_text(batch, "{\"jsonrpc\":\"2.0\",\"id\":%zu,\"method\":\"%s\"",
	    batch->count + 1, method);
	if (params != NULL) {
		put_text(batch, ",\"params\":");
		va_start(ap, params);
		put(batch, params, ap);
		va_end(ap);
	}
	put_text(batch, "}\n");
	batch->end[batch->count++] = batch->size;
}

void
batch_add_text(struct batch *batch, const char *text, ...)
{
	va_list ap;

	reserve(batch);
	va_start(ap, text);
	put(batch, text, ap);
	va_end(ap);
	batch->end[batch->count++] = batch->size;
}

void
batch_clear(struct batch *batch)
{
	batch->size = batch->count = 0;
}

void
batch_destroy(struct batch *batch)
{
	free(batch->text);
	free(batch->end);
	*batch = (struct batch){0};
}
