/* What a request that waits is told, and what its caller's task says of it. */
#include "config.h"

#include "daemon/waiter_impl.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/follow.h"
#include "daemon/task_json.h"
#include "proto/error.h"
#include "proto/limits.h"
#include "proto/reply.h"
#include "proto/xalloc.h"

json_t *
pending_ids(const struct waiter *waiter, size_t most)
{
	json_t *ids = json_array();
	size_t i;

	for (i = 0; i < waiter->count && json_array_size(ids) < most; i++)
		if (waiter->links[i].outcome == NULL)
			json_array_append_new(ids,
			    json_integer((json_int_t)waiter->links[i].task));
	return ids;
}

/* ": why" after what happened to the task, where that says more. */
static char *
why(enum task_state state, const json_t *cause)
{
	const json_t *data = json_object_get(cause, "data");

	if (state == TASK_FAILED || json_object_get(data, "reason") != NULL ||
	    json_object_get(data, "cause") != NULL)
		return xasprintf(": %s",
		    json_string_value(json_object_get(cause, "message")));
	return xstrdup("");
}

static json_t *
join_error(const struct wait_link *link)
{
	static const char *const how[] = {
	    [TASK_FAILED] = "failed",
	    [TASK_CANCELLED] = "was cancelled",
	    [TASK_TIMEOUT] = "timed out",
	};
	enum task_state state = link->outcome->state;
	json_t *cause = task_json_error(link->outcome);
	char *because = why(state, cause);
	json_t *error = error_new(ERROR_JOIN, "task %" PRIu64 " %s%s",
	    link->task, how[state], because);

	free(because);
	error_set_data(error, "task", json_integer((json_int_t)link->task));
	error_set_data(error, "state", json_string(task_state_name(state)));
	error_set_data(error, "cause", cause);
	return error;
}

static void
write_outcome(FILE *out, const struct wait_link *link)
{
	fprintf(out, "{\"task\":%" PRIu64 ",\"state\":\"%s\",", link->task,
	    task_state_name(link->outcome->state));
	task_json_outcome(out, link->outcome);
	fputc('}', out);
}

/* Whether the results are small enough to be put in one reply. */
static bool
fits_reply(const struct waiters *waiters, const struct waiter *waiter)
{
	size_t i, bytes = 0;

	if (waiter->mode == WAIT_ANY)
		return strlen(waiter->first->outcome->text) <= waiters->reply;
	for (i = 0; i < waiter->count; i++)
		bytes += strlen(waiter->links[i].outcome->text);
	return bytes <= waiters->reply;
}

static char *
reply_outcomes(const struct waiter *waiter)
{
	char *result, *reply;
	size_t size, i;
	FILE *out = xopen_memstream(&result, &size);

	if (waiter->mode == WAIT_ANY) {
		write_outcome(out, waiter->first);
	} else {
		fputc('[', out);
		for (i = 0; i < waiter->count; i++) {
			fputs(i == 0 ? "" : ",", out);
			write_outcome(out, &waiter->links[i]);
		}
		fputc(']', out);
	}
	fclose(out);
	reply = reply_new_result(waiter->address.id, result);
	free(result);
	return reply;
}

static char *
reply_error(const json_t *id, json_t *error)
{
	char *reply = reply_new_error(id, error);

	json_decref(error);
	return reply;
}

static char *
reply_followed(const json_t *id, const struct follow *follow)
{
	char *result = follow_result(follow);
	char *reply = reply_new_result(id, result);

	free(result);
	return reply;
}

char *
reply_to(const struct waiters *waiters, const struct waiter *waiter)
{
	const json_t *id = waiter->address.id;

	if (waiter->error != NULL)
		return reply_new_error(id, waiter->error);
	switch (waiter->mode) {
	case WAIT_SLEEP:
		return reply_new_result(id, "null");
	case WAIT_ANSWER:
		return reply_new_result(id, waiter->answer);
	case WAIT_FOLLOW:
		return reply_followed(id, waiter->follow);
	case WAIT_ONE:
		if (waiter->first->outcome->state != TASK_DONE)
			return reply_error(id, join_error(waiter->first));
		return reply_new_result(id, waiter->first->outcome->text);
	default:
		if (!fits_reply(waiters, waiter))
			return reply_error(
			    id, error_new_limit("reply", waiters->reply));
		return reply_outcomes(waiter);
	}
}

/* A request that is not done: one that follows what has ended only tells the
   rest of it. */
static const struct waiter *
first_waiting(const struct caller *caller)
{
	const struct waiter *waiter = TAILQ_FIRST(&caller->waiting);

	if (waiter != NULL)
		return waiter;
	TAILQ_FOREACH (waiter, &caller->telling, entry)
		if (waiter->pending > 0)
			return waiter;
	return NULL;
}

static void
describe_tasks(FILE *out, const char *what, const struct waiter *waiter)
{
	json_t *ids = pending_ids(waiter, LIMIT_ERROR_IDS);

	fprintf(out, "{\"for\":\"%s\",\"tasks\":", what);
	json_dumpf(ids, out, JSON_COMPACT);
	json_decref(ids);
}

bool
waiters_describe(FILE *out, const struct caller *caller)
{
	const struct waiter *waiter = first_waiting(caller);

	if (waiter == NULL)
		return false;
	switch (waiter->mode) {
	case WAIT_SLEEP:
		fputs("{\"for\":\"sleep\"", out);
		break;
	case WAIT_ANSWER:
		fprintf(out, "{\"for\":\"%s\"", waiter->what);
		break;
	case WAIT_FOLLOW:
		describe_tasks(out, "output", waiter);
		break;
	default:
		describe_tasks(out, "join", waiter);
		fprintf(out, ",\"count\":%zu", waiter->pending);
	}
	fputs(",\"since\":", out);
	task_json_time(out, waiter->since);
	fputc('}', out);
	return true;
}
