/* The errors of the protocol: codes, stable names, error objects. */
#ifndef PROTO_ERROR_H
#define PROTO_ERROR_H

#include <stdarg.h>
#include <stdint.h>
#include <jansson.h>

/* The JSON-RPC 2.0 codes (section 5.1 of its specification), then ours. */
enum error_code {
	ERROR_PARSE = -32700,
	ERROR_INVALID_REQUEST = -32600,
	ERROR_METHOD_NOT_FOUND = -32601,
	ERROR_INVALID_PARAMS = -32602,
	ERROR_INTERNAL = -32603,
	ERROR_JOIN = 1,
	ERROR_TIMEOUT = 2,
	ERROR_NO_SUCH_TASK = 3,
	ERROR_AMBIGUOUS_NAME = 4,
	ERROR_PERMISSION_DENIED = 5,
	ERROR_LIMIT_EXCEEDED = 6,
	ERROR_NO_SUCH_FUNCTION = 7,
	ERROR_CANCELLED = 8,
	ERROR_FUNCTION = 9,
	ERROR_ALREADY_EXISTS = 10,
	ERROR_DEADLOCK = 11,
};

/* The stable name of a code ("JoinError"); "Error" for one unknown. */
const char *error_type(int64_t code);

/*
 * A new error object {"code", "message", "data": {"type"}}. Bytes of the
 * message are replaced by '?' where they are not UTF-8.
 */
json_t *error_new(enum error_code code, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
json_t *error_newv(enum error_code code, const char *format, va_list ap)
    __attribute__((format(printf, 2, 0)));

/* A text for people as a JSON string: where it is no UTF-8, as a value cut in a
   character is none, all that is not ASCII in it is replaced. */
json_t *error_string(char *text);

/* A peer's text as the two arguments of "%.*s": as much of it as does not
   swamp a message, cut between two characters. */
#define ERROR_QUOTE(text) error_quote_length(text), (text)
int error_quote_length(const char *text);

/* Adds data[key]; steals value. */
void error_set_data(json_t *error, const char *key, json_t *value);

/* A LimitExceeded whose data.limit is the name of the bound. */
json_t *error_new_limit(const char *limit, uint64_t bound);

#endif
