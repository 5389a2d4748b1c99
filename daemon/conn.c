/* A connection: bytes in and out, and its end. */
#include "config.h"

#include "daemon/conn_impl.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/event.h>

#include "daemon/daemon.h"
#include "daemon/events.h"
#include "daemon/host.h"
#include "daemon/log.h"
#include "daemon/waiter.h"
#include "proto/xalloc.h"

#define READ_SIZE (16 * 1024)

/* Requests and late replies of one client in one turn of the loop. */
#define TURN_STEPS 50

/* How long a client that is told to go may take to hear it. */
static const struct timeval leave_time = {1, 0};
static const struct timeval zero_time = {0, 0};

static const char shutting_down[] = "the daemon is shutting down";

void
conn_schedule(struct conn *conn)
{
	event_add(&conn->turn, &zero_time);
}

static void
wake_caller(struct caller *caller)
{
	conn_schedule((struct conn *)caller);
}

/* --- the end of a connection -------------------------------------------- */

/* What it asked for and was not told yet. */
static void
drop_waiting(struct conn *conn)
{
	struct daemon *daemon = conn->conns->daemon;

	waiters_drop(daemon->waiters, &conn->caller, conn_drop_address);
	events_unsubscribe(daemon->events, &conn->caller);
}

/* Detached from all that knows it; its memory stays for this turn. */
void
conn_detach(struct conn *conn)
{
	struct conns *conns = conn->conns;

	log_line(
	    LOG_DEBUG, "conn", "client %" PRIu64 " is gone", conn->caller.task);
	conn->state = CONN_DEAD;
	conn->mute = true;
	host_leave(&conn->caller);
	drop_waiting(conn);
	conn_close_batch(conn);
	walks_clear(&conn->caller.walks);
	conn_leave_task(conn);
	event_del(&conn->io);
	event_del(&conn->turn);
	event_del(&conn->leave);
	close(conn->fd);
	LIST_REMOVE(conn, entry);
	LIST_INSERT_HEAD(&conns->dead, conn, entry);
	quota_give_back(&conns->quota, conn->caller.uid);
	conns->count--;
	conns->daemon->clients--;
	event_add(conns->reaper, &zero_time);
	conns->changed(conns->changed_arg);
}

void
conn_leave(struct conn *conn, const char *why)
{
	if (conn->state != CONN_OPEN)
		return;
	conn->state = CONN_LEAVING;
	/* At a shutdown what is queued for it is still told. */
	if (!conn->conns->shutdown)
		events_unsubscribe(conn->conns->daemon->events, &conn->caller);
	conn_close_batch(conn);
	host_leave(&conn->caller);
	waiters_cancel(conn->conns->daemon->waiters, &conn->caller, why);
	event_add(&conn->leave, &leave_time);
	conn_schedule(conn);
}

/* What the client sends from now on, the system refuses: so that what it could
   send has an end, and is read up to that. */
void
conn_dismiss(struct conn *conn)
{
	(void)shutdown(conn->fd, SHUT_RD);
	waiters_cancel(
	    conn->conns->daemon->waiters, &conn->caller, shutting_down);
	if (conn->state == CONN_OPEN)
		event_add(&conn->leave, &leave_time);
	conn_schedule(conn);
}

static void
leave_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	conn_detach(arg);
}

/* It reads nothing more: where it is not gone, but the system had no memory
   for what it was to read, it is to know. What it had sent is still carried
   out. */
static void
lose_peer(struct conn *conn)
{
	conn->mute = true;
	(void)shutdown(conn->fd, SHUT_RDWR);
	evbuffer_drain(conn->out, evbuffer_get_length(conn->out));
	drop_waiting(conn);
	if (conn->eof || conn->state == CONN_LEAVING)
		conn_detach(conn);
}

/* --- a turn ------------------------------------------------------------- */

static bool
is_full(const struct conn *conn)
{
	return evbuffer_get_length(conn->out) >= conn->conns->limits.queued;
}

/* For notifications. They leave room for replies, as they may come without
   end. */
static bool
has_room(const struct caller *caller)
{
	const struct conn *conn = (const struct conn *)caller;

	return !conn->mute &&
	       evbuffer_get_length(conn->out) < conn->conns->limits.queued / 2;
}

static void
tell_caller(struct caller *caller, char *notification)
{
	struct address nobody = {0};

	conn_queue((struct conn *)caller, &nobody, notification);
}

