/* All connections: who is taken, who is refused, and how all are dismissed. */
#include "config.h"

#include "daemon/conn_impl.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/event.h>

#include "daemon/daemon.h"
#include "daemon/fn_exec.h"
#include "daemon/log.h"
#include "daemon/task.h"
#include "proto/error.h"
#include "proto/limits.h"
#include "proto/reply.h"
#include "proto/xalloc.h"

static void
reaper_cb(evutil_socket_t fd, short what, void *arg)
{
	struct conns *conns = arg;
	struct conn *conn;

	(void)fd;
	(void)what;
	while ((conn = LIST_FIRST(&conns->dead)) != NULL) {
		LIST_REMOVE(conn, entry);
		evbuffer_free(conn->out);
		frame_destroy(&conn->in);
		free(conn);
	}
}

struct conn_limits
conn_default_limits(size_t descriptors)
{
	/* For the base, the listener, the logs, and what tasks need. */
	const size_t own = 32;
	struct conn_limits limits = {
	    .message = LIMIT_MESSAGE,
	    .reply = LIMIT_REPLY,
	    .queued = 4 * 1024 * 1024,
	    .waiting = LIMIT_WAITING,
	    .clients = descriptors > 2 * own ? descriptors - own : own,
	};

	limits.clients_per_uid = (limits.clients + 1) / 2;
	return limits;
}

struct conns *
conns_new(struct daemon *daemon, struct event_base *base,
    const struct conn_limits *limits, void (*changed)(void *arg), void *arg)
{
	struct conns *conns = xcalloc(1, sizeof *conns);

	conns->daemon = daemon;
	conns->base = base;
	conns->limits = *limits;
	conns->changed = changed;
	conns->changed_arg = arg;
	LIST_INIT(&conns->conns);
	LIST_INIT(&conns->dead);
	conns->reaper = evtimer_new(base, reaper_cb, conns);
	return conns;
}

void
conns_delete(struct conns *conns)
{
	while (!LIST_EMPTY(&conns->conns))
		conn_detach(LIST_FIRST(&conns->conns));
	reaper_cb(-1, 0, conns);
	event_free(conns->reaper);
	free(conns);
}

size_t
conns_count(const struct conns *conns)
{
	return conns->count;
}

static void
refuse(int fd, const char *limit, size_t bound)
{
	json_t *error = error_new_limit(limit, bound);
	char *reply = reply_new_error(NULL, error);
	char *line = xasprintf("%s\n", reply);

	log_line(
	    LOG_WARNING, "conn", "refused a client: %s is %zu", limit, bound);
	(void)send(fd, line, strlen(line), MSG_NOSIGNAL);
	close(fd);
	free(line);
	free(reply);
	json_decref(error);
}

/* A command of the daemon's runs as the daemon's user, and acts as its own
   owner. */
static uid_t
acting_uid(const struct ucred *peer)
{
	const struct task *task = NULL;

	if (peer->uid == geteuid() && peer->pid > 0)
		task = exec_of_session(getsid(peer->pid));
	return task != NULL ? task->owner : peer->uid;
}

void
conns_add(struct conns *conns, int fd)
{
	struct ucred peer = {0};
	socklen_t length = sizeof peer;
	uid_t uid;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) == -1) {
		close(fd);
		return;
	}
	uid = acting_uid(&peer);
	if (conns->count >= conns->limits.clients)
		refuse(fd, "clients", conns->limits.clients);
	else if (quota_take(
		     &conns->quota, uid, conns->limits.clients_per_uid) == -1)
		refuse(fd, "clients_per_uid", conns->limits.clients_per_uid);
	else
		conn_new(conns, fd, uid);
}

void
conns_shutdown(struct conns *conns)
{
	struct conn *conn;

	conns->shutdown = true;
	LIST_FOREACH (conn, &conns->conns, entry)
		conn_dismiss(conn);
}
