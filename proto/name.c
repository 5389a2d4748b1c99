/* What tasks, pools and functions may be called. */
#include "config.h"

#include "proto/name.h"

#include <string.h>

#include "proto/limits.h"

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
