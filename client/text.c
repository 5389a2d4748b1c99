/* Untrusted text, made harmless for a terminal. */
#include "config.h"

#include "client/text.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

#include "proto/xalloc.h"

/* Those that turn the direction of the text, or are not seen at all, count as
   printable, but have no width and belong to no character before them. */
static bool
is_harmless(wint_t c)
{
	return iswprint(c) && (wcwidth((wchar_t)c) > 0 || iswalpha(c) ||
				  iswctype(c, wctype("combining")));
}

/* What is escaped inside of JSON stays JSON: hence \u and not \x. */
static size_t
write_safe(FILE *out, const char *text, size_t length, const char *allowed)
{
	mbstate_t state = {0};
	wchar_t c;
	size_t count = mbrtowc(&c, text, length, &state);

	if (count == 0) /* a NUL */
		count = 1;
	if (count > length) { /* invalid, or cut off */
		fprintf(out, "\\x%02x", (unsigned char)*text);
		return 1;
	}
	if (is_harmless((wint_t)c) ||
	    (count == 1 && *text != '\0' && strchr(allowed, *text) != NULL))
		fwrite(text, 1, count, out);
	else if (c <= 0xffff)
		fprintf(out, "\\u%04x", (unsigned)c);
	else /* as JSON has it, a surrogate pair */
		fprintf(out, "\\u%04x\\u%04x",
		    0xd800 + (((unsigned)c - 0x10000) >> 10),
		    0xdc00 + (((unsigned)c - 0x10000) & 0x3ff));
	return count;
}

char *
text_safe(const char *text, size_t length, const char *allowed)
{
	char *safe;
	size_t size, at = 0;
	FILE *out = xopen_memstream(&safe, &size);

	while (at < length)
		at += write_safe(out, text + at, length - at, allowed);
	fclose(out);
	return safe;
}

size_t
text_fit(const char *text, size_t columns, size_t *used)
{
	mbstate_t state = {0};
	size_t length = strlen(text), at = 0, count;
	wchar_t c;
	int width;

	while (at < length) {
		count = mbrtowc(&c, text + at, length - at, &state);
		width = count <= length ? wcwidth(c) : -1;
		if (width < 0 || (size_t)width > columns - *used)
			break;
		*used += (size_t)width;
		at += count;
	}
	return at;
}

void
text_print(const char *text, size_t length)
{
	size_t at = 0;

	if (!isatty(STDOUT_FILENO)) {
		fwrite(text, 1, length, stdout);
		return;
	}
	while (at < length)
		at += write_safe(stdout, text + at, length - at, "\n\t");
}
