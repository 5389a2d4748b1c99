/* How a command ended, as an exit status. */
#include "config.h"

#include "client/ending.h"

int
ending_status(const json_t *ended)
{
	json_t *status = json_object_get(ended, "exit_status");
	json_t *number =
	    json_object_get(json_object_get(ended, "signal"), "number");

	if (json_is_integer(number))
		return 128 + (int)(json_integer_value(number) & 0x7f);
	if (json_is_integer(status))
		return (int)(json_integer_value(status) & 0xff);
	return -1;
}

int
ending_failure(const json_t *error)
{
	int status = ending_status(json_object_get(error, "data"));

	return status == 0 ? 1 : status;
}
