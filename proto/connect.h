/* Connecting to the daemon's socket. */
#ifndef PROTO_CONNECT_H
#define PROTO_CONNECT_H

#include <stdbool.h>

/*
 * Connects to the socket that `option` (may be NULL) or, without it, the
 * environment says (path_socket), or to the system's where the default one is
 * not there. Returns the descriptor, *path being the socket it is of and
 * *message NULL or what the user should know; or -1, *message saying what is
 * wrong, with errno set: ENAMETOOLONG where the path is too long, EACCES where
 * the socket is not open to this user. Free both texts with free().
 */
int connect_open(const char *option, char **path, char **message);

/* Whether the daemon at the other end is this user's own. */
bool connect_is_own(int fd);

#endif
