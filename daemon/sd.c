/* The service manager (daemon(7)): the socket that it hands over, and what it
   is told of this daemon. */
#include "config.h"

#include "daemon/sd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <event2/event.h>
#include <systemd/sd-daemon.h>

#include "daemon/daemon.h"
#include "daemon/log.h"
#include "daemon/scheduler.h"
#include "proto/xalloc.h"

/* Between two reports of the counts. */
static const struct timeval pause_time = {1, 0};
static const struct timeval zero_time = {0, 0};

struct sd {
	struct daemon *daemon;
	struct event *report; /* pending only when there is something to tell */
	struct event *watchdog; /* NULL: nobody watches */
	bool ready;
	bool reporting;	       /* `report` is pending */
	size_t tasks, clients; /* as it was told last */
};

/* --- the socket --------------------------------------------------------- */

/* NULL, after logging why, for one that no client could find. */
static char *
path_of(int fd)
{
	struct sockaddr_un address = {0};
	socklen_t length = sizeof address;

	if (getsockname(fd, (struct sockaddr *)&address, &length) == 0 &&
	    address.sun_path[0] != '\0')
		return xasprintf(
		    "%.*s", (int)sizeof address.sun_path, address.sun_path);
	log_line(LOG_ERROR, "sd",
	    "the socket that is handed over has no path: give ListenStream= "
	    "one");
	return NULL;
}

int
sd_take_socket(int *fd, char **path)
{
	int count = sd_listen_fds(0);

	if (count == 0)
		return 0;
	if (count < 0) {
		log_line(LOG_ERROR, "sd", "LISTEN_FDS: %s", strerror(-count));
		return -1;
	}
	*fd = SD_LISTEN_FDS_START;
	if (count > 1) {
		log_line(LOG_ERROR, "sd",
		    "%d sockets are handed over, where there may be one",
		    count);
		return -1;
	}
	if (sd_is_socket_unix(*fd, SOCK_STREAM, 1, NULL, 0) <= 0) {
		log_line(LOG_ERROR, "sd",
		    "what is handed over is no listening Unix stream socket: "
		    "see ListenStream= in systemd.socket(5)");
		return -1;
	}
	(void)fcntl(*fd, F_SETFL, O_NONBLOCK);
	*path = path_of(*fd);
	return *path == NULL ? -1 : 1;
}

/* --- what it is told ---------------------------------------------------- */

static void
count(const struct sd *sd, size_t *tasks, size_t *clients)
{
	struct scheduler *scheduler = sd->daemon->scheduler;

	*tasks = tasks_live(scheduler_tasks(scheduler)) -
		 scheduler_counts(scheduler)->internal;
	*clients = sd->daemon->clients;
}

static void
report_cb(evutil_socket_t fd, short what, void *arg)
{
	struct sd *sd = arg;
	size_t tasks, clients;

	(void)fd;
	(void)what;
	sd->reporting = false;
	count(sd, &tasks, &clients);
	if (sd->ready && tasks == sd->tasks && clients == sd->clients)
		return;
	(void)sd_notifyf(0, "%sSTATUS=%zu task%s, %zu client%s",
	    sd->ready ? "" : "READY=1\n", tasks, tasks == 1 ? "" : "s", clients,
	    clients == 1 ? "" : "s");
	sd->ready = true;
	sd->tasks = tasks;
	sd->clients = clients;
}

void
sd_changed(struct sd *sd)
{
	if (sd == NULL || sd->reporting)
		return;
	sd->reporting = true;
	event_add(sd->report, &pause_time);
}

void
sd_stopping(struct sd *sd)
{
	if (sd != NULL)
		(void)sd_notify(0, "STOPPING=1");
}

static void
watchdog_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	(void)sd_notify(0, "WATCHDOG=1");
}

static void
feed_watchdog(struct sd *sd, struct event_base *base)
{
	struct timeval half;
	uint64_t us;

	if (sd_watchdog_enabled(0, &us) <= 0)
		return;
	half.tv_sec = (time_t)(us / 2 / 1000000);
	half.tv_usec = (suseconds_t)(us / 2 % 1000000);
	sd->watchdog = event_new(base, -1, EV_PERSIST, watchdog_cb, NULL);
	event_add(sd->watchdog, &half);
}

struct sd *
sd_new(struct event_base *base, struct daemon *daemon)
{
	struct sd *sd;

	if (getenv("NOTIFY_SOCKET") == NULL)
		return NULL;
	sd = xcalloc(1, sizeof *sd);
	sd->daemon = daemon;
	sd->report = evtimer_new(base, report_cb, sd);
	sd->reporting = true;
	event_add(sd->report, &zero_time);
	feed_watchdog(sd, base);
	return sd;
}

void
sd_delete(struct sd *sd)
{
	if (sd == NULL)
		return;
	if (sd->watchdog != NULL)
		event_free(sd->watchdog);
	event_free(sd->report);
	free(sd);
}
