/* Untrusted text, made harmless for a terminal. */
#ifndef CLIENT_TEXT_H
#define CLIENT_TEXT_H

#include <stddef.h>

/*
 * The text with every character that the locale cannot print, or that is a
 * format and not seen (as U+202E, which turns what follows around), written as
 * an escape (\u001b, or \xff for a byte that is no character), but for those in
 * `allowed`. To be freed with free().
 */
char *text_safe(const char *text, size_t length, const char *allowed);

/* How many bytes of safe text fit into so many columns, of which *used are
   taken; theirs are added to that. */
size_t text_fit(const char *text, size_t columns, size_t *used);

/*
 * Writes to stdout: byte for byte, or, where that is a terminal, made safe;
 * newlines and tabs pass.
 */
void text_print(const char *text, size_t length);

#endif
