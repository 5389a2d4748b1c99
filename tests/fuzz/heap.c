/* The memory of code that leaves it to the end of its process. */
#include "config.h"

#include "tests/fuzz/heap.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size);
char *__real_strdup(const char *text);
char *__wrap_strdup(const char *text);
void __real_free(void *memory);
void __wrap_free(void *memory);

#define uthash_malloc(size)	  __real_malloc(size)
#define uthash_free(memory, size) __real_free(memory)
#include <uthash.h>

struct block {
	void *memory;
	UT_hash_handle hh;
};

static struct block *blocks;
static bool is_noting;

static void *
note(void *memory)
{
	struct block *block;

	if (!is_noting || memory == NULL)
		return memory;
	block = __real_malloc(sizeof *block);
	block->memory = memory;
	HASH_ADD_PTR(blocks, memory, block);
	return memory;
}

/* It may be a library's, which was not noted. */
static void
forget(void *memory)
{
	struct block *block;

	HASH_FIND_PTR(blocks, &memory, block);
	if (block == NULL)
		return;
	HASH_DEL(blocks, block);
	__real_free(block);
}

void *
__wrap_malloc(size_t size)
{
	return note(__real_malloc(size));
}

void *
__wrap_calloc(size_t count, size_t size)
{
	return note(__real_calloc(count, size));
}

void *
__wrap_realloc(void *old, size_t size)
{
	forget(old);
	return note(__real_realloc(old, size));
}

char *
__wrap_strdup(const char *text)
{
	return note(__real_strdup(text));
}

void
__wrap_free(void *memory)
{
	forget(memory);
	__real_free(memory);
}

void
heap_begin(void)
{
	is_noting = true;
}

void
heap_end(void)
{
	struct block *block, *next;

	is_noting = false;
	HASH_ITER (hh, blocks, block, next) {
		HASH_DEL(blocks, block);
		__real_free(block->memory);
		__real_free(block);
	}
}
