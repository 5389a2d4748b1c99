/* Where the control socket is. */
#ifndef PROTO_PATH_H
#define PROTO_PATH_H

#include <stdbool.h>

/* The socket of the system's daemon. */
#define PATH_SYSTEM_SOCKET "/run/tasklet/control.sock"

/*
 * The socket to use: `option` if given, else $TASKLET_SOCKET, else the
 * user's own (path_user_socket). An empty option or variable is as absent.
 * *is_default tells that it is the user's own. To be freed with free().
 */
char *path_socket(const char *option, bool *is_default);

/*
 * PATH_SYSTEM_SOCKET as root, else $XDG_RUNTIME_DIR/tasklet/control.sock,
 * else /tmp/tasklet-UID/control.sock. To be freed with free().
 */
char *path_user_socket(void);

/*
 * Looks at the folder of a default socket, which in /tmp anyone could have
 * made: it must be a folder, not a link, of this process's user, and closed
 * to others (mode 0700). PATH_SYSTEM_SOCKET's may be open to be searched.
 * Returns 0, or -1 with errno set: ENOENT where there is none, EPERM where
 * it is not safe.
 */
int path_check_folder(const char *socket);

/* Makes that folder where it is missing, then checks it as above. */
int path_make_folder(const char *socket);

#endif
