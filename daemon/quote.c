/* Text as a JSON string. */
#include "config.h"

#include "daemon/quote.h"

#include <string.h>

#include <jansson.h>

#include "proto/xalloc.h"

static int
is_plain(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < 0x20 || *text == '"' ||
		    *text == '\\')
			return 0;
	return 1;
}

char *
quote(const char *text)
{
	json_t *string;
	char *quoted;

	if (is_plain(text))
		return xasprintf("\"%s\"", text);
	string = json_string(text);
	quoted = json_dumps(string, JSON_ENCODE_ANY);
	json_decref(string);
	return quoted;
}
