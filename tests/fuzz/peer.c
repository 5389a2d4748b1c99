/* A client as the daemon sees it, and the count of what it is owed. */
#include "config.h"

#include "tests/fuzz/peer.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proto/reply.h"
#include "proto/request.h"
#include "tests/fuzz/fuzz.h"

#define READ_SIZE   4096
#define REPLY_LIMIT (16 * 1024 * 1024)

void
peer_create(struct peer *peer, int fd, int daemon_fd, size_t message)
{
	memset(peer, 0, sizeof *peer);
	peer->fd = fd;
	peer->daemon_fd = daemon_fd;
	frame_create(&peer->sent, message);
	frame_create(&peer->received, REPLY_LIMIT);
	peer->owed = json_object();
	peer->answered = json_object();
}

/* --- what it is owed ---------------------------------------------------- */

static void
owe(struct peer *peer, const json_t *id, int by)
{
	char *text;

	if (id == NULL || json_is_null(id)) {
		peer->owed_null += by;
		return;
	}
	text = json_dumps(id, JSON_ENCODE_ANY);
	json_object_set_new(peer->owed, text,
	    json_integer(
		json_integer_value(json_object_get(peer->owed, text)) + by));
	free(text);
}

void
peer_refused(struct peer *peer)
{
	owe(peer, NULL, 1);
	peer->lost = true;
}

/* A reply, to what the daemon may ask: whether it did when this is handled
   cannot be told from here, and so not, whether an error is owed for it. */
static void
note_answer(struct peer *peer, json_t *value)
{
	struct reply reply;
	const char *id;

	if (reply_read(&reply, value) == -1)
		return;
	id = json_string_value(reply.id);
	if (id != NULL && *id == 'd') {
		char *text = json_dumps(reply.id, JSON_ENCODE_ANY);

		json_object_set_new(peer->answered, text, json_true());
		free(text);
	}
}

static void
expect_one(struct peer *peer, json_t *value)
{
	struct request request;
	json_t *error;

	if (request_read(&request, value, &error) == -1) {
		owe(peer, request.id, 1);
		note_answer(peer, value);
		json_decref(error);
	} else if (request.id != NULL) {
		owe(peer, request.id, 1);
	}
}

static void
expect_line(struct peer *peer, const char *line, size_t length)
{
	json_t *error = NULL, *value = request_parse(line, length, &error);
	json_t *member;
	size_t i;

	if (value == NULL || (json_is_array(value) && !json_array_size(value)))
		owe(peer, NULL, 1);
	else if (!json_is_array(value))
		expect_one(peer, value);
	json_array_foreach (value, i, member)
		expect_one(peer, member);
	json_decref(value);
	json_decref(error);
}

static void
expect_lines(struct peer *peer)
{
	enum frame_status status;
	const char *line;
	size_t length;

	while ((status = frame_next(&peer->sent, &line, &length)) == FRAME_LINE)
		expect_line(peer, line, length);
	if (status != FRAME_TOO_LONG)
		return;
	owe(peer, NULL, 1);
	peer->lost = true;
}

/* --- bytes -------------------------------------------------------------- */

static void
note_sent(struct peer *peer, const char *data, size_t length)
{
	memcpy(frame_reserve(&peer->sent, length), data, length);
	frame_commit(&peer->sent, length);
	expect_lines(peer);
}

void
peer_send(struct peer *peer, const char *data, size_t length)
{
	ssize_t sent = send(peer->fd, data, length, MSG_NOSIGNAL);

	if (sent > 0)
		note_sent(peer, data, (size_t)sent);
}

void
peer_finish(struct peer *peer)
{
	if (!peer->finished && shutdown(peer->fd, SHUT_WR) == 0)
		note_sent(peer, "\n", 1);
	peer->finished = true;
}

static void
take_reply(struct peer *peer, json_t *value)
{
	struct reply reply;

	/* What the daemon tells and asks is owed to nobody. */
	if (json_object_get(value, "method") != NULL)
		return;
	fuzz_check(reply_read(&reply, value) == 0);
	owe(peer, reply.id, -1);
}

/* What it is told without having been owed it. */
static bool
is_notification(json_t *value)
{
	struct request request;
	json_t *error = NULL;
	bool is_request = request_read(&request, value, &error) == 0;

	json_decref(error);
	return is_request && request.id == NULL &&
	       strcmp(request.method, "output") == 0;
}

static void
take_line(struct peer *peer, const char *line, size_t length)
{
	json_t *value = json_loadb(
	    line, length, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
	json_t *member;
	size_t i;

	fuzz_check(value != NULL);
	fuzz_check(!json_is_array(value) || json_array_size(value) > 0);
	if (!json_is_array(value) && !is_notification(value))
		take_reply(peer, value);
	json_array_foreach (value, i, member)
		take_reply(peer, member);
	json_decref(value);
}

static void
take_lines(struct peer *peer)
{
	enum frame_status status;
	const char *line;
	size_t length;

	while ((status = frame_next(&peer->received, &line, &length)) ==
	       FRAME_LINE)
		take_line(peer, line, length);
	fuzz_check(status == FRAME_MORE);
	frame_trim(&peer->received);
}

bool
peer_receive(struct peer *peer)
{
	bool any = false;
	ssize_t got;

	if (peer->fd == -1 || peer->deaf)
		return false;
	while ((got = read(peer->fd, frame_reserve(&peer->received, READ_SIZE),
		    READ_SIZE)) > 0) {
		frame_commit(&peer->received, (size_t)got);
		take_lines(peer);
		any = true;
	}
	return any;
}

/* --- the end ------------------------------------------------------------ */

/* What could not be sent, or handled, any more is not owed; what came without
   being owed is always wrong. */
static void
check_owed(const struct peer *peer)
{
	const char *id;
	json_t *count;

	json_object_foreach (peer->owed, id, count) {
		fuzz_check(json_integer_value(count) >= 0);
		fuzz_check(peer->lost || json_integer_value(count) == 0 ||
			   json_object_get(peer->answered, id) != NULL);
	}
	fuzz_check(peer->owed_null >= 0);
	fuzz_check(peer->lost || peer->owed_null == 0);
}

void
peer_destroy(struct peer *peer)
{
	if (peer->fd == -1)
		return;
	(void)peer_receive(peer);
	check_owed(peer);
	close(peer->fd);
	peer->fd = -1;
	frame_destroy(&peer->sent);
	frame_destroy(&peer->received);
	json_decref(peer->owed);
	json_decref(peer->answered);
}
