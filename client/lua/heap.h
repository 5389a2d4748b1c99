/* Deadlines: the tasklets that have one, the earliest first. */
#ifndef CLIENT_LUA_HEAP_H
#define CLIENT_LUA_HEAP_H

#include <stdint.h>

struct tasklet;

/* Zeroed, it is empty. */
struct heap {
	struct tasklet **items; /* a binary heap; items[0] is not used */
	uint32_t count, size;
};

void heap_add(struct heap *heap, struct tasklet *tasklet);

/* Where it is in the heap; else does nothing. */
void heap_remove(struct heap *heap, struct tasklet *tasklet);

/* NULL where there is none. */
struct tasklet *heap_first(const struct heap *heap);

#endif
