/* JSON-RPC 2.0 replies: making them, and reading them. */
#ifndef PROTO_REPLY_H
#define PROTO_REPLY_H

#include <stddef.h>
#include <jansson.h>

/*
 * The text of one reply, without LF, to be freed with free(). `id` is
 * borrowed, NULL gives null. `result` is compact JSON text, put in as it
 * is.
 */
char *reply_new_result(const json_t *id, const char *result);
char *reply_new_error(const json_t *id, const json_t *error);

/* A reply as read, in borrowed parts; one of result and error is NULL. */
struct reply {
	json_t *id;
	json_t *result;
	json_t *error;
};

/*
 * Reads a reply out of a value (borrowed, and to outlive *reply). Returns
 * 0, or -1 where the value is no JSON-RPC 2.0 reply.
 */
int reply_read(struct reply *reply, json_t *value);

#endif
