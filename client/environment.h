/* The environment of this program, for the commands that it has run. */
#ifndef CLIENT_ENVIRONMENT_H
#define CLIENT_ENVIRONMENT_H

#include <jansson.h>

/* A new object, as the option `env` of a command takes it; without variables
   whose name JSON cannot hold, and those that the daemon sets. */
json_t *environment_new(void);

#endif
