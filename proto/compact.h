/* JSON as compact text, reals as short as they come back the same. */
#ifndef PROTO_COMPACT_H
#define PROTO_COMPACT_H

#include <jansson.h>

/*
 * The text of any value, to be freed with free(): 0.1 is 0.1, where jansson
 * writes 0.10000000000000001. In a locale that is not UTF-8 it is ASCII. The
 * value must not nest deeper than request_parse allows.
 */
char *compact_text(const json_t *value);

/* A finite number as the JSON text of a real, in any locale: 1.0 is "1.0". */
#define COMPACT_REAL_SIZE 32
void compact_real(char text[COMPACT_REAL_SIZE], double real);

#endif
