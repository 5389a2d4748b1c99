/* The output of a command: what comes out of its two pipes goes to its task's
   output, in the order in which it was written. */
#include "config.h"

#include "daemon/capture.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/queue.h>
#include <unistd.h>

#include <event2/event.h>

#include "daemon/scheduler.h"
#include "daemon/watch.h"
#include "proto/xalloc.h"

/* A pipe that is written to a lot, and what is read from it at a time. */
#define BULK_SIZE 65536

/* Readings in vain of what is said to be there. */
#define DRAIN_TRIES 10

/*
 * Two pipes have no order between them but that in which they became readable.
 * So each holds one write only, at first (pipe(7), O_DIRECT and a size of one
 * page), which makes a third wait until both were read: epoll tells what is
 * ready first in, first out, and of an edge-triggered pipe each write once. A
 * command that fills a page wants speed instead, and so does one that made its
 * pipe larger: it becomes an ordinary one.
 */
struct stream {
	struct capture *capture;
	enum output_stream number;
	int from;     /* -1 once it has ended */
	int into;     /* ours of the command's end; -1 when it is bulk */
	bool is_bulk; /* an ordinary pipe */
	struct watch readable;
};

struct capture {
	LIST_ENTRY(capture) entry; /* once it is released */
	struct event_base *base;
	struct scheduler *scheduler;
	struct task *task; /* NULL once it is released */
	struct stream streams[2];
	struct output *waits_for; /* its first follower; or NULL */
	void (*moved)(void *arg);
	void *arg;
	bool is_held; /* the pipes are not read */
};

static LIST_HEAD(, capture) released = LIST_HEAD_INITIALIZER(released);

static void readable_cb(evutil_socket_t fd, short what, void *arg);

static void
watch(struct stream *stream, short how)
{
	watch_create(&stream->readable, stream->capture->base, stream->from,
	    (short)(EV_READ | EV_PERSIST | how), readable_cb, stream);
	watch_start(&stream->readable);
}

static void
unwatch(struct stream *stream)
{
	if (stream->from == -1)
		return;
	watch_stop(&stream->readable);
	close(stream->from);
	stream->from = -1;
}

static void
close_into(struct stream *stream)
{
	if (stream->into != -1)
		close(stream->into);
	stream->into = -1;
}

static void
become_bulk(struct stream *stream)
{
	int flags = fcntl(stream->into, F_GETFL);

	(void)fcntl(stream->into, F_SETFL, flags & ~O_DIRECT);
	(void)fcntl(stream->from, F_SETPIPE_SZ, BULK_SIZE);
	stream->is_bulk = true;
	close_into(stream);
	watch_stop(&stream->readable);
	watch(stream, 0);
}

/* Bytes that are in the pipe. */
static size_t
waiting(const struct stream *stream)
{
	int count = 0;

	if (stream->from != -1)
		(void)ioctl(stream->from, FIONREAD, &count);
	return (size_t)count;
}

static void
keep_data(struct stream *stream, const char *data, size_t length)
{
	struct capture *capture = stream->capture;

	if (capture->task != NULL)
		scheduler_write(capture->scheduler, capture->task,
		    stream->number, data, length);
}

/* What can be taken with nothing lost. */
static size_t
room(const struct capture *capture)
{
	return capture->waits_for == NULL ? SIZE_MAX :
					    output_room(capture->waits_for);
}

bool
capture_fits(const struct capture *capture)
{
	return capture == NULL || capture->waits_for == NULL ||
	       waiting(&capture->streams[STREAM_STDOUT]) +
		       waiting(&capture->streams[STREAM_STDERR]) <=
		   room(capture);
}

/* Their events alone: what is in the pipes, and who writes, waits. */
static void
set_held(struct capture *capture, bool held)
{
	int i;

	capture->is_held = held;
	for (i = 0; i < 2; i++) {
		if (capture->streams[i].from == -1)
			continue;
		if (held)
			watch_stop(&capture->streams[i].readable);
		else
			watch_start(&capture->streams[i].readable);
	}
}

/* The least that is taken is a page: what a read of less would leave of a
   packet is gone. */
static void
moved_cb(void *arg)
{
	struct capture *capture = arg;

	if (capture->is_held && room(capture) >= PIPE_BUF)
		set_held(capture, false);
	capture->moved(capture->arg);
}

static void
wait_for_follower(struct capture *capture, void (*moved)(void *arg), void *arg)
{
	struct output *output =
	    scheduler_output(capture->scheduler, capture->task);

	if (moved == NULL || output_keeps(output) < 2 * PIPE_BUF)
		return;
	capture->moved = moved;
	capture->arg = arg;
	capture->waits_for = output_ref(output);
	output_hold(output, moved_cb, capture);
}

