/* The replies of one JSON-RPC batch, gathered until the last is there. */
#ifndef DAEMON_BATCH_H
#define DAEMON_BATCH_H

#include <stdbool.h>
#include <stddef.h>

struct batch;
struct evbuffer;

/* Open: requests are still to come. */
struct batch *batch_new(void);
void batch_delete(struct batch *batch);

/* One more request of it is to be answered, or dropped. */
void batch_expect(struct batch *batch);

/* One request is answered by that text (copied), or with NULL by none. */
void batch_reply(struct batch *batch, const char *text);

/* No more requests come. */
void batch_close(struct batch *batch);

/* Closed, and all requests answered. */
bool batch_is_complete(const struct batch *batch);

/* Bytes gathered so far. */
size_t batch_length(const struct batch *batch);

/* Moves the reply, a line, to the end of `out`; nothing where all requests
   were notifications. */
void batch_move(struct batch *batch, struct evbuffer *out);

#endif
