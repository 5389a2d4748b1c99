/* JSON values as text. */
#include "config.h"

#include "client/value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/text.h"

/* Jansson writes all reals of a value with one precision: 0.1 and
   0.30000000000000004 would not both come out right. */
static void
write_real(FILE *out, double real)
{
	char text[32];
	int digits;

	for (digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof text, "%.*g", digits, real);
		if (strtod(text, NULL) == real)
			break;
	}
	fputs(text, out);
	if (strpbrk(text, ".e") == NULL)
		fputs(".0", out);
}

static void
write_key(FILE *out, const char *key)
{
	json_t *string = json_string_nocheck(key);

	json_dumpf(string, out, JSON_ENCODE_ANY);
	json_decref(string);
	fputc(':', out);
}

/* Recursion is bounded: request_parse refuses what nests deeper. */
static void
write_value(FILE *out, const json_t *value)
{
	const char *key, *comma = "";
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
		write_real(out, json_real_value(value));
		break;
	default:
		json_dumpf(value, out, JSON_ENCODE_ANY);
	}
}

char *
value_text(const json_t *value)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL)
		abort(); /* out of memory, as the next one */
	write_value(out, value);
	if (fclose(out) != 0)
		abort();
	return text;
}

void
value_print_json(const json_t *value)
{
	char *text = value_text(value);

	text_print(text, strlen(text));
	putchar('\n');
	free(text);
}

void
value_print_elements(const json_t *array)
{
	json_t *element;
	size_t i;

	json_array_foreach (array, i, element)
		value_print_json(element);
}

void
value_print(const json_t *value, bool json)
{
	if (json || !json_is_string(value)) {
		value_print_json(value);
		return;
	}
	text_print(json_string_value(value), json_string_length(value));
	putchar('\n');
}
