/* One who is told of a task's output as it comes. Nothing is put aside for
   those who are slow: each reads on in the output itself, and what is gone
   from there it has lost. */
#include "config.h"

#include "daemon/follow.h"

#include <inttypes.h>
#include <stdlib.h>
#include <jansson.h>

#include "proto/bytes.h"
#include "proto/request.h"
#include "proto/xalloc.h"

struct follow *
follow_new(uint64_t task, struct output *output, const struct output_read *read,
    struct waiter *waiter)
{
	struct follow *follow = xcalloc(1, sizeof *follow);

	follow->task = task;
	follow->output = output_ref(output);
	follow->read = *read;
	if (follow->read.after > output_end(output))
		follow->read.after = output_end(output);
	follow->waiter = waiter;
	TAILQ_INSERT_TAIL(output_followers(output), follow, entry);
	follow->is_first = output_is_first(output, &follow->read.after);
	return follow;
}

void
follow_delete(struct follow *follow)
{
	if (follow == NULL)
		return;
	TAILQ_REMOVE(output_followers(follow->output), follow, entry);
	if (follow->is_first)
		output_end_first(follow->output);
	output_unref(follow->output);
	free(follow);
}

/* Reads on to the next bytes there are. A run may be nothing but the rest of a
   character whose beginning is gone. */
static size_t
read_on(struct follow *follow, char *data)
{
	struct output_read *read = &follow->read;
	size_t length;
	uint64_t before;

	do {
		before = read->after;
		length = output_read(follow->output, read, data);
		read->after = read->next;
		follow->lost += read->lost;
		follow->untold += read->lost;
	} while (length == 0 && read->after > before &&
		 read->after < output_end(follow->output));
	return length;
}

static char *
tell(struct follow *follow, const char *data, size_t length)
{
	const struct output_read *read = &follow->read;
	json_t *params =
	    json_pack("{s:I, s:s, s:o, s:I}", "task", (json_int_t)follow->task,
		"stream", output_stream_name(read->stream), "data",
		(read->text ? bytes_text : bytes_base64)(data, length), "next",
		(json_int_t)read->next);
	char *text;

	if (!read->text)
		json_object_set_new(params, "encoding", json_string("base64"));
	if (follow->untold > 0)
		json_object_set_new(
		    params, "lost", json_integer((json_int_t)follow->untold));
	follow->untold = 0;
	text = request_new_notification("output", params);
	json_decref(params);
	return text;
}

char *
follow_take(struct follow *follow, bool ended)
{
	char *data = xmalloc(follow->read.limit), *text = NULL;
	size_t length;

	follow->read.ended = ended;
	length = read_on(follow, data);
	if (length > 0)
		text = tell(follow, data, length);
	if (follow->is_first)
		output_has_moved(follow->output);
	free(data);
	return text;
}

char *
follow_result(const struct follow *follow)
{
	return xasprintf("{\"data\":\"\",\"next\":%" PRIu64 ",\"lost\":%" PRIu64
			 "}",
	    follow->read.after, follow->lost);
}

void
follow_listen(struct follow *follow)
{
	struct follow_list *all = output_followers(follow->output);

	TAILQ_REMOVE(all, follow, entry);
	TAILQ_INSERT_HEAD(all, follow, entry);
	follow->listens = true;
}

void
follow_unlisten(struct follow *follow)
{
	struct follow_list *all = output_followers(follow->output);

	TAILQ_REMOVE(all, follow, entry);
	TAILQ_INSERT_TAIL(all, follow, entry);
	follow->listens = false;
}

struct follow *
follow_listener(struct output *output)
{
	struct follow *first = TAILQ_FIRST(output_followers(output));

	return first != NULL && first->listens ? first : NULL;
}

bool
follow_loses(const struct follow *follow, size_t length)
{
	return output_overwrites(follow->output, follow->read.after, length);
}

size_t
follow_held(const struct follow *follow)
{
	return output_held(follow->output);
}
