/* The errors of the protocol: codes, stable names, error objects. */
#include "config.h"

#include "proto/error.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "proto/xalloc.h"

#define QUOTE_MOST 200

static const struct {
	enum error_code code;
	const char *type;
} error_types[] = {
    {ERROR_PARSE, "ParseError"},
    {ERROR_INVALID_REQUEST, "InvalidRequest"},
    {ERROR_METHOD_NOT_FOUND, "MethodNotFound"},
    {ERROR_INVALID_PARAMS, "InvalidParams"},
    {ERROR_INTERNAL, "InternalError"},
    {ERROR_JOIN, "JoinError"},
    {ERROR_TIMEOUT, "TimeoutError"},
    {ERROR_NO_SUCH_TASK, "NoSuchTask"},
    {ERROR_AMBIGUOUS_NAME, "AmbiguousName"},
    {ERROR_PERMISSION_DENIED, "PermissionDenied"},
    {ERROR_LIMIT_EXCEEDED, "LimitExceeded"},
    {ERROR_NO_SUCH_FUNCTION, "NoSuchFunction"},
    {ERROR_CANCELLED, "Cancelled"},
    {ERROR_FUNCTION, "FunctionError"},
    {ERROR_ALREADY_EXISTS, "AlreadyExists"},
    {ERROR_DEADLOCK, "Deadlock"},
};

const char *
error_type(int64_t code)
{
	size_t i;

	for (i = 0; i < sizeof error_types / sizeof error_types[0]; i++)
		if (error_types[i].code == code)
			return error_types[i].type;
	return "Error";
}

json_t *
error_string(char *text)
{
	json_t *message = json_string(text);
	char *p;

	if (message != NULL)
		return message;
	for (p = text; *p != '\0'; p++)
		if ((unsigned char)*p >= 0x80)
			*p = '?';
	return json_string(text);
}

int
error_quote_length(const char *text)
{
	size_t length = strnlen(text, QUOTE_MOST);

	/* Back over the bytes that continue a character of UTF-8. */
	if (length == QUOTE_MOST)
		while (
		    length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
			length--;
	return (int)length;
}

json_t *
error_newv(enum error_code code, const char *format, va_list ap)
{
	char *text = xvasprintf(format, ap);
	json_t *message = error_string(text);

	free(text);
	return json_pack("{s:i, s:o, s:{s:s}}", "code", (int)code, "message",
	    message, "data", "type", error_type(code));
}

json_t *
error_new(enum error_code code, const char *format, ...)
{
	va_list ap;
	json_t *error;

	va_start(ap, format);
	error = error_newv(code, format, ap);
	va_end(ap);
	return error;
}

void
error_set_data(json_t *error, const char *key, json_t *value)
{
	json_object_set_new(json_object_get(error, "data"), key, value);
}

json_t *
error_new_limit(const char *limit, uint64_t bound)
{
	json_t *error = error_new(ERROR_LIMIT_EXCEEDED,
	    "the limit \"%s\" of %" PRIu64 " was reached", limit, bound);

	error_set_data(error, "limit", json_string(limit));
	return error;
}
