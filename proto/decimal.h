/* Integers as decimal text: snprintf takes four times as long. */
#ifndef PROTO_DECIMAL_H
#define PROTO_DECIMAL_H

#include <stdint.h>

/* The most characters that one takes. */
#define DECIMAL_SIZE 20

/* Writes it, without a NUL; returns where it ends. */
char *decimal_write(char *at, int64_t value);

#endif