/* Paused, rather than fed more than it takes. A batch is carried to its end,
   as nothing of it goes out before. */
static bool
may_handle(const struct conn *conn)
{
	if (conn->state != CONN_OPEN ||
	    conn->caller.nwaiting >= conn->conns->limits.waiting)
		return false;
	return conn->requests != NULL ||
	       evbuffer_get_length(conn->out) + conn->gathered <
		   conn->conns->limits.queued;
}

static bool
send_reply(struct conn *conn)
{
	struct address address;
	char *text = NULL;

	if (!is_full(conn))
		text = waiter_take_reply(
		    conn->conns->daemon->waiters, &conn->caller, &address);
	if (text == NULL)
		return false;
	conn_queue(conn, &address, text);
	return true;
}

static bool
send_output(struct conn *conn)
{
	char *text;

	if (!has_room(&conn->caller) ||
	    !waiter_take_notification(
		conn->conns->daemon->waiters, &conn->caller, &text))
		return false;
	if (text != NULL)
		tell_caller(&conn->caller, text);
	return true;
}

/* All that there is room for: more happens to tasks in a turn of the loop than
   a client makes steps. */
static bool
send_lines(struct conn *conn)
{
	bool any = false;

	while (has_room(&conn->caller) && conn_queue_line(conn))
		any = true;
	return any;
}

static bool
handle_request(struct conn *conn)
{
	if (!may_handle(conn))
		return false;
	conn->holds = conn_handle_next(conn);
	return conn->holds;
}

/* One late reply; or notifications of each kind and one request, as none of
   them may keep the others waiting. False where there is nothing. */
static bool
step(struct conn *conn)
{
	bool any;

	if (send_reply(conn))
		return true;
	any = send_output(conn);
	any |= send_lines(conn);
	any |= handle_request(conn);
	return any;
}

/* Most of what is said is one short run of bytes, which send(2) takes at less
   cost than the writev(2) of evbuffer_write. */
static ssize_t
send_some(struct conn *conn)
{
	struct evbuffer_iovec runs[2];
	ssize_t sent;

	if (evbuffer_peek(conn->out, -1, NULL, runs, 2) != 1)
		return evbuffer_write(conn->out, conn->fd);
	sent = send(conn->fd, runs[0].iov_base, runs[0].iov_len, 0);
	if (sent > 0)
		evbuffer_drain(conn->out, (size_t)sent);
	return sent;
}

static void
flush(struct conn *conn)
{
	bool was_full = is_full(conn), was_paused = !may_handle(conn);
	bool had_room = has_room(&conn->caller);

	if (evbuffer_get_length(conn->out) == 0)
		return;
	if (send_some(conn) == -1 && errno != EAGAIN && errno != EINTR)
		lose_peer(conn);
	else if ((was_full && !is_full(conn)) ||
		 (was_paused && may_handle(conn)) ||
		 (!had_room && has_room(&conn->caller)))
		conn_schedule(conn);
}

/* Turns are to come. */
static bool
has_backlog(const struct conn *conn)
{
	return event_pending(&conn->turn, EV_TIMEOUT, NULL) != 0;
}

/* A subscriber always has, until it leaves: then only what is queued. */
static bool
has_nothing_to_say(const struct conn *conn)
{
	return evbuffer_get_length(conn->out) == 0 &&
	       conn->caller.nwaiting == 0 &&
	       (conn->state == CONN_LEAVING ?
		       !events_wait(&conn->caller) :
		       conn->caller.subscription == NULL) &&
	       conn->requests == NULL;
}

/* Ends the connection where it is time to. */
static void
settle(struct conn *conn)
{
	if (conn->mute)
		drop_waiting(conn);
	if (has_backlog(conn) || !has_nothing_to_say(conn))
		return;
	if (conn->eof ||
	    (conn->state == CONN_LEAVING && conn->conns->shutdown)) {
		conn_detach(conn);
	} else if (conn->state == CONN_LEAVING && !conn->said_goodbye) {
		shutdown(conn->fd, SHUT_WR);
		conn->said_goodbye = true;
	}
}

static bool
is_read_from(const struct conn *conn)
{
	return !conn->eof && (conn->state == CONN_LEAVING || may_handle(conn));
}

static void io_cb(evutil_socket_t fd, short what, void *arg);

/*
 * One that is not read from is still watched, for its end: edge-triggered, as
 * its bytes, or its half-close, would make a level trigger fire for ever.
 */
