/* Allocation that ends the process, with a message, when memory is out. */
#include "config.h"

#include "proto/xalloc.h"

#include <errno.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>

static void
tell(void)
{
	fprintf(stderr, "%s: out of memory\n", program_invocation_short_name);
	_Exit(1);
}

static void (*end)(void) = tell;

void
xalloc_set_end(void (*function)(void))
{
	end = function;
}

void *
xcheck(void *memory)
{
	if (memory == NULL)
		end();
	return memory;
}

void *
xmalloc(size_t size)
{
	return xcheck(malloc(size == 0 ? 1 : size));
}

void *
xcalloc(size_t count, size_t size)
{
	return xcheck(calloc(count == 0 ? 1 : count, size == 0 ? 1 : size));
}

void *
xrealloc(void *old, size_t size)
{
	return xcheck(realloc(old, size == 0 ? 1 : size));
}

char *
xstrdup(const char *text)
{
	return xcheck(strdup(text));
}

char *
xvasprintf(const char *format, va_list ap)
{
	char *text;

	if (vasprintf(&text, format, ap) < 0)
		text = NULL;
	return xcheck(text);
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

/* --- a stream ------------------------------------------------------------ */

/* Its own buffer spares each stream the C library's of 8 KiB. */
struct memory {
	char **text;
	size_t *size;
	size_t room;
	char buffer[512];
};

static ssize_t
memory_write(void *cookie, const char *data, size_t length)
{
	struct memory *memory = cookie;
	size_t size = *memory->size + length;

	if (size >= memory->room) {
		memory->room = 2 * size + 1;
		*memory->text = xrealloc(*memory->text, memory->room);
	}
	memcpy(*memory->text + *memory->size, data, length);
	(*memory->text)[size] = '\0';
	*memory->size = size;
	return (ssize_t)length;
}

static int
memory_close(void *cookie)
{
	free(cookie);
	return 0;
}

FILE *
xopen_memstream(char **text, size_t *size)
{
	const cookie_io_functions_t functions = {
	    .write = memory_write, .close = memory_close};
	struct memory *memory = xmalloc(sizeof *memory);
	FILE *stream = xcheck(fopencookie(memory, "w", functions));

	memory->text = text;
	memory->size = size;
	memory->room = 0;
	setvbuf(stream, memory->buffer, _IOFBF, sizeof memory->buffer);
	*text = xstrdup("");
	*size = 0;
	__fsetlocking(stream, FSETLOCKING_BYCALLER);
	return stream;
}
