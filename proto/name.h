/* What tasks, pools and functions may be called. */
#ifndef PROTO_NAME_H
#define PROTO_NAME_H

#include <stdbool.h>
#include <stddef.h>

/* 1 to LIMIT_NAME bytes of UTF-8 (not checked here), no control character (C0,
   DEL, C1), not digits alone. */
bool name_is_valid(const char *text, size_t length);

#endif
