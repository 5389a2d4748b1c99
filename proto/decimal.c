/* Integers as decimal text. */
#include "config.h"

#include "proto/decimal.h"

#include <string.h>

char *
decimal_write(char *at, int64_t value)
{
	uint64_t left = value < 0 ? -(uint64_t)value : (uint64_t)value;
	char digits[DECIMAL_SIZE], *first = digits + sizeof digits;

	do {
		*--first = (char)('0' + left % 10);
		left /= 10;
	} while (left > 0);
	if (value < 0)
		*at++ = '-';
	return mempcpy(at, first, (size_t)(digits + sizeof digits - first));
}
