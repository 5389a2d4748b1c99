/* What a terminal is, and how large. */
#ifndef CLIENT_TERMINAL_H
#define CLIENT_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

/* Whether it is a terminal that takes escape sequences (TERM is not dumb). */
bool terminal_is(int fd);

/* In characters; 24 and 80 where it does not tell. */
struct terminal_size {
	size_t rows, columns;
};

struct terminal_size terminal_size(int fd);

#endif