static void
update_events(struct conn *conn)
{
	short events = EV_READ | EV_PERSIST;

	if (!is_read_from(conn))
		events |= EV_WRITE | EV_ET;
	else if (evbuffer_get_length(conn->out) > 0)
		events |= EV_WRITE;
	if (events == conn->io_events)
		return;
	if (conn->io_events != 0)
		event_del(&conn->io);
	event_assign(
	    &conn->io, conn->conns->base, conn->fd, events, io_cb, conn);
	conn->io_events = events;
	if (event_add(&conn->io, NULL) == 0)
		return;
	log_line(LOG_WARNING, "conn", "client %" PRIu64 " is dropped: %s",
	    conn->caller.task, strerror(errno));
	conn_detach(conn);
}

static void
take_turn(struct conn *conn)
{
	size_t left = TURN_STEPS;

	while (left > 0 && step(conn))
		left--;
	if (left == 0)
		conn_schedule(conn);
	if (conn->conns->shutdown && conn->eof && !conn->holds)
		conn_leave(conn, shutting_down);
	frame_trim(&conn->in);
	flush(conn);
	if (conn->state != CONN_DEAD)
		settle(conn);
	if (conn->state != CONN_DEAD)
		update_events(conn);
}

static void
turn_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	take_turn(arg);
}

/* --- reading ------------------------------------------------------------ */

static bool
is_hung_up(const struct conn *conn)
{
	struct pollfd p = {.fd = conn->fd};

	return poll(&p, 1, 0) == 1 && (p.revents & (POLLHUP | POLLERR)) != 0;
}

/* A client that has shut down its sending side still gets its replies. Its
   last line needs no LF: a JSON text that was cut is none. */
static void
take_eof(struct conn *conn)
{
	conn->eof = true;
	if (is_hung_up(conn))
		conn->mute = true;
	if (conn->state == CONN_OPEN && !conn->conns->shutdown) {
		*frame_reserve(&conn->in, 1) = '\n';
		frame_commit(&conn->in, 1);
	}
}

/* Nothing more comes from it, so it cannot be asked whether it reads. */
static void
take_error(struct conn *conn)
{
	lose_peer(conn);
	if (conn->state != CONN_DEAD)
		take_eof(conn);
}

static void
take_bytes(struct conn *conn)
{
	char discarded[READ_SIZE], *room = discarded;
	ssize_t got;

	if (conn->state == CONN_OPEN)
		room = frame_reserve(&conn->in, READ_SIZE);
	got = recv(conn->fd, room, READ_SIZE, 0);
	if (got > 0 && conn->state == CONN_OPEN)
		frame_commit(&conn->in, (size_t)got);
	else if (got == 0)
		take_eof(conn);
	else if (got == -1 && errno != EAGAIN && errno != EINTR)
		take_error(conn);
	conn->holds = true;
}

static void
io_cb(evutil_socket_t fd, short what, void *arg)
{
	struct conn *conn = arg;

	(void)fd;
	if ((conn->io_events & EV_ET) != 0) {
		if (!conn->mute && is_hung_up(conn))
			lose_peer(conn);
	} else if ((what & EV_READ) != 0 &&
		   (!conn->holds || conn->state == CONN_LEAVING)) {
		take_bytes(conn);
	}
	if (conn->state != CONN_DEAD)
		take_turn(conn);
}

/* --- the beginning of a connection -------------------------------------- */

void
conn_new(struct conns *conns, int fd, uid_t uid)
{
	struct conn *conn = xcalloc(1, sizeof *conn);

	conn->conns = conns;
	conn->fd = fd;
	conn->caller.uid = uid;
	conn->caller.wake = wake_caller;
	conn->caller.has_room = has_room;
	conn->caller.tell = tell_caller;
	conn->caller.attach = conn_attach;
	TAILQ_INIT(&conn->caller.waiting);
	TAILQ_INIT(&conn->caller.telling);
	TAILQ_INIT(&conn->caller.ready);
	frame_create(&conn->in, conns->limits.message);
	conn->out = evbuffer_new();
	evtimer_assign(&conn->turn, conns->base, turn_cb, conn);
	evtimer_assign(&conn->leave, conns->base, leave_cb, conn);
	LIST_INSERT_HEAD(&conns->conns, conn, entry);
	conns->count++;
	conns->daemon->clients++;
	conn_spawn_client(conn);
	update_events(conn);
	conns->changed(conns->changed_arg);
}
