/* All about a task, a line for each member of it. */
#ifndef CLIENT_FIELDS_H
#define CLIENT_FIELDS_H

#include <jansson.h>

/* Prints a task as the daemon gives it, an object, to stdout. */
void fields_print(json_t *task);

#endif
