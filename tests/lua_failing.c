/* The allocator of a tasklet-lua that runs out of memory: from the allocation
   of the number $FAIL_AT on, none succeeds. */
#include "config.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>

void *__real_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size);

void *
__wrap_realloc(void *old, size_t size)
{
	static unsigned long at, count;
	const char *text;

	if (count++ == 0 && (text = getenv("FAIL_AT")) != NULL)
		at = strtoul(text, NULL, 10);
	/* Lua takes it that memory can be given back. */
	if (at == 0 || count < at ||
	    (old != NULL && size <= malloc_usable_size(old)))
		return __real_realloc(old, size);
	errno = ENOMEM;
	return NULL;
}
