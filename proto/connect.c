/* Connecting to the daemon's socket. */
#include "config.h"

#include "proto/connect.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "proto/path.h"
#include "proto/xalloc.h"

static int
connect_to(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd, saved;

	if (strlen(path) >= sizeof address.sun_path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(address.sun_path, path, strlen(path) + 1);
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) == -1)
		return -1;
	if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

/* What errno says of it. */
static char *
describe_failure(const char *path, bool is_default)
{
	if (errno == ENAMETOOLONG)
		return xasprintf("the socket's path is over %zu bytes: %s",
		    sizeof((struct sockaddr_un *)NULL)->sun_path - 1, path);
	if (errno == EACCES)
		return xasprintf(
		    "%s is not open to you: %s", path, strerror(errno));
	if (errno != ENOENT && errno != ECONNREFUSED)
		return xasprintf(
		    "cannot connect to %s: %s", path, strerror(errno));
	return xasprintf("cannot connect to %s: %s: is taskletd running? "
			 "start it with: taskletd%s%s",
	    path, strerror(errno), is_default ? "" : " --socket ",
	    is_default ? "" : path);
}

/* The folder of a default socket may be another user's trap. */
static char *
check_folder(const char *path)
{
	if (path_check_folder(path) == 0 || errno == ENOENT)
		return NULL;
	return xasprintf("not connecting to %s: its folder must be yours, with "
			 "mode 0700 (%s); remove it, or name a socket with "
			 "--socket",
	    path, strerror(errno));
}

/* Where there is no system's socket either, it is the first that is told of. */
static int
connect_system(char **path, char **message)
{
	int fd = connect_to(PATH_SYSTEM_SOCKET);

	if (fd == -1 && errno == ENOENT)
		return -1;
	if (fd != -1)
		*message = xasprintf("there is no %s: using the system's, %s",
		    *path, PATH_SYSTEM_SOCKET);
	free(*path);
	*path = xstrdup(PATH_SYSTEM_SOCKET);
	return fd;
}

int
connect_open(const char *option, char **path, char **message)
{
	bool is_default;
	int fd, saved;

	*path = path_socket(option, &is_default);
	*message = NULL;
	if (is_default && (*message = check_folder(*path)) != NULL) {
		errno = EPERM;
		return -1;
	}
	fd = connect_to(*path);
	if (fd == -1 && is_default && errno == ENOENT &&
	    strcmp(*path, PATH_SYSTEM_SOCKET) != 0)
		fd = connect_system(path, message);
	if (fd != -1)
		return fd;
	saved = errno;
	*message = describe_failure(*path, is_default);
	errno = saved;
	return -1;
}

bool
connect_is_own(int fd)
{
	struct ucred peer;
	socklen_t size = sizeof peer;

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
	       peer.uid == getuid();
}
