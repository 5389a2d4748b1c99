/* Text as a JSON string. */
#include "config.h"

#include "daemon/quote.h"

#include <stdbool.h>
#include <string.h>

#include <jansson.h>

#include "proto/xalloc.h"

static bool
needs_escape(char c)
{
	return (unsigned char)c < 0x20 || c == '"' || c == '\\';
}

/* NULL where a character needs an escape. */
static char *
quote_plain(const char *text)
{
	size_t length = strlen(text), i;
	char *quoted;

	for (i = 0; i < length; i++)
		if (needs_escape(text[i]))
			return NULL;
	quoted = xmalloc(length + 3);
	quoted[0] = '"';
	memcpy(quoted + 1, text, length);
	quoted[length + 1] = '"';
	quoted[length + 2] = '\0';
	return quoted;
}

static char *
quote_with(const char *text, size_t flags)
{
	json_t *string = json_string(text);
	char *quoted = json_dumps(string, JSON_ENCODE_ANY | flags);

	json_decref(string);
	return quoted;
}

char *
quote(const char *text)
{
	char *quoted = quote_plain(text);

	return quoted != NULL ? quoted : quote_with(text, 0);
}

char *
quote_ascii(const char *text)
{
	return quote_with(text, JSON_ENSURE_ASCII);
}

char *
quote_json_ascii(const char *json)
{
	json_t *value =
	    json_loads(json, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	char *text = json_dumps(
	    value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_ENSURE_ASCII);

	json_decref(value);
	return text;
}
