/* Bytes in JSON: a string where they are UTF-8, else {"base64": S}. */
#ifndef PROTO_BYTES_H
#define PROTO_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <jansson.h>

/* A new value of either form. */
json_t *bytes_new(const char *data, size_t length);

/* A new string of base64 (RFC 4648, section 4). */
json_t *bytes_base64(const char *data, size_t length);

/* A new string: bytes that are not UTF-8 become U+FFFD, each of them. */
json_t *bytes_text(const char *data, size_t length);

/* The bytes of either form, NUL-terminated, to be freed; NULL for any other
   value. */
char *bytes_read(const json_t *value, size_t *length);

/* Whether bytes_read would give bytes, and none of them NUL. */
bool bytes_fit(const json_t *value);

#endif
