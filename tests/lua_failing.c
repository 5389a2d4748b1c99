/* The allocators of a tasklet-lua that runs out of memory: from the allocation
   of the number $FAIL_AT on, $FAIL_COUNT fail; all, without that. */
#include "config.h"

#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdlib.h>

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size);

static unsigned long
number_of(const char *variable, unsigned long otherwise)
{
	const char *text = getenv(variable);

	return text == NULL ? otherwise : strtoul(text, NULL, 10);
}

/* Counts one. */
static bool
is_out(void)
{
	static unsigned long first, failures, count;

	if (count++ == 0) {
		first = number_of("FAIL_AT", ULONG_MAX);
		failures = number_of("FAIL_COUNT", ULONG_MAX);
	}
	if (count < first || count - first >= failures)
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
