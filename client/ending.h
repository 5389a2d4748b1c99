/* How a command ended, as an exit status. */
#ifndef CLIENT_ENDING_H
#define CLIENT_ENDING_H

#include <jansson.h>

/*
 * As a shell has it, 128 and more for a signal. `ended` is an object that may
 * have an exit_status or a signal; -1 where it has neither.
 */
int ending_status(const json_t *ended);

/* Of a task that failed, likewise; not 0, which a command may call a failure
   too. */
int ending_failure(const json_t *error);

#endif
