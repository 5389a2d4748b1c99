/* Signals by name and by number. */
#include "config.h"

#include "proto/signal.h"

#include <signal.h>
#include <string.h>

const char *
signal_name(int number)
{
	return sigabbrev_np(number);
}

static int
find(const char *name)
{
	const char *other;
	int number;

	if (strncmp(name, "SIG", 3) == 0)
		name += 3;
	for (number = 1; number <= SIGNAL_MOST; number++) {
		other = signal_name(number);
		if (other != NULL && strcmp(other, name) == 0)
			return number;
	}
	return 0;
}

int
signal_read(const json_t *value)
{
	json_int_t number = json_integer_value(value);
	const char *name = json_string_value(value);

	if (name != NULL)
		return strlen(name) == json_string_length(value) ? find(name) :
								   0;
	return number >= 1 && number <= SIGNAL_MOST ? (int)number : 0;
}
