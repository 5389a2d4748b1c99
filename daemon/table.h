/* A hash table that grows by one bucket with each entry, so that none pays for
   all the others. */
#ifndef DAEMON_TABLE_H
#define DAEMON_TABLE_H

#include <stddef.h>
#include <stdint.h>

/* First member of what is in a table. */
struct table_link {
	struct table_link *next; /* in its bucket */
};

typedef uint64_t table_hash_fn(const struct table_link *link);

struct table {
	table_hash_fn *hash;
	struct table_link **buckets;
	size_t nbuckets; /* a power of two */
	/* While it grows: the half as large buckets before these, of which the
	   first `moved` are already in these. NULL: none. */
	struct table_link **old;
	size_t moved;
	size_t count;
};

void table_create(struct table *table, table_hash_fn *hash);
void table_destroy(struct table *table); /* not what is in it */

void table_add(struct table *table, struct table_link *link);
void table_remove(struct table *table, struct table_link *link);

/* The first of those among which all are that have that hash. */
struct table_link *table_bucket(const struct table *table, uint64_t hash);

#endif
