/* Calls to the daemon: a request goes out, its reply comes back. */
#include "config.h"

#include "client/call.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/interrupt.h"
#include "client/report.h"
#include "proto/connect.h"
#include "proto/error.h"
#include "proto/limits.h"
#include "proto/request.h"
#include "proto/xalloc.h"

#define READ_SIZE 65536U

void
call_create(struct call *call)
{
	memset(call, 0, sizeof *call);
	call->fd = -1;
	/* A result at its limit, and what it is wrapped in. */
	frame_create(&call->frame, LIMIT_REPLY + READ_SIZE);
}

void
call_destroy(struct call *call)
{
	if (call->fd != -1)
		close(call->fd);
	json_decref(call->value);
	json_decref(call->end);
	free(call->out);
	free(call->path);
	frame_destroy(&call->frame);
}

static void
open_connection(struct call *call)
{
	char *message;

	call->fd = connect_open(call->option, &call->path, &message);
	if (call->fd == -1 && errno == ENAMETOOLONG)
		report_usage("%s", message);
	if (call->fd == -1 && errno == EACCES)
		report_fail(STATUS_DENIED, "PermissionDenied", "%s", message);
	if (call->fd == -1)
		report_fail(
		    STATUS_UNREACHABLE, "ConnectionError", "%s", message);
	if (message != NULL)
		report_notice("%s", message);
	free(message);
}

static _Noreturn void
fail_lost(const struct call *call, const char *why)
{
	if (call->lost != NULL)
		call->lost(call->arg);
	if (call->end != NULL)
		exit(report_error(call->end));
	report_fail(STATUS_UNREACHABLE, "ConnectionError",
	    "lost the connection to %s before the reply came: %s: "
	    "is taskletd still running? try: tasklet-ctl --socket %s ping",
	    call->path, why, call->path);
}

static _Noreturn void
fail_protocol(const struct call *call, const char *what)
{
	report_fail(STATUS_UNREACHABLE, "ConnectionError",
	    "what answers at %s is no taskletd of protocol %d: %s", call->path,
	    PROTOCOL_VERSION, what);
}

void
call_refuse_result(const struct call *call)
{
	fail_protocol(call, "a result has another shape than it should");
}

static void
queue_line(struct call *call, const char *line)
{
	size_t length = strlen(line), held = call->out_end - call->out_begin;

	/* Only where that is less than what went out: all in all linear. */
	if (call->out_begin > held) {
		memcpy(call->out, call->out + call->out_begin, held);
		call->out_begin = 0;
		call->out_end = held;
	}
	if (call->out_size - call->out_end < length) {
		call->out_size = 2 * call->out_size + length;
		call->out = xrealloc(call->out, call->out_size);
	}
	memcpy(call->out + call->out_end, line, length);
	call->out_end += length;
}