static void
stop_waiting(struct capture *capture)
{
	if (capture->waits_for == NULL)
		return;
	output_hold(capture->waits_for, NULL, NULL);
	output_unref(capture->waits_for);
	capture->waits_for = NULL;
	if (capture->is_held)
		set_held(capture, false);
}

/* One read; 0 where there was nothing. An edge tells of one write: where
   there are more in the pipe, or it could not be read, nothing would tell of
   them. */
static size_t
take(struct stream *stream)
{
	static char data[BULK_SIZE];
	size_t before = stream->is_bulk ? 0 : waiting(stream);
	size_t most = room(stream->capture);
	ssize_t got =
	    read(stream->from, data, most < sizeof data ? most : sizeof data);

	if (got == -1) {
		if (before > 0)
			become_bulk(stream);
		return 0;
	}
	if (got == 0) {
		unwatch(stream);
		return 0;
	}
	keep_data(stream, data, (size_t)got);
	if (!stream->is_bulk && (got >= PIPE_BUF || before > (size_t)got))
		become_bulk(stream);
	return (size_t)got;
}

/* Nobody is left who could write. */
static bool
has_ended(const struct capture *capture)
{
	return capture->streams[STREAM_STDOUT].from == -1 &&
	       capture->streams[STREAM_STDERR].from == -1;
}

static void
free_released(struct capture *capture)
{
	LIST_REMOVE(capture, entry);
	free(capture);
}

static void
readable_cb(evutil_socket_t fd, short what, void *arg)
{
	struct capture *capture = ((struct stream *)arg)->capture;

	(void)fd;
	(void)what;
	if (room(capture) < PIPE_BUF) {
		set_held(capture, true);
		return;
	}
	(void)take(arg);
	if (capture->task == NULL && has_ended(capture))
		free_released(capture);
}

static int
open_stream(struct capture *capture, enum output_stream number)
{
	struct stream *stream = &capture->streams[number];
	int ends[2];

	if (pipe2(ends, O_CLOEXEC | O_DIRECT) == -1)
		return -1;
	stream->capture = capture;
	stream->number = number;
	stream->from = ends[0];
	stream->into = ends[1];
	watch(stream, EV_ET);
	if (fcntl(stream->from, F_SETFL, O_NONBLOCK) == -1)
		return -1;
	return fcntl(stream->from, F_SETPIPE_SZ, PIPE_BUF) == -1 ? -1 : 0;
}

struct capture *
capture_new(struct event_base *base, struct scheduler *scheduler,
    struct task *task, void (*moved)(void *arg), void *arg)
{
	struct capture *capture = xcalloc(1, sizeof *capture);
	int saved, i;

	capture->base = base;
	capture->scheduler = scheduler;
	capture->task = task;
	for (i = 0; i < 2; i++)
		capture->streams[i].from = capture->streams[i].into = -1;
	wait_for_follower(capture, moved, arg);
	if (open_stream(capture, STREAM_STDOUT) == 0 &&
	    open_stream(capture, STREAM_STDERR) == 0)
		return capture;
	saved = errno;
	capture_delete(capture);
	errno = saved;
	return NULL;
}

int
capture_fd(const struct capture *capture, enum output_stream stream)
{
	return capture->streams[stream].into;
}

/* What is there now; who may go on writing is not waited for, nor is a system
   that fails again and again. */
static void
drain(struct stream *stream)
{
	size_t left = waiting(stream), got;
	int tries = DRAIN_TRIES;

	while (left > 0 && stream->from != -1 && tries > 0) {
		got = take(stream);
		left -= got < left ? got : left;
		tries -= got == 0;
	}
}

static void
close_stream(struct stream *stream)
{
	unwatch(stream);
	close_into(stream);
}

void
capture_delete(struct capture *capture)
{
	if (capture == NULL)
		return;
	stop_waiting(capture);
	drain(&capture->streams[STREAM_STDOUT]);
	drain(&capture->streams[STREAM_STDERR]);
	close_stream(&capture->streams[STREAM_STDOUT]);
	close_stream(&capture->streams[STREAM_STDERR]);
	free(capture);
}

static void
release_stream(struct stream *stream)
{
	drain(stream);
	if (!stream->is_bulk && stream->from != -1)
		become_bulk(stream);
}

void
capture_release(struct capture *capture)
{
	if (capture == NULL)
		return;
	stop_waiting(capture);
	release_stream(&capture->streams[STREAM_STDOUT]);
	release_stream(&capture->streams[STREAM_STDERR]);
	capture->task = NULL;
	LIST_INSERT_HEAD(&released, capture, entry);
	if (has_ended(capture))
		free_released(capture);
}

void
capture_delete_released(void)
{
	struct capture *capture, *next;

	for (capture = LIST_FIRST(&released); capture != NULL; capture = next) {
		next = LIST_NEXT(capture, entry);
		close_stream(&capture->streams[STREAM_STDOUT]);
		close_stream(&capture->streams[STREAM_STDERR]);
		free_released(capture);
	}
}
