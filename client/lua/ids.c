/* The tasklets by the ids that the daemon gave them. */
#include "config.h"

#include "client/lua/ids.h"

#include <stdint.h>
#include <stdlib.h>

#include "client/lua/tasklet.h"
#include "proto/xalloc.h"

/* Open addressing, for eight bytes a slot where uthash takes 56 an entry: at
   most three quarters are taken. */
static struct {
	struct tasklet **slots;
	size_t size; /* a power of two, or none */
	size_t count;
} ids;

/* Ids rise by one; unmixed, they would be one long row of slots that each
   removal has to walk. */
static size_t
home_of(json_int_t id)
{
	return (size_t)(((uint64_t)id * 0x9e3779b97f4a7c15U) >> 32) &
	       (ids.size - 1);
}

static size_t
after(size_t i)
{
	return (i + 1) & (ids.size - 1);
}

/* Where it is, or would be. */
static size_t
find(json_int_t id)
{
	size_t i = home_of(id);

	while (ids.slots[i] != NULL && ids.slots[i]->id != id)
		i = after(i);
	return i;
}

static void
grow(void)
{
	struct tasklet **old = ids.slots;
	size_t size = ids.size, i;

	ids.size = size == 0 ? 64 : 2 * size;
	ids.slots = xcalloc(ids.size, sizeof *ids.slots);
	for (i = 0; i < size; i++)
		if (old[i] != NULL)
			ids.slots[find(old[i]->id)] = old[i];
	free(old);
}

void
ids_close(void)
{
	free(ids.slots);
}

void
ids_add(struct tasklet *tasklet)
{
	if (4 * (ids.count + 1) > 3 * ids.size)
		grow();
	ids.slots[find(tasklet->id)] = tasklet;
	ids.count++;
}

/* Whether what is at `i` and at home at `home` may move to the hole, which is
   before it: it must not come to lie before its home. */
static int
may_move(size_t hole, size_t i, size_t home)
{
	return ((i - home) & (ids.size - 1)) >= ((i - hole) & (ids.size - 1));
}

void
ids_remove(const struct tasklet *tasklet)
{
	size_t hole, i;

	if (ids.size == 0)
		return;
	hole = find(tasklet->id);
	if (ids.slots[hole] != tasklet)
		return;
	for (i = after(hole); ids.slots[i] != NULL; i = after(i))
		if (may_move(hole, i, home_of(ids.slots[i]->id))) {
			ids.slots[hole] = ids.slots[i];
			hole = i;
		}
	ids.slots[hole] = NULL;
	ids.count--;
}

struct tasklet *
ids_find(json_int_t id)
{
	return ids.size == 0 ? NULL : ids.slots[find(id)];
}

void
ids_each(void (*call)(struct tasklet *tasklet))
{
	size_t i;

	for (i = 0; i < ids.size; i++)
		if (ids.slots[i] != NULL)
			call(ids.slots[i]);
}
