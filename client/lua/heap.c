/* Deadlines: the tasklets that have one, the earliest first. */
#include "config.h"

#include "client/lua/heap.h"

#include "client/lua/tasklet.h"
#include "proto/xalloc.h"

static void
put(struct heap *heap, uint32_t i, struct tasklet *tasklet)
{
	heap->items[i] = tasklet;
	tasklet->heap_index = i;
}

static void
move_up(struct heap *heap, uint32_t i, struct tasklet *tasklet)
{
	while (i > 1 && heap->items[i / 2]->deadline > tasklet->deadline) {
		put(heap, i, heap->items[i / 2]);
		i /= 2;
	}
	put(heap, i, tasklet);
}

static void
move_down(struct heap *heap, uint32_t i, struct tasklet *tasklet)
{
	struct tasklet **items = heap->items;
	uint32_t child;

	while ((child = 2 * i) <= heap->count) {
		if (child < heap->count &&
		    items[child + 1]->deadline < items[child]->deadline)
			child++;
		if (items[child]->deadline >= tasklet->deadline)
			break;
		put(heap, i, items[child]);
		i = child;
	}
	put(heap, i, tasklet);
}

void
heap_add(struct heap *heap, struct tasklet *tasklet)
{
	if (heap->count + 1 >= heap->size) {
		heap->size += heap->size / 2 + 64;
		heap->items = xrealloc(
		    heap->items, heap->size * sizeof(struct tasklet *));
	}
	move_up(heap, ++heap->count, tasklet);
}

void
heap_remove(struct heap *heap, struct tasklet *tasklet)
{
	uint32_t i = tasklet->heap_index;
	struct tasklet *last;

	if (i == 0)
		return;
	tasklet->heap_index = 0;
	last = heap->items[heap->count--];
	if (last == tasklet)
		return;
	if (i > 1 && heap->items[i / 2]->deadline > last->deadline)
		move_up(heap, i, last);
	else
		move_down(heap, i, last);
}

struct tasklet *
heap_first(const struct heap *heap)
{
	return heap->count > 0 ? heap->items[1] : NULL;
}
