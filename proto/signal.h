/* Signals by name and by number. */
#ifndef PROTO_SIGNAL_H
#define PROTO_SIGNAL_H

#include <jansson.h>

/* The largest number of a signal. */
#define SIGNAL_MOST 64

/* "TERM", "SIGTERM" or 15 is SIGTERM; real-time ones have only numbers. 0
   where it is none. */
int signal_read(const json_t *value);

/* "TERM"; NULL for one without a name. */
const char *signal_name(int number);

#endif
