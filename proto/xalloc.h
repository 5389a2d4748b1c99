/* Allocation that ends the process, with a message, when memory is out. */
#ifndef PROTO_XALLOC_H
#define PROTO_XALLOC_H

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

/*
 * jansson and libevent allocate in this way too, so that whatever they return
 * NULL for is the value's fault: bad UTF-8, too deep, too large a number.
 *
 * For small objects only: whatever a peer sizes is bounded before it is
 * allocated. Free with free(). None of these returns NULL.
 */
void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *old, size_t size);
char *xstrdup(const char *text);
char *xasprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *xvasprintf(const char *format, va_list ap)
    __attribute__((format(printf, 1, 0)));

/* The same of what another library has allocated: it is returned, unless it is
   NULL. */
void *xcheck(void *memory);

/* What is called then instead of the message and exit status 1. It has no
   memory, and ends the process. */
void xalloc_set_end(void (*function)(void));

/* As open_memstream(3), which cuts the text short instead; without locks. The
   text is there once the stream is closed. */
FILE *xopen_memstream(char **text, size_t *size);

#endif
