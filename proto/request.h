/* JSON-RPC 2.0 requests: reading them from a line, and making them. */
#ifndef PROTO_REQUEST_H
#define PROTO_REQUEST_H

#include <stddef.h>
#include <jansson.h>

/* One request, as borrowed parts of the JSON value it was read from. */
struct request {
	const char *method;
	json_t *params; /* an object or an array; NULL when absent */
	json_t *id;	/* NULL for a notification */
};

/*
 * The JSON value of one line, to be freed by the caller, or NULL with a new
 * ERROR_PARSE in *error. Refused are, beside what is not JSON: duplicate
 * keys, U+0000 in keys, integers over 64 bits, and nesting deeper than
 * LIMIT_NESTING. Any value is read, as a reply may hold any.
 */
json_t *request_parse(const char *line, size_t length, json_t **error);

/*
 * Reads one request out of a value (borrowed, and to outlive *request).
 * Returns 0, or -1 with a new ERROR_INVALID_REQUEST in *error and, where the
 * value has a usable one, its id in request->id (else NULL). Members that
 * JSON-RPC does not name are ignored.
 */
int request_read(struct request *request, json_t *value, json_t **error);

/*
 * One line with its LF, to be freed with free(); borrows params, NULL for
 * none. The id is a number that the reply will repeat.
 */
char *request_new(json_int_t id, const char *method, json_t *params);

/* A request that wants no reply: its text without LF, to be freed with free();
   borrows params. */
char *request_new_notification(const char *method, json_t *params);

#endif
