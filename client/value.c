/* JSON values as text. */
#include "config.h"

#include "client/value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/text.h"
#include "proto/compact.h"

void
value_print_json(const json_t *value)
{
	char *text = compact_text(value);

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
