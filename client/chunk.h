/* A piece of a task's output, as the daemon tells of it. */
#ifndef CLIENT_CHUNK_H
#define CLIENT_CHUNK_H

#include <stdbool.h>
#include <stddef.h>
#include <jansson.h>

struct chunk {
	bool is_stderr;
	char *data; /* to be freed by chunk_destroy */
	size_t length;
	json_int_t next; /* where the next one begins */
	json_int_t lost; /* bytes before it that are gone */
};

/*
 * Reads the result of the method output, or the params of one of its
 * notifications, whose data are in base64 or text, as was asked for. Returns -1
 * where the value is neither.
 */
int chunk_create(struct chunk *chunk, const json_t *value, bool base64);
void chunk_destroy(struct chunk *chunk);

#endif
