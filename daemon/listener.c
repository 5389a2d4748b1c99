/* The control socket: bound, listened on, accepted from. */
#include "config.h"

#include "daemon/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/event.h>

#include "daemon/conn.h"
#include "daemon/log.h"
#include "daemon/place.h"
#include "proto/xalloc.h"

/* Clients accepted in one turn of the loop. */
#define ACCEPT_MOST 64

/* For 2 s: another daemon that starts holds it for some microseconds. */
#define LOCK_TRIES    100
#define LOCK_PAUSE_NS 20000000

/* Others may hold the descriptors: then nothing tells when one is free. */
static const struct timeval retry_time = {1, 0};

struct listener {
	struct conns *conns;
	char *path; /* of a socket of our own; NULL: it was handed over */
	int fd;
	struct stat st; /* of the socket file */
	struct event *readable;
	struct event *retry;
	bool paused;
	bool is_told; /* in the log, since the last client came in */
};

static void
pause_accepting(struct listener *listener)
{
	if (!listener->is_told)
		log_line(LOG_WARNING, "listener", "accepting is paused: %s",
		    strerror(errno));
	listener->is_told = true;
	listener->paused = true;
	event_del(listener->readable);
	event_add(listener->retry, &retry_time);
}

void
listener_resume(struct listener *listener)
{
	if (!listener->paused)
		return;
	listener->paused = false;
	event_del(listener->retry);
	if (event_add(listener->readable, NULL) == -1)
		pause_accepting(listener);
}

static void
retry_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	listener_resume(arg);
}

static void
accept_cb(evutil_socket_t listening, short what, void *arg)
{
	struct listener *listener = arg;
	int fd, i;

	(void)what;
	for (i = 0; i < ACCEPT_MOST; i++) {
		fd = accept4(
		    listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd != -1) {
			log_line(LOG_DEBUG, "listener", "accepted %d", fd);
			conns_add(listener->conns, fd);
			listener->is_told = false;
			continue;
		}
		if (errno == EINTR || errno == ECONNABORTED)
			continue;
		if (errno != EAGAIN)
			pause_accepting(listener);
		return;
	}
}

static int
fill_address(struct sockaddr_un *address, const char *path)
{
	memset(address, 0, sizeof *address);
	address->sun_family = AF_UNIX;
	if (strlen(path) >= sizeof address->sun_path) {
		log_line(LOG_ERROR, "listener",
		    "%s: the path of a socket has at most %zu bytes", path,
		    sizeof address->sun_path - 1);
		return -1;
	}
	memcpy(address->sun_path, path, strlen(path));
	return 0;
}

/*
 * Two daemons that start at once must not both find the socket stale, and one
 * unlink what the other has just bound. So each looks, binds and listens
 * while it holds a lock on the folder; the lock goes with the descriptor. A
 * folder that may not be read goes without. Returns -1 where another process
 * does not give the lock back.
 */
static int
lock_folder(const char *path, int *lock)
{
	const struct timespec pause = {0, LOCK_PAUSE_NS};
	char *copy = xstrdup(path);
	int tries = LOCK_TRIES;

	*lock = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(copy);
	if (*lock == -1)
		return 0;
	while (flock(*lock, LOCK_EX | LOCK_NB) == -1) {
		if (--tries == 0) {
			log_line(LOG_ERROR, "listener",
			    "%s: the lock on its folder: %s", path,
			    strerror(errno));
			close(*lock);
			return -1;
		}
		nanosleep(&pause, NULL);
	}
	return 0;
}

/* Whether the socket file is left over: nobody listens on it. Logs what it is
   else. */
static bool
is_stale(const struct sockaddr_un *address)
{
	const char *path = address->sun_path;
	struct stat st;
	int fd, result;

	if (lstat(path, &st) == 0 && !S_ISSOCK(st.st_mode)) {
		log_line(LOG_ERROR, "listener",
		    "%s: is no socket: give another path with --socket", path);
		return false;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return false;
	result = connect(fd, (const struct sockaddr *)address, sizeof *address);
	if (result == -1 && errno == ECONNREFUSED) {
		close(fd);
		return true;
	}
	if (result == -1 && errno != EAGAIN)
		log_line(LOG_ERROR, "listener",
		    "%s: cannot tell whether it is served: %s", path,
		    strerror(errno));
	else
		log_line(LOG_ERROR, "listener",
		    "%s: another taskletd serves this socket: give another "
		    "path with --socket",
		    path);
	close(fd);
	return false;
}

static int
try_bind(int fd, const struct sockaddr_un *address)
{
	mode_t old = umask(0177);
	int result =
	    bind(fd, (const struct sockaddr *)address, sizeof *address);
	int saved = errno;

	umask(old);
	errno = saved;
	return result;
}

static int
bind_socket(int fd, const struct sockaddr_un *address)
{
	int result = try_bind(fd, address);

	if (result == -1 && errno == EADDRINUSE) {
		if (!is_stale(address))
			return -1;
		log_line(LOG_INFO, "listener", "%s: taking over a stale socket",
		    address->sun_path);
		if (unlink(address->sun_path) == 0)
			result = try_bind(fd, address);
	}
	if (result == -1)
		log_line(LOG_ERROR, "listener", "%s: bind: %s",
		    address->sun_path, strerror(errno));
	return result;
}

static int
open_socket(const char *path)
{
	struct sockaddr_un address;
	int fd;

	if (fill_address(&address, path) == -1)
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd == -1) {
		log_line(LOG_ERROR, "listener", "socket: %s", strerror(errno));
		return -1;
	}
	if (bind_socket(fd, &address) == 0) {
		if (listen(fd, SOMAXCONN) == 0)
			return fd;
		log_line(LOG_ERROR, "listener", "listen: %s", strerror(errno));
		unlink(path);
	}
	close(fd);
	return -1;
}

static int
open_own(const char *path)
{
	int fd, lock;

	if (lock_folder(path, &lock) == -1)
		return -1;
	fd = open_socket(path);
	if (lock != -1)
		close(lock);
	return fd;
}

struct listener *
listener_new(
    struct event_base *base, const struct place *place, struct conns *conns)
{
	bool own = place->fd == -1;
	int fd = own ? open_own(place->path) : place->fd;
	struct listener *listener;

	if (fd == -1)
		return NULL;
	listener = xcalloc(1, sizeof *listener);
	listener->conns = conns;
	listener->fd = fd;
	if (own) {
		listener->path = xstrdup(place->path);
		(void)lstat(place->path, &listener->st);
	}
	listener->readable =
	    event_new(base, fd, EV_READ | EV_PERSIST, accept_cb, listener);
	listener->retry = evtimer_new(base, retry_cb, listener);
	if (event_add(listener->readable, NULL) == 0)
		return listener;
	log_line(LOG_ERROR, "listener", "the socket: %s", strerror(errno));
	listener_delete(listener);
	return NULL;
}

/* Somebody may have put another file there meanwhile. */
static void
remove_socket(const struct listener *listener)
{
	struct stat st;

	if (lstat(listener->path, &st) == 0 &&
	    st.st_ino == listener->st.st_ino &&
	    st.st_dev == listener->st.st_dev)
		unlink(listener->path);
}

void
listener_delete(struct listener *listener)
{
	if (listener == NULL)
		return;
	event_free(listener->readable);
	event_free(listener->retry);
	if (listener->path != NULL)
		remove_socket(listener);
	close(listener->fd);
	free(listener->path);
	free(listener);
}
