/* A client as the daemon sees it, and the count of what it is owed. */
#ifndef TESTS_FUZZ_PEER_H
#define TESTS_FUZZ_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <jansson.h>

#include "proto/frame.h"

struct peer {
	int fd;	       /* -1: not open */
	int daemon_fd; /* of the daemon's end; -1: another has it now */
	bool deaf;     /* it does not read */
	bool finished; /* it sends no more */
	bool lost;     /* not every request was handled, by some fault of its */
	struct frame sent;     /* read again as the daemon reads it */
	struct frame received; /* replies */
	json_t *owed; /* by the id's JSON text: requests less replies */
	int64_t owed_null;
	json_t *answered; /* ids that it may have answered the daemon by */
};

/* A client of those bounds on that non-blocking socket (taken over). */
void peer_create(struct peer *peer, int fd, int daemon_fd, size_t message);

/* The daemon takes no more clients: one error is owed to it. */
void peer_refused(struct peer *peer);

/* Closes it, and checks that no request has got more than one reply, and,
   unless it is lost, that each one got one. */
void peer_destroy(struct peer *peer);

/* What the socket does not take is lost. */
void peer_send(struct peer *peer, const char *data, size_t length);

/* No more is sent. */
void peer_finish(struct peer *peer);

/* Reads what there is, unless it is deaf, and checks it. True where there was
   anything. */
bool peer_receive(struct peer *peer);

#endif
