/* Allocation that ends the process, with a message, when memory is out. */
#include "config.h"

#include "proto/xalloc.h"

#include <errno.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>

static void *
check(void *memory)
{
	if (memory == NULL) {
		fprintf(stderr, "%s: out of memory\n",
		    program_invocation_short_name);
		_Exit(1);
	}
	return memory;
}

void *
xmalloc(size_t size)
{
	return check(malloc(size == 0 ? 1 : size));
}

void *
xcalloc(size_t count, size_t size)
{
	return check(calloc(count == 0 ? 1 : count, size == 0 ? 1 : size));
}

void *
xrealloc(void *old, size_t size)
{
	return check(realloc(old, size == 0 ? 1 : size));
}

char *
xstrdup(const char *text)
{
	return check(strdup(text));
}

char *
xvasprintf(const char *format, va_list ap)
{
	char *text;

	if (vasprintf(&text, format, ap) < 0)
		text = NULL;
	return check(text);
}

char *
xasprintf(const char *format, ...)
{
	va_list ap;
	char *text;

	va_start(ap, format);
	text = xvasprintf(format, ap);
	va_end(ap);
	return text;
}

FILE *
xopen_memstream(char **text, size_t *size)
{
	FILE *stream = check(open_memstream(text, size));

	__fsetlocking(stream, FSETLOCKING_BYCALLER);
	return stream;
}
