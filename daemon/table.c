/* A hash table that grows by one bucket with each entry, so that none pays for
   all the others. */
#include "config.h"

#include "daemon/table.h"

#include <stdlib.h>

#include "proto/xalloc.h"

#define BUCKETS 256

void
table_create(struct table *table, table_hash_fn *hash)
{
	table->hash = hash;
	table->nbuckets = BUCKETS;
	table->buckets = xcalloc(BUCKETS, sizeof(struct table_link *));
	table->old = NULL;
	table->moved = table->count = 0;
}

void
table_destroy(struct table *table)
{
	free(table->buckets);
	free(table->old);
}

static struct table_link **
bucket_of(const struct table *table, uint64_t hash)
{
	size_t i = hash & (table->nbuckets / 2 - 1);

	if (table->old != NULL && i >= table->moved)
		return &table->old[i];
	return &table->buckets[hash & (table->nbuckets - 1)];
}

static void
chain(struct table *table, struct table_link *link)
{
	struct table_link **bucket = bucket_of(table, table->hash(link));

	link->next = *bucket;
	*bucket = link;
}

static void
grow(struct table *table)
{
	table->old = table->buckets;
	table->moved = 0;
	table->nbuckets *= 2;
	table->buckets = xcalloc(table->nbuckets, sizeof(struct table_link *));
}

/* One for each new entry: the old buckets are empty when these are full. */
static void
move_bucket(struct table *table)
{
	struct table_link *link, *next = table->old[table->moved++];

	while ((link = next) != NULL) {
		next = link->next;
		chain(table, link);
	}
	if (table->moved == table->nbuckets / 2) {
		free(table->old);
		table->old = NULL;
	}
}

void
table_add(struct table *table, struct table_link *link)
{
	if (table->old != NULL)
		move_bucket(table);
	else if (table->count >= table->nbuckets)
		grow(table);
	chain(table, link);
	table->count++;
}

void
table_remove(struct table *table, struct table_link *link)
{
	struct table_link **p = bucket_of(table, table->hash(link));

	while (*p != link)
		p = &(*p)->next;
	*p = link->next;
	table->count--;
}

struct table_link *
table_bucket(const struct table *table, uint64_t hash)
{
	return *bucket_of(table, hash);
}
