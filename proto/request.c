/* JSON-RPC 2.0 requests: reading them from a line, and making them. */
#include "config.h"

#include "proto/request.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "proto/error.h"
#include "proto/limits.h"
#include "proto/xalloc.h"

/* Recursion is bounded: jansson itself reads no deeper than 2,048. */
static bool
nests_deeper(json_t *value, int levels)
{
	const char *key;
	json_t *member;
	size_t i;

	if (!json_is_array(value) && !json_is_object(value))
		return false;
	if (levels == 0)
		return true;
	json_array_foreach (value, i, member)
		if (nests_deeper(member, levels - 1))
			return true;
	json_object_foreach (value, key, member)
		if (nests_deeper(member, levels - 1))
			return true;
	return false;
}

static json_t *
nesting_error(void)
{
	return error_new(ERROR_PARSE,
	    "Parse error: arrays and objects nest deeper than %d",
	    LIMIT_NESTING);
}

/* NULL with a new error where it is no JSON. */
static json_t *
load(const char *line, size_t length, json_t **error)
{
	const char *nul = memchr(line, '\0', length);
	json_error_t e;
	json_t *value;

	/* jansson overlooks one behind a number or a word: "[1\0]". */
	if (nul != NULL) {
		*error = error_new(ERROR_PARSE,
		    "Parse error: byte %zd: a NUL byte", nul - line + 1);
		return NULL;
	}
	value = json_loadb(line, length,
	    JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &e);
	if (value == NULL) {
		if (json_error_code(&e) == json_error_stack_overflow)
			*error = nesting_error();
		else
			*error = error_new(ERROR_PARSE,
			    "Parse error: byte %d: %s", e.position, e.text);
	}
	return value;
}

json_t *
request_parse(const char *line, size_t length, json_t **error)
{
	json_t *value = load(line, length, error);

	if (value == NULL)
		return NULL;
	/* A shorter line has no room for so many pairs of brackets. */
	if (length > 2 * LIMIT_NESTING && nests_deeper(value, LIMIT_NESTING)) {
		*error = nesting_error();
		json_decref(value);
		return NULL;
	}
	return value;
}

static int
invalid(json_t **error, const char *what)
{
	*error = error_new(ERROR_INVALID_REQUEST, "Invalid Request: %s", what);
	return -1;
}

/* NULL where it is no string, or C would cut it at a U+0000. */
static const char *
plain_string(const json_t *value)
{
	const char *text = json_string_value(value);

	return text != NULL && strlen(text) == json_string_length(value) ?
		   text :
		   NULL;
}

int
request_read(struct request *request, json_t *value, json_t **error)
{
	json_t *id;
	const char *version;

	memset(request, 0, sizeof *request);
	if (!json_is_object(value))
		return invalid(error, "a request is an object");
	id = json_object_get(value, "id");
	if (id != NULL && !json_is_string(id) && !json_is_number(id) &&
	    !json_is_null(id))
		return invalid(error, "id must be a string, a number or null");
	request->id = id;
	version = plain_string(json_object_get(value, "jsonrpc"));
	if (version == NULL || strcmp(version, "2.0") != 0)
		return invalid(error, "jsonrpc must be \"2.0\"");
	request->method = plain_string(json_object_get(value, "method"));
	if (request->method == NULL)
		return invalid(error, "method must be a string without U+0000");
	request->params = json_object_get(value, "params");
	if (request->params != NULL && !json_is_object(request->params) &&
	    !json_is_array(request->params))
		return invalid(error, "params must be an object");
	return 0;
}

char *
request_new(json_int_t id, const char *method, json_t *params)
{
	json_t *request = json_pack("{s:s, s:I, s:s, s:O*}", "jsonrpc", "2.0",
	    "id", id, "method", method, "params", params);
	char *text = json_dumps(request, JSON_COMPACT), *line;

	json_decref(request);
	line = xasprintf("%s\n", text);
	free(text);
	return line;
}

char *
request_new_notification(const char *method, json_t *params)
{
	json_t *request = json_pack("{s:s, s:s, s:O}", "jsonrpc", "2.0",
	    "method", method, "params", params);
	char *text = json_dumps(request, JSON_COMPACT);

	json_decref(request);
	return text;
}
