/* The memory of code that leaves it to the end of its process. */
#include "config.h"

#include "tests/fuzz/heap.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
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
int __real_vasprintf(char **text, const char *format, va_list ap)
    __attribute__((format(printf, 2, 0)));
int __wrap_vasprintf(char **text, const char *format, va_list ap)
    __attribute__((format(printf, 2, 0)));
int __wrap___vasprintf_chk(char **text, int flag, const char *format,
    va_list ap) __attribute__((format(printf, 3, 0)));
int __real_scols_line_refer_data(void *line, size_t column, char *data);
int __wrap_scols_line_refer_data(void *line, size_t column, char *data);
int __real_scols_cell_refer_data(void *cell, char *data);
int __wrap_scols_cell_refer_data(void *cell, char *data);
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

int
__wrap_vasprintf(char **text, const char *format, va_list ap)
{
	int length = __real_vasprintf(text, format, ap);

	if (length >= 0)
		note(*text);
	return length;
}

/* Where the compiler has checked what it can. */
int
__wrap___vasprintf_chk(char **text, int flag, const char *format, va_list ap)
{
	(void)flag;
	return __wrap_vasprintf(text, format, ap);
}

void
__wrap_free(void *memory)
{
	forget(memory);
	__real_free(memory);
}

/* libsmartcols takes it over. */
int
__wrap_scols_line_refer_data(void *line, size_t column, char *data)
{
	forget(data);
	return __real_scols_line_refer_data(line, column, data);
}

int
__wrap_scols_cell_refer_data(void *cell, char *data)
{
	forget(data);
	return __real_scols_cell_refer_data(cell, data);
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
