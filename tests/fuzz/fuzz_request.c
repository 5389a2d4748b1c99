/*
 * Framing and requests: bytes in pieces, lines, JSON values, requests.
 *
 * The first line of an input says how long the pieces are ("1 7 300", in turn;
 * no number: all at once); what follows is what a client sends.
 */
#include "config.h"

#include <stdbool.h>
#include <string.h>

#include "proto/error.h"
#include "proto/frame.h"
#include "proto/reply.h"
#include "proto/request.h"
#include "proto/xalloc.h"
#include "tests/fuzz/fuzz.h"

/* Small, so that it bites, but with room for too deep a nesting. */
#define LIMIT 2500
#define PIECE 4096

/* The part of the input that is not yet sent, and its pieces. */
struct source {
	const char *data;
	size_t left;
	const char *sizes, *next_size, *sizes_end;
};

/* The lines, found by looking at all the bytes at once. */
struct oracle {
	const char *data;
	size_t left;
};

/* --- an input ----------------------------------------------------------- */

static void
source_create(struct source *source, const char *data, size_t size)
{
	const char *lf = size == 0 ? NULL : memchr(data, '\n', size);

	source->sizes = source->next_size = data;
	source->sizes_end = lf == NULL ? data + size : lf;
	source->data = lf == NULL ? data + size : lf + 1;
	source->left = size - (size_t)(source->data - data);
}

/* The next number of the first line, round and round; PIECE where it has
   none. */
static size_t
next_piece(struct source *source)
{
	const char *p = source->next_size, *end = source->sizes_end;
	size_t size = 0;

	while (p < end && (*p < '0' || *p > '9'))
		p++;
	for (; p < end && *p >= '0' && *p <= '9' && size < PIECE; p++)
		size = 10 * size + (size_t)(*p - '0');
	source->next_size = p < end ? p : source->sizes;
	return size == 0 || size > PIECE ? PIECE : size;
}

static void
send_piece(struct source *source, struct frame *frame)
{
	size_t size = next_piece(source);

	if (size > source->left)
		size = source->left;
	memcpy(frame_reserve(frame, PIECE), source->data, size);
	frame_commit(frame, size);
	source->data += size;
	source->left -= size;
}

/* --- framing ------------------------------------------------------------ */

static bool
is_blank(const char *line, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		if (line[i] != ' ' && line[i] != '\t' && line[i] != '\r')
			return false;
	return true;
}

/* As frame_next, had it all the bytes. */
static enum frame_status
oracle_next(struct oracle *oracle, const char **line, size_t *length)
{
	const char *lf;

	do {
		lf = oracle->left == 0 ?
			 NULL :
			 memchr(oracle->data, '\n', oracle->left);
		*line = oracle->data;
		*length =
		    lf == NULL ? oracle->left : (size_t)(lf - oracle->data);
		if (*length > LIMIT)
			return FRAME_TOO_LONG;
		if (lf == NULL)
			return FRAME_MORE;
		oracle->data += *length + 1;
		oracle->left -= *length + 1;
	} while (is_blank(*line, *length));
	if ((*line)[*length - 1] == '\r')
		(*length)--;
	return FRAME_LINE;
}

/* --- requests ----------------------------------------------------------- */

/* An error that a client would get, with the id or null. */
static void
check_error(json_t *error, enum error_code code, const json_t *id)
{
	char *text = reply_new_error(id, error);
	json_t *value = json_loads(text, JSON_ALLOW_NUL, NULL);
	struct reply reply;

	fuzz_check(strchr(text, '\n') == NULL);
	fuzz_check(reply_read(&reply, value) == 0);
	fuzz_check(reply.result == NULL);
	fuzz_check(
	    json_integer_value(json_object_get(reply.error, "code")) == code);
	fuzz_check(
	    id == NULL ? json_is_null(reply.id) : json_equal(id, reply.id));
	json_decref(value);
	free(text);
	json_decref(error);
}

static void
check_request(const struct request *request, const json_t *value)
{
	const json_t *method = json_object_get(value, "method");

	fuzz_check(request->method != NULL);
	fuzz_check(strlen(request->method) == json_string_length(method));
	fuzz_check(request->params == NULL || json_is_object(request->params) ||
		   json_is_array(request->params));
	fuzz_check(request->id == json_object_get(value, "id"));
	fuzz_check(!json_is_object(request->id) && !json_is_array(request->id));
}

static void
read_request(json_t *value)
{
	struct request request;
	json_t *error = NULL;

	if (request_read(&request, value, &error) == -1) {
		check_error(error, ERROR_INVALID_REQUEST, request.id);
		return;
	}
	fuzz_check(error == NULL);
	check_request(&request, value);
}

/* What was read, once written is read as the same. */
static void
check_round_trip(const json_t *value)
{
	json_t *error, *again;
	char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

	fuzz_check(text != NULL);
	again = request_parse(text, strlen(text), &error);
	fuzz_check(again != NULL);
	fuzz_check(json_equal(value, again));
	json_decref(again);
	free(text);
}

static void
read_line(const char *line, size_t length)
{
	json_t *error = NULL, *value, *member;
	char *exact = xmalloc(length); /* a byte too far is seen */
	size_t i;

	memcpy(exact, line, length);
	value = request_parse(exact, length, &error);
	free(exact);
	if (value == NULL) {
		check_error(error, ERROR_PARSE, NULL);
		return;
	}
	fuzz_check(error == NULL);
	check_round_trip(value);
	read_request(value);
	json_array_foreach (value, i, member)
		read_request(member);
	json_decref(value);
}

/* Takes each whole line. Returns FRAME_MORE or FRAME_TOO_LONG. */
static enum frame_status
take_lines(struct frame *frame, struct oracle *oracle)
{
	enum frame_status status;
	const char *line, *wanted;
	size_t length, wanted_length;

	while ((status = frame_next(frame, &line, &length)) == FRAME_LINE) {
		fuzz_check(
		    oracle_next(oracle, &wanted, &wanted_length) == FRAME_LINE);
		fuzz_check(length == wanted_length);
		fuzz_check(memcmp(line, wanted, length) == 0);
		read_line(line, length);
	}
	fuzz_check(frame->end - frame->begin <= LIMIT + 1 + PIECE);
	frame_trim(frame);
	return status;
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	json_set_alloc_funcs(xmalloc, free);
	json_object_seed(1);
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum frame_status status = FRAME_MORE;
	struct oracle oracle;
	struct source source;
	struct frame frame;
	const char *line;
	size_t length;

	source_create(&source, (const char *)data, size);
	oracle = (struct oracle){source.data, source.left};
	frame_create(&frame, LIMIT);
	while (status == FRAME_MORE && source.left > 0) {
		send_piece(&source, &frame);
		status = take_lines(&frame, &oracle);
	}
	fuzz_check(oracle_next(&oracle, &line, &length) == status);
	frame_destroy(&frame);
	return 0;
}
