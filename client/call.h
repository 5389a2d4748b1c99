/* Calls to the daemon: a request goes out, its reply comes back. */
#ifndef CLIENT_CALL_H
#define CLIENT_CALL_H

#include <jansson.h>

#include "proto/frame.h"

/* A connection, made by the first call. */
struct call {
	const char *option; /* the socket asked for; NULL for the default */
	char *path;	    /* the socket connected to */
	int fd;		    /* -1 before the first call */
	struct frame frame;
	json_int_t id;	/* of the last request */
	json_t *result; /* of the last call, NULL before it */
};

void call_create(struct call *call);
void call_destroy(struct call *call);

/*
 * Calls a method and waits for its result, which is borrowed until the next
 * call. Steals params. Where there is no result the process ends: with the
 * daemon's error reported and its status, or with STATUS_UNREACHABLE.
 */
json_t *call_method(struct call *call, const char *method, json_t *params);

/* Ends the process: the last result is not what the protocol says. */
_Noreturn void call_refuse_result(const struct call *call);

#endif
