/* The connection to the daemon: lines out, replies and notifications in. */
#include "config.h"

#include "client/lua/link.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>
#include <jansson.h>

#include "client/lua/runtime.h"
#include "proto/connect.h"
#include "proto/frame.h"
#include "proto/limits.h"
#include "proto/reply.h"
#include "proto/request.h"
#include "proto/xalloc.h"

#define READ_SIZE 65536U

/* Bytes queued from which on tasklets do not run. */
#define FULL (1024U * 1024U)

/* Bytes queued from which on they go out at once, not when the tasklet that
   runs waits: the daemon works on them meanwhile. */
#define MUCH 65536U

/* A request that waits for its reply, or a free place: then reply_cb is NULL
   and next is the next free one. */
struct expected {
	link_reply_cb *reply_cb;
	union {
		void *arg;
		unsigned next;
	};
};

static struct {
	const struct link_calls *calls;
	char *path;
	struct event *readable, *writable;
	int fd;
	struct frame frame;
	char *out; /* what is queued, from out_begin to out_end */
	size_t out_begin, out_end, out_size;
	bool is_stuck;		   /* until the daemon takes more */
	bool is_held;		   /* what has come is to wait */
	struct expected *expected; /* by id */
	unsigned size, free, count;
} link_;

static _Noreturn void
fail_lost(const char *why)
{
	runtime_fail("lost the connection to %s: %s: is taskletd still "
		     "running?",
	    link_.path, why);
}

/* --- replies -------------------------------------------------------------- */

static void
grow_expected(void)
{
	unsigned i, size = 2 * link_.size + 64;

	link_.expected =
	    xrealloc(link_.expected, size * sizeof(struct expected));
	for (i = link_.size; i < size; i++) {
		link_.expected[i].reply_cb = NULL;
		link_.expected[i].next = i + 1 < size ? i + 1 : 0;
	}
	/* No request has the id 0, which ends the free ones. */
	link_.free = link_.size == 0 ? 1 : link_.size;
	link_.size = size;
}

/* Gives back what a burst took, once it is over. */
static void
trim(void)
{
	frame_trim(&link_.frame);
	if (link_.count == 0) {
		free(link_.expected);
		link_.expected = NULL;
		link_.size = link_.free = 0;
	}
}

unsigned
link_expect(link_reply_cb *reply_cb, void *arg)
{
	unsigned id;

	if (link_.free == 0)
		grow_expected();
	id = link_.free;
	link_.free = link_.expected[id].next;
	link_.count++;
	link_.expected[id].reply_cb = reply_cb;
	link_.expected[id].arg = arg;
	return id;
}

void
link_redirect(unsigned id, link_reply_cb *reply_cb, void *arg)
{
	link_.expected[id].reply_cb = reply_cb;
	link_.expected[id].arg = arg;
}

void
link_answer(unsigned id, const struct reply *reply)
{
	struct expected taken = link_.expected[id];

	link_.expected[id].reply_cb = NULL;
	link_.expected[id].next = link_.free;
	link_.free = id;
	link_.count--;
	taken.reply_cb(taken.arg, reply);
}

static void
answer(json_int_t id, const struct reply *reply)
{
	if (id < 1 || id >= link_.size || link_.expected[id].reply_cb == NULL)
		fail_lost("it sent a reply to no request");
	link_answer((unsigned)id, reply);
}

static void
handle_reply(json_t *value)
{
	struct reply reply;

	if (reply_read(&reply, value) == -1)
		fail_lost("it sent a line that is no JSON-RPC 2.0 reply");
	/* What could not be read is answered with a null id. */
	if (!json_is_integer(reply.id) && reply.error != NULL)
		fail_lost(
		    json_string_value(json_object_get(reply.error, "message")));
	answer(json_integer_value(reply.id), &reply);
}

/* --- replies that are read without a tree of them ------------------------- */

/* Most replies are to a request that made a task, and only numbers differ: one
   tree serves them all, as long as nobody keeps it. */
static struct {
	json_t *result, *id, *name;
} made;

static void
release_made(void)
{
	json_decref(made.result);
	made.result = NULL;
}

static bool
set_made(json_int_t id, const char *name, size_t length)
{
	if (made.result == NULL) {
		made.result = json_pack("{s:i, s:s}", "id", 0, "name", "");
		made.id = json_object_get(made.result, "id");
		made.name = json_object_get(made.result, "name");
	}
	json_integer_set(made.id, id);
	return (json_string_length(made.name) == length &&
		   memcmp(json_string_value(made.name), name, length) == 0) ||
	       json_string_setn(made.name, name, length) == 0;
}

/* Both end at the line's LF at the latest. */
static bool
take(const char **at, const char *text)
{
	size_t length = strlen(text);

	if (strncmp(*at, text, length) != 0)
		return false;
	*at += length;
	return true;
}

static bool
take_number(const char **at, json_int_t *number)
{
	char *end;

	if (!isdigit((unsigned char)**at))
		return false;
	*number = strtoll(*at, &end, 10);
	*at = end;
	return true;
}

/* Whether the line was such a reply, in the very form that the daemon writes;
   all others are for handle_reply. */
