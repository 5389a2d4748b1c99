/* JSON as compact text, reals as short as they come back the same. */
#include "config.h"

#include "proto/compact.h"

#include <langinfo.h>
#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/xalloc.h"

/* Where the locale is not UTF-8, a terminal could not show what is not
   ASCII, and a tool that reads this might refuse it. */
static size_t
string_flags(void)
{
	bool is_utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;

	return JSON_ENCODE_ANY | (is_utf8 ? 0 : JSON_ENSURE_ASCII);
}

/* Jansson writes all reals of a value with one precision: 0.1 and
   0.30000000000000004 would not both come out right. */
void
compact_real(char text[COMPACT_REAL_SIZE], double real)
{
	char *point;
	int digits, length = 0;

	for (digits = 15; digits <= 17; digits++) {
		length =
		    snprintf(text, COMPACT_REAL_SIZE, "%.*g", digits, real);
		if (strtod(text, NULL) == real)
			break;
	}
	point = strchr(text, *localeconv()->decimal_point);
	if (point != NULL)
		*point = '.';
	else if (strchr(text, 'e') == NULL)
		memcpy(text + length, ".0", sizeof ".0");
}

static void
write_key(FILE *out, const char *key)
{
	json_t *string = json_string_nocheck(key);

	json_dumpf(string, out, string_flags());
	json_decref(string);
	fputc(':', out);
}

/* Recursion is bounded: request_parse refuses what nests deeper. */
static void
write_value(FILE *out, const json_t *value)
{
	const char *key, *comma = "";
	char real[COMPACT_REAL_SIZE];
	json_t *member;
	size_t i;

	switch (json_typeof(value)) {
	case JSON_ARRAY:
		fputc('[', out);
		json_array_foreach (value, i, member) {
			fputs(comma, out);
			write_value(out, member);
			comma = ",";
		}
		fputc(']', out);
		break;
	case JSON_OBJECT:
		fputc('{', out);
		json_object_foreach ((json_t *)value, key, member) {
			fputs(comma, out);
			write_key(out, key);
			write_value(out, member);
			comma = ",";
		}
		fputc('}', out);
		break;
	case JSON_REAL:
		compact_real(real, json_real_value(value));
		fputs(real, out);
		break;
	default:
		json_dumpf(value, out, string_flags());
	}
}

char *
compact_text(const json_t *value)
{
	char *text;
	size_t size;
	FILE *out = xopen_memstream(&text, &size);

	write_value(out, value);
	fclose(out);
	return text;
}
