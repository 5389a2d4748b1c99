/* JSON-RPC 2.0 replies: making them, and reading them. */
#include "config.h"

#include "proto/reply.h"

#include <stdlib.h>
#include <string.h>

#include "proto/decimal.h"
#include "proto/xalloc.h"

/* Compact JSON text of any value; what jansson holds, it can write. */
static char *
text_of(const json_t *value)
{
	return json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
}

/* `kind` is "result" or "error". Put together by hand: this is the hot path,
   and a result may be megabytes of text. */
static char *
wrap(const json_t *id, const char *kind, const char *value, size_t length)
{
	static const char head[] = "{\"jsonrpc\":\"2.0\",\"id\":";
	char number[DECIMAL_SIZE + 1], *text, *p, *other = NULL;
	const char *id_text = "null";

	if (json_is_integer(id)) {
		*decimal_write(number, json_integer_value(id)) = '\0';
		id_text = number;
	} else if (id != NULL) {
		id_text = other = text_of(id);
	}
	text =
	    xmalloc(sizeof head + strlen(id_text) + strlen(kind) + length + 6);
	p = stpcpy(stpcpy(text, head), id_text);
	p = stpcpy(stpcpy(stpcpy(p, ",\""), kind), "\":");
	p = mempcpy(p, value, length);
	memcpy(p, "}", 2);
	free(other);
	return text;
}

char *
reply_new_result(const json_t *id, const char *result)
{
	return wrap(id, "result", result, strlen(result));
}

char *
reply_new_error(const json_t *id, const json_t *error)
{
	char *value = text_of(error);
	char *text = wrap(id, "error", value, strlen(value));

	free(value);
	return text;
}

int
reply_read(struct reply *reply, json_t *value)
{
	const char *version;

	reply->id = json_object_get(value, "id");
	reply->result = json_object_get(value, "result");
	reply->error = json_object_get(value, "error");
	version = json_string_value(json_object_get(value, "jsonrpc"));
	if (version == NULL || strcmp(version, "2.0") != 0 ||
	    reply->id == NULL ||
	    (reply->result == NULL) == (reply->error == NULL))
		return -1;
	if (reply->error != NULL &&
	    (!json_is_integer(json_object_get(reply->error, "code")) ||
		!json_is_string(json_object_get(reply->error, "message"))))
		return -1;
	return 0;
}