void
call_flush(struct call *call)
{
	ssize_t count = send(call->fd, call->out + call->out_begin,
	    call->out_end - call->out_begin, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (count >= 0)
		call->out_begin += (size_t)count;
	else if (errno == EPIPE || errno == ECONNRESET)
		call->out_begin = call->out_end; /* why may be there to read */
	else if (errno != EINTR && errno != EAGAIN)
		fail_lost(call, strerror(errno));
	if (call->out_begin == call->out_end)
		call->out_begin = call->out_end = 0;
}

static void
read_more(struct call *call)
{
	char *room = frame_reserve(&call->frame, READ_SIZE);
	ssize_t count;

	do
		count = read(call->fd, room, READ_SIZE);
	while (count == -1 && errno == EINTR);
	if (count == -1)
		fail_lost(call, strerror(errno));
	if (count == 0)
		fail_lost(call, "it was closed");
	frame_commit(&call->frame, (size_t)count);
}

/* Both ways at once: a daemon whose replies are not read does not read. */
bool
call_wait_for(struct call *call, int fd, const sigset_t *mask,
    const struct timespec *most)
{
	struct pollfd pollers[] = {
	    {.fd = call->fd, .events = POLLIN},
	    {.fd = fd, .events = POLLIN},
	};

	if (call->out_end > 0)
		pollers[0].events |= POLLOUT;
	if (interrupt_poll(pollers, 2, most, mask) == -1) {
		if (errno != EINTR)
			fail_lost(call, strerror(errno));
		return false;
	}
	if ((pollers[0].revents & POLLOUT) != 0)
		call_flush(call);
	if ((pollers[0].revents & ~POLLOUT) != 0)
		read_more(call);
	return pollers[1].revents != 0;
}

bool
call_wait(struct call *call, int fd, const sigset_t *mask)
{
	return call_wait_for(call, fd, mask, NULL);
}

/* The next line that has come, or NULL. */
static json_t *
read_value(struct call *call)
{
	enum frame_status status;
	const char *line;
	size_t length;
	json_t *value, *error;

	status = frame_next(&call->frame, &line, &length);
	if (status == FRAME_MORE)
		return NULL;
	if (status == FRAME_TOO_LONG)
		fail_protocol(call, "a reply is too long");
	if ((value = request_parse(line, length, &error)) == NULL)
		fail_protocol(
		    call, json_string_value(json_object_get(error, "message")));
	return value;
}

static json_int_t
queue_request(struct call *call, const char *method, json_t *params)
{
	char *line = request_new(++call->id, method, params);

	queue_line(call, line);
	free(line);
	json_decref(params);
	return call->id;
}

/* Speaks for the task whose command this is run by; no other daemon knows
   that task. */
static void
attach(struct call *call)
{
	const char *task = getenv("TASKLET_ID"),
		   *instance = getenv("TASKLET_INSTANCE"),
		   *socket = getenv("TASKLET_SOCKET");
	char *end;
	json_int_t id;

	if (task == NULL || socket == NULL || strcmp(socket, call->path) != 0)
		return;
	errno = 0;
	id = strtoll(task, &end, 10);
	if (errno == 0 && end != task && *end == '\0')
		call->attach = queue_request(call, "attach",
		    json_pack("{s:I, s:o*}", "task", id, "instance",
			json_string(instance)));
}

void
call_open(struct call *call)
{
	if (call->fd != -1)
		return;
	open_connection(call);
	attach(call);
}

bool
call_is_own(struct call *call)
{
	call_open(call);
	return connect_is_own(call->fd);
}

json_int_t
call_send(struct call *call, const char *method, json_t *params)
{
	call_open(call);
	return queue_request(call, method, params);
}

/* Of what waits a daemon that shuts down tells that it does, as it does of all
   tasks before; one that is killed does not. */
void
call_stay(struct call *call)
{
	call->stay = call_send(
	    call, "sleep", json_pack("{s:f}", "seconds", LIMIT_SECONDS));
}

bool
call_is_over(const json_t *error)
{
	return json_integer_value(json_object_get(error, "code")) ==
	       ERROR_CANCELLED;
}

static void
note_notification(struct call *call, const json_t *value, const char *method)
{
	json_t *params = json_object_get(value, "params");

	if (call->notify == NULL || strcmp(method, call->method) != 0)
		return;
	if (!json_is_object(params))
		fail_protocol(call, "a notification whose params are none");
	call->notify(call->arg, params);
}

/* Whether it is a reply to a request of this module. */
static bool
note_own(struct call *call, const struct reply *reply)
{
	json_int_t id = json_integer_value(reply->id);

	if (call->attach != 0 && id == call->attach) {
		call->attach = 0;
		call->is_attached = reply->error == NULL;
		return true;
	}
	if (call->stay != 0 && id == call->stay) {
		call->stay = 0;
		call->end = json_incref(reply->error);
		return true;
	}
	return false;
}

/* Whether it is a reply to who uses this module. */
static bool
read_reply(struct call *call, json_t *value, struct reply *reply)
{
	const char *method =
	    json_string_value(json_object_get(value, "method"));

	if (method != NULL && json_object_get(value, "id") == NULL) {
		note_notification(call, value, method);
		return false;
	}
	if (reply_read(reply, value) == -1)
		fail_protocol(call, "a line that is no JSON-RPC 2.0 reply");
	/* A request that could not be read is answered with a null id. */
	if (reply->error != NULL && json_is_null(reply->id))
		exit(report_error(reply->error));
	return !note_own(call, reply);
}

bool
call_take(struct call *call, struct reply *reply)
{
	json_t *value;

	while ((value = read_value(call)) != NULL) {
		json_decref(call->value);
		call->value = value;
		if (read_reply(call, value, reply))
			return true;
	}
	return false;
}

void
call_receive(struct call *call, struct reply *reply)
{
	while (!call_take(call, reply))
		call_wait(call, -1, NULL);
}

bool
call_is_ready(const struct call *call)
{
	const struct frame *frame = &call->frame;

	return frame->end > frame->begin &&
	       memchr(frame->data + frame->begin, '\n',
		   frame->end - frame->begin) != NULL;
}

void
call_try(
    struct call *call, const char *method, json_t *params, struct reply *reply)
{
	json_int_t id = call_send(call, method, params);

	call_receive(call, reply);
	if (json_integer_value(reply->id) != id)
		fail_protocol(call, "a reply to another request");
}

json_t *
call_method(struct call *call, const char *method, json_t *params)
{
	struct reply reply;

	call_try(call, method, params, &reply);
	if (reply.error != NULL)
		exit(report_error(reply.error));
	return reply.result;
}
