/* Durations, as people write and read them. */
#include "config.h"

#include "client/duration.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/limits.h"

#define MINUTE 60
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

static const struct unit {
	const char *name;
	double seconds;
} units[] = {
    {"", 1},
    {"ms", 0.001},
    {"s", 1},
    {"m", MINUTE},
    {"h", HOUR},
    {"d", DAY},
};

/* The length of digits with at most one point among them, or 0. strtod
   alone would take signs, exponents, hexadecimals and "inf". */
static size_t
number_length(const char *text)
{
	const char digits[] = "0123456789";
	size_t whole = strspn(text, digits), fraction = 0, length = whole;

	if (text[whole] == '.') {
		fraction = strspn(text + whole + 1, digits);
		length += 1 + fraction;
	}
	return whole + fraction > 0 ? length : 0;
}

int
duration_parse(const char *text, double *seconds)
{
	size_t i, length = number_length(text);

	if (length > 0)
		for (i = 0; i < sizeof units / sizeof units[0]; i++) {
			if (strcmp(text + length, units[i].name) != 0)
				continue;
			*seconds = strtod(text, NULL) * units[i].seconds;
			if (*seconds <= LIMIT_SECONDS)
				return 0;
			errno = ERANGE;
			return -1;
		}
	errno = EINVAL;
	return -1;
}

void
duration_format(char text[DURATION_SIZE], double seconds)
{
	long whole;

	if (!(seconds > 0))
		seconds = 0;
	if (seconds > LIMIT_SECONDS)
		seconds = LIMIT_SECONDS;
	whole = (long)(seconds + 0.5);
	if (seconds < 9.95)
		snprintf(text, DURATION_SIZE, "%.1fs", seconds);
	else if (whole < MINUTE)
		snprintf(text, DURATION_SIZE, "%lds", whole);
	else if (whole < HOUR)
		snprintf(text, DURATION_SIZE, "%ldm %lds", whole / MINUTE,
		    whole % MINUTE);
	else if (whole < DAY)
		snprintf(text, DURATION_SIZE, "%ldh %ldm", whole / HOUR,
		    whole % HOUR / MINUTE);
	else
		snprintf(text, DURATION_SIZE, "%ldd %ldh", whole / DAY,
		    whole % DAY / HOUR);
}

struct timespec
duration_timespec(double seconds)
{
	struct timespec time = {.tv_sec = (time_t)seconds};

	time.tv_nsec = (long)((seconds - (double)time.tv_sec) * 1e9);
	return time;
}
