/* A descriptor that is waited for, also where the system has no memory to do
   so yet. */
#include "config.h"

#include "daemon/watch.h"

#include <errno.h>
#include <string.h>

#include "daemon/log.h"

static const struct timeval retry_time = {1, 0};

static void
retry_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	watch_start(arg);
}

void
watch_create(struct watch *watch, struct event_base *base, int fd, short what,
    event_callback_fn callback, void *arg)
{
	event_assign(&watch->event, base, fd, what, callback, arg);
	evtimer_assign(&watch->retry, base, retry_cb, watch);
}

void
watch_start(struct watch *watch)
{
	if (event_add(&watch->event, NULL) == 0)
		return;
	log_line(LOG_WARNING, "watch",
	    "descriptor %d is watched later, as the system refuses it: %s",
	    (int)event_get_fd(&watch->event), strerror(errno));
	event_add(&watch->retry, &retry_time);
}

void
watch_stop(struct watch *watch)
{
	event_del(&watch->event);
	event_del(&watch->retry);
}
