/* The requests of a connection: lines in, replies queued. */
#include "config.h"

#include "daemon/conn_impl.h"

#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>

#include "daemon/batch.h"
#include "daemon/daemon.h"
#include "daemon/events.h"
#include "daemon/host.h"
#include "daemon/method.h"
#include "proto/error.h"
#include "proto/limits.h"
#include "proto/reply.h"

/* The batch has lost its last request that was not answered. */
static void
end_batch(struct conn *conn, struct batch *batch)
{
	if (!batch_is_complete(batch))
		return;
	conn->gathered -= batch_length(batch);
	if (!conn->mute)
		batch_move(batch, conn->out);
	batch_delete(batch);
}

void
conn_close_batch(struct conn *conn)
{
	if (conn->requests == NULL)
		return;
	json_decref(conn->requests);
	conn->requests = NULL;
	batch_close(conn->batch);
	end_batch(conn, conn->batch);
	conn->batch = NULL;
}

void
conn_drop_address(struct caller *caller, struct address *address)
{
	struct conn *conn = (struct conn *)caller;

	json_decref(address->id);
	if (address->batch == NULL)
		return;
	batch_reply(address->batch, NULL);
	end_batch(conn, address->batch);
}

/* --- replies ------------------------------------------------------------ */

/* What goes out for a reply of that length; also where it would make all
   batches that are not yet complete longer than one reply may be: the late
   replies of many would make up any amount. To be freed. */
static char *
bounded(const struct conn *conn, const struct address *address, char *text)
{
	size_t limit = conn->conns->limits.reply;
	size_t before = address->batch == NULL ? 0 : conn->gathered;
	json_t *error;

	if (text == NULL || before + strlen(text) <= limit)
		return text;
	free(text);
	error = error_new_limit("reply", limit);
	text = reply_new_error(address->id, error);
	json_decref(error);
	return text;
}

static void
queue_in_batch(struct conn *conn, struct batch *batch, const char *text)
{
	size_t before = batch_length(batch);

	batch_reply(batch, text);
	conn->gathered += batch_length(batch) - before;
	end_batch(conn, batch);
}

/* Its NUL becomes the LF. */
static void
queue_line(struct conn *conn, char *text)
{
	size_t length = strlen(text);

	text[length] = '\n';
	evbuffer_add(conn->out, text, length + 1);
}

void
conn_queue(struct conn *conn, struct address *address, char *text)
{
	char *said;

	text = bounded(conn, address, text);
	said = address->silent || conn->mute ? NULL : text;
	if (address->batch != NULL)
		queue_in_batch(conn, address->batch, said);
	else if (said != NULL)
		queue_line(conn, said);
	json_decref(address->id);
	free(text);
}

bool
conn_queue_line(struct conn *conn)
{
	char *text = host_take_line(&conn->caller);

	if (text == NULL)
		text = events_take(&conn->caller);
	if (text == NULL)
		return false;
	if (!conn->mute)
		queue_line(conn, text);
	free(text);
	return true;
}

static void
queue_error(struct conn *conn, struct address *address, json_t *error)
{
	char *text = reply_new_error(address->id, error);

	json_decref(error);
	conn_queue(conn, address, text);
}

static void
queue_result(struct conn *conn, struct address *address, char *result)
{
	char *text = reply_new_result(address->id, result);

	free(result);
	conn_queue(conn, address, text);
}

/* --- requests ----------------------------------------------------------- */

static void
handle_request(struct conn *conn, json_t *value, struct batch *batch)
{
	struct daemon *daemon = conn->conns->daemon;
	struct call call = {.daemon = daemon, .caller = &conn->caller};
	struct request request;
	json_t *error;

	daemon->requests++;
	call.address.batch = batch;
	if (batch != NULL)
		batch_expect(batch);
	if (request_read(&request, value, &error) == -1) {
		if (host_hear(&conn->caller, value)) {
			json_decref(error);
			conn_drop_address(&conn->caller, &call.address);
			return;
		}
		call.address.id = json_incref(request.id);
		queue_error(conn, &call.address, error);
		return;
	}
	call.address.id = json_incref(request.id);
	call.address.silent = request.id == NULL;
	switch (method_run(&call, &request)) {
	case METHOD_DONE:
		queue_result(conn, &call.address, call.result);
		break;
	case METHOD_ERROR:
		queue_error(conn, &call.address, call.error);
		break;
	case METHOD_WAIT:
		break;
	}
}

static void
refuse_line(struct conn *conn, json_t *error)
{
	struct address nobody = {0};

	queue_error(conn, &nobody, error);
}

static void
handle_line(struct conn *conn, const char *line, size_t length)
{
	json_t *error = NULL, *value = request_parse(line, length, &error);

	if (value == NULL) {
		refuse_line(conn, error);
	} else if (!json_is_array(value)) {
		handle_request(conn, value, NULL);
		json_decref(value);
	} else if (json_array_size(value) == 0) {
		refuse_line(conn, error_new(ERROR_INVALID_REQUEST,
				      "Invalid Request: the batch is empty"));
		json_decref(value);
	} else {
		conn->requests = value;
		conn->next_request = 0;
		conn->batch = batch_new();
	}
}

static void
handle_next_of_batch(struct conn *conn)
{
	json_t *value = json_array_get(conn->requests, conn->next_request++);

	/* Kept, as it may cancel this connection, and so close the batch. */
	json_incref(value);
	handle_request(conn, value, conn->batch);
	json_decref(value);
	if (conn->requests != NULL &&
	    conn->next_request == json_array_size(conn->requests))
		conn_close_batch(conn);
}

static bool
handle_next_line(struct conn *conn)
{
	const char *line;
	size_t length;

	switch (frame_next(&conn->in, &line, &length)) {
	case FRAME_LINE:
		handle_line(conn, line, length);
		return true;
	case FRAME_TOO_LONG:
		refuse_line(conn,
		    error_new_limit("message", conn->conns->limits.message));
		conn_leave(conn, "this connection sent a line over the limit");
		return true;
	case FRAME_MORE:
		break;
	}
	return false;
}

bool
conn_handle_next(struct conn *conn)
{
	if (conn->requests == NULL)
		return handle_next_line(conn);
	handle_next_of_batch(conn);
	return true;
}
