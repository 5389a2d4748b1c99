/* The environment of this program, for the commands that it has run. */
#include "config.h"

#include "client/environment.h"

#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "proto/bytes.h"

/* What the daemon says of itself, to this command, is not for others. */
static bool
is_passed_on(const char *variable)
{
	return strncmp(variable, "TASKLET_ID=", 11) != 0 &&
	       strncmp(variable, "TASKLET_INSTANCE=", 17) != 0 &&
	       strncmp(variable, "TASKLET_SOCKET=", 15) != 0;
}

json_t *
environment_new(void)
{
	json_t *env = json_object();
	const char *equals;
	char **variable;
	size_t length;

	for (variable = environ; *variable != NULL; variable++) {
		equals = strchr(*variable, '=');
		if (equals == NULL || equals == *variable ||
		    !is_passed_on(*variable))
			continue;
		length = (size_t)(equals - *variable);
		if (json_object_getn(env, *variable, length) == NULL)
			json_object_setn_new(env, *variable, length,
			    bytes_new(equals + 1, strlen(equals + 1)));
	}
	return env;
}