static bool
handle_made(const char *line, size_t length)
{
	const char *at = line, *name;
	struct reply reply = {0};
	json_int_t id, task;

	if (!take(&at, "{\"jsonrpc\":\"2.0\",\"id\":") ||
	    !take_number(&at, &id) || !take(&at, ",\"result\":{\"id\":") ||
	    !take_number(&at, &task) || !take(&at, ",\"name\":\""))
		return false;
	name = at;
	at += strcspn(at, "\"\\\n");
	if ((size_t)(at - line) + 3 != length || memcmp(at, "\"}}", 3) != 0 ||
	    !set_made(task, name, (size_t)(at - name)))
		return false;
	reply.result = made.result;
	answer(id, &reply);
	if (made.result->refcount > 1)
		release_made();
	return true;
}

static void
handle_line(const char *line, size_t length)
{
	struct request request;
	json_t *value, *error;

	if (handle_made(line, length))
		return;
	value = request_parse(line, length, &error);
	if (value == NULL)
		fail_lost("it sent a line that is no JSON");
	if (json_object_get(value, "method") == NULL)
		handle_reply(value);
	else if (request_read(&request, value, &error) == 0)
		link_.calls->request_cb(&request);
	else
		fail_lost("it sent a line that is no JSON-RPC 2.0 request");
	json_decref(value);
}

static void
read_once(void)
{
	char *room = frame_reserve(&link_.frame, READ_SIZE);
	ssize_t count = recv(link_.fd, room, READ_SIZE, MSG_DONTWAIT);

	if (count > 0)
		frame_commit(&link_.frame, (size_t)count);
	else if (count == 0)
		fail_lost("it was closed");
	else if (errno != EINTR && errno != EAGAIN)
		fail_lost(strerror(errno));
}

static void
take_lines(void)
{
	enum frame_status status = FRAME_LINE;
	const char *line;
	size_t length;

	while (!link_.is_held && (status = frame_next(&link_.frame, &line,
				      &length)) == FRAME_LINE)
		handle_line(line, length);
	if (status == FRAME_TOO_LONG)
		fail_lost("it sent a line that is too long");
	trim();
}

static void
readable_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	read_once();
	take_lines();
	link_.calls->idle_cb();
}

void
link_hold(void)
{
	link_.is_held = true;
	event_del(link_.readable);
}

void
link_resume(void)
{
	if (!link_.is_held)
		return;
	link_.is_held = false;
	event_add(link_.readable, NULL);
	take_lines();
}

/* --- sending -------------------------------------------------------------- */

void
link_send(const char *line, size_t length)
{
	size_t held = link_.out_end - link_.out_begin;

	/* Only where that is less than what went out: all in all linear. */
	if (link_.out_begin > held) {
		memcpy(link_.out, link_.out + link_.out_begin, held);
		link_.out_begin = 0;
		link_.out_end = held;
	}
	if (link_.out_size - link_.out_end < length) {
		link_.out_size = 2 * link_.out_size + length;
		link_.out = xrealloc(link_.out, link_.out_size);
	}
	memcpy(link_.out + link_.out_end, line, length);
	link_.out_end += length;
	if (link_.out_end - link_.out_begin > MUCH && !link_.is_stuck)
		link_flush();
}

void
link_flush(void)
{
	ssize_t count;

	if (link_.out_begin == link_.out_end)
		return;
	count = send(link_.fd, link_.out + link_.out_begin,
	    link_.out_end - link_.out_begin, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (count >= 0)
		link_.out_begin += (size_t)count;
	else if (errno == EPIPE || errno == ECONNRESET)
		link_.out_begin = link_.out_end; /* why is there to be read */
	else if (errno != EINTR && errno != EAGAIN)
		fail_lost(strerror(errno));
	link_.is_stuck = link_.out_begin < link_.out_end;
	if (link_.is_stuck) {
		event_add(link_.writable, NULL);
		return;
	}
	link_.out_begin = link_.out_end = 0;
	if (link_.out_size > FULL) {
		free(link_.out);
		link_.out = NULL;
		link_.out_size = 0;
	}
}

void
link_drain(void)
{
	struct pollfd poller = {.fd = link_.fd, .events = POLLOUT};

	for (link_flush(); link_.out_begin < link_.out_end; link_flush())
		poll(&poller, 1, -1);
}

static void
writable_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	/* It flushes. */
	link_.calls->idle_cb();
}

bool
link_is_full(void)
{
	return link_.out_end - link_.out_begin > FULL;
}

/* --- the connection ------------------------------------------------------- */

void
link_open(
    struct event_base *base, const char *socket, const struct link_calls *calls)
{
	char *message;

	link_.fd = connect_open(socket, &link_.path, &message);
	if (link_.fd == -1)
		runtime_fail("%s", message);
	if (message != NULL)
		runtime_warn("%s", message);
	free(message);
	link_.calls = calls;
	/* A result at its limit, and what it is wrapped in. */
	frame_create(&link_.frame, LIMIT_REPLY + READ_SIZE);
	link_.readable =
	    event_new(base, link_.fd, EV_READ | EV_PERSIST, readable_cb, NULL);
	link_.writable = event_new(base, link_.fd, EV_WRITE, writable_cb, NULL);
	event_add(link_.readable, NULL);
}

bool
link_is_own(void)
{
	return connect_is_own(link_.fd);
}

void
link_close(void)
{
	event_free(link_.readable);
	event_free(link_.writable);
	close(link_.fd);
	frame_destroy(&link_.frame);
	release_made();
	free(link_.expected);
	free(link_.out);
	free(link_.path);
}
