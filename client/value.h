/* JSON values as text. */
#ifndef CLIENT_VALUE_H
#define CLIENT_VALUE_H

#include <stdbool.h>
#include <jansson.h>

/* Prints a line of JSON to stdout; borrows the value. */
void value_print_json(const json_t *value);

/* Prints a line for each element; borrows the array. */
void value_print_elements(const json_t *array);

/* Prints a line of JSON, or a string bare; borrows the value. */
void value_print(const json_t *value, bool json);

#endif
