/* Names: one object for each, shared by the tasks that have it. */
#include "config.h"

#include "daemon/name.h"

#include <stdlib.h>
#include <string.h>

#include "proto/limits.h"
#include "proto/xalloc.h"

struct name *
name_find(const struct names *names, const char *text)
{
	struct name *name;

	HASH_FIND_STR(names->table, text, name);
	return name;
}

struct name *
name_ref(struct names *names, const char *text)
{
	struct name *name = name_find(names, text);
	size_t length = strlen(text);

	if (name == NULL) {
		name = xcalloc(1, sizeof *name + length + 1);
		memcpy(name->text, text, length);
		TAILQ_INIT(&name->live);
		TAILQ_INIT(&name->finished);
		HASH_ADD_KEYPTR(hh, names->table, name->text, length, name);
	}
	name->refs++;
	return name;
}

void
name_unref(struct names *names, struct name *name)
{
	if (--name->refs > 0)
		return;
	HASH_DEL(names->table, name);
	free(name);
}

/* In UTF-8, C1 (U+0080 to U+009F) is 0xC2 followed by 0x80 to 0x9F. */
static bool
is_control(const unsigned char *p)
{
	return *p < 0x20 || *p == 0x7f ||
	       (p[0] == 0xc2 && p[1] >= 0x80 && p[1] <= 0x9f);
}

bool
name_is_valid(const char *text, size_t length)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t i;

	if (length == 0 || length > LIMIT_NAME)
		return false;
	for (i = 0; i < length; i++)
		if (is_control(p + i))
			return false;
	return strspn(text, "0123456789") < length;
}
