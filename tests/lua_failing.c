/* The allocators of a tasklet-lua that runs out of memory: from the allocation
   of the number $FAIL_AT on, none succeeds. */
#include "config.h"

#include <errno.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdlib.h>

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size);

/* Counts one. */
static bool
is_out(void)
{
	static unsigned long at, count;
	const char *text;

	if (count++ == 0 && (text = getenv("FAIL_AT")) != NULL)
		at = strtoul(text, NULL, 10);
	if (at == 0 || count < at)
		return false;
	errno = ENOMEM;
	return true;
}

void *
__wrap_malloc(size_t size)
{
	return is_out() ? NULL : __real_malloc(size);
}

void *
__wrap_calloc(size_t count, size_t size)
{
	return is_out() ? NULL : __real_calloc(count, size);
}

/* Lua takes it that memory can be given back. */
void *
__wrap_realloc(void *old, size_t size)
{
	if (is_out() && (old == NULL || size > malloc_usable_size(old)))
		return NULL;
	return __real_realloc(old, size);
}
