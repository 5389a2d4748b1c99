/* Names: one object for each, shared by the tasks that have it. */
#include "config.h"

#include "daemon/name.h"

#include <stdlib.h>
#include <string.h>

#include "proto/hash.h"
#include "proto/xalloc.h"

static uint64_t
hash_of(const struct table_link *link)
{
	return ((const struct name *)link)->hash;
}

static uint32_t
hash_text(const char *text, size_t length)
{
	unsigned int hash;

	HASH_JEN(text, length, hash);
	return hash;
}

void
names_create(struct names *names)
{
	table_create(&names->table, hash_of);
}

void
names_destroy(struct names *names)
{
	table_destroy(&names->table);
}

static struct name *
find(const struct names *names, const char *text, uint32_t hash)
{
	struct table_link *link = table_bucket(&names->table, hash);
	struct name *name;

	for (; link != NULL; link = link->next) {
		name = (struct name *)link;
		if (name->hash == hash && strcmp(name->text, text) == 0)
			return name;
	}
	return NULL;
}

struct name *
name_find(const struct names *names, const char *text)
{
	return find(names, text, hash_text(text, strlen(text)));
}

struct name *
name_ref(struct names *names, const char *text)
{
	size_t length = strlen(text);
	uint32_t hash = hash_text(text, length);
	struct name *name = find(names, text, hash);

	if (name == NULL) {
		name = xcalloc(1, sizeof *name + length + 1);
		memcpy(name->text, text, length);
		name->hash = hash;
		TAILQ_INIT(&name->live);
		TAILQ_INIT(&name->finished);
		table_add(&names->table, &name->link);
	}
	name->refs++;
	return name;
}

void
name_unref(struct names *names, struct name *name)
{
	if (--name->refs > 0)
		return;
	table_remove(&names->table, &name->link);
	free(name);
}
