/* JSON values as text. */
#ifndef CLIENT_VALUE_H
#define CLIENT_VALUE_H

#include <stdbool.h>
#include <jansson.h>

/*
 * Compact JSON of any value (borrowed), each real with as many digits (15 to
 * 17) as it takes to read back the same. To be freed with free().
 */
char *value_text(const json_t *value);

/* Prints a line of JSON to stdout; borrows the value. */
void value_print_json(const json_t *value);

/* Prints a line for each element; borrows the array. */
void value_print_elements(const json_t *array);

/* Prints a line of JSON, or a string bare; borrows the value. */
void value_print(const json_t *value, bool json);

#endif
