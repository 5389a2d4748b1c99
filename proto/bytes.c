/* Bytes in JSON: a string where they are UTF-8, else {"base64": S}. */
#include "config.h"

#include "proto/bytes.h"

#include <sys/types.h>
#include <netinet/in.h>
#include <resolv.h>
#include <stdlib.h>
#include <string.h>

#include "proto/xalloc.h"

json_t *
bytes_base64(const char *data, size_t length)
{
	size_t size = (length + 2) / 3 * 4 + 1;
	char *text = xmalloc(size);
	json_t *value;

	/* It fails only for want of room. */
	(void)b64_ntop((const unsigned char *)data, length, text, size);
	value = json_string(text);
	free(text);
	return value;
}

json_t *
bytes_new(const char *data, size_t length)
{
	json_t *value = json_stringn(data, length);

	if (value != NULL)
		return value;
	return json_pack("{s:o}", "base64", bytes_base64(data, length));
}

/* The length of the character that the bytes begin with; 0 where they are not
   UTF-8: cut, overlong, a surrogate, or over U+10FFFF. */
static size_t
character(const unsigned char *data, size_t length)
{
	size_t size = data[0] < 0x80 ? 1 :
		      data[0] < 0xe0 ? 2 :
		      data[0] < 0xf0 ? 3 :
				       4;
	size_t i;

	if ((data[0] >= 0x80 && data[0] < 0xc2) || data[0] > 0xf4 ||
	    size > length)
		return 0;
	for (i = 1; i < size; i++)
		if ((data[i] & 0xc0) != 0x80)
			return 0;
	if ((data[0] == 0xe0 && data[1] < 0xa0) ||
	    (data[0] == 0xed && data[1] > 0x9f) ||
	    (data[0] == 0xf0 && data[1] < 0x90) ||
	    (data[0] == 0xf4 && data[1] > 0x8f))
		return 0;
	return size;
}

/* What is UTF-8 of the bytes, and U+FFFD for the rest; to be freed. */
static char *
replace(const char *data, size_t length, size_t *text_length)
{
	static const char replacement[3] = "\xef\xbf\xbd";
	char *text = xmalloc(sizeof replacement * length + 1), *p = text;
	size_t size;

	for (; length > 0; data += size, length -= size) {
		size = character((const unsigned char *)data, length);
		if (size > 0)
			p = mempcpy(p, data, size);
		else
			p = mempcpy(p, replacement, sizeof replacement);
		size += size == 0;
	}
	*text_length = (size_t)(p - text);
	return text;
}

json_t *
bytes_text(const char *data, size_t length)
{
	json_t *value = json_stringn(data, length);
	char *text;

	if (value != NULL)
		return value;
	text = replace(data, length, &length);
	value = json_stringn(text, length);
	free(text);
	return value;
}

static char *
decode(const char *text, size_t *length)
{
	size_t size = strlen(text) / 4 * 3 + 4;
	char *data = xmalloc(size);
	int got = b64_pton(text, (unsigned char *)data, size - 1);

	if (got < 0) {
		free(data);
		return NULL;
	}
	data[got] = '\0';
	*length = (size_t)got;
	return data;
}

char *
bytes_read(const json_t *value, size_t *length)
{
	const json_t *text = json_object_get(value, "base64");
	char *data;

	if (json_is_string(text) && json_object_size(value) == 1 &&
	    strlen(json_string_value(text)) == json_string_length(text))
		return decode(json_string_value(text), length);
	if (!json_is_string(value))
		return NULL;
	*length = json_string_length(value);
	data = xmalloc(*length + 1);
	memcpy(data, json_string_value(value), *length + 1);
	return data;
}

bool
bytes_fit(const json_t *value)
{
	size_t length;
	char *data = bytes_read(value, &length);
	bool fits = data != NULL && strlen(data) == length;

	free(data);
	return fits;
}
