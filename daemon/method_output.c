/* The method output: what a task wrote. */
#include "config.h"

#include "daemon/method_table.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/output.h"
#include "daemon/scheduler.h"
#include "daemon/task.h"
#include "daemon/waiter.h"
#include "proto/bytes.h"
#include "proto/error.h"
#include "proto/limits.h"
#include "proto/xalloc.h"

enum {
	OUTPUT_PARAM_TASK,
	OUTPUT_PARAM_AFTER,
	OUTPUT_PARAM_LIMIT,
	OUTPUT_PARAM_STREAM,
	OUTPUT_PARAM_ENCODING,
	OUTPUT_PARAM_FOLLOW
};

static const char *const streams[] = {"stdout", "stderr", NULL};
static const char *const encodings[] = {"base64", NULL};

static const struct param output_params[] = {
    {"task", PARAM_TASK, .required = true, .summary = "The task."},
    {"after", PARAM_INTEGER, .max = INT64_MAX,
	.summary = "Where to begin, in bytes written (default 0)."},
    {"limit", PARAM_INTEGER, .min = 4, .max = LIMIT_MESSAGE,
	.summary = "The most bytes to give."},
    {"stream", PARAM_CHOICE, .choices = streams,
	.summary = "Only what was written to that one."},
    {"encoding", PARAM_CHOICE, .choices = encodings,
	.summary = "Gives the bytes exactly, not as text."},
    {"follow", PARAM_BOOL,
	.summary = "Gives it in notifications as it comes, until the task has "
		   "ended."},
    {.type = PARAM_END},
};

static struct output_read
what_to_read(const struct call *call, const struct task *task)
{
	const json_t *stream = call->params[OUTPUT_PARAM_STREAM];
	struct output_read read = {
	    .after =
		(uint64_t)method_integer(call->params[OUTPUT_PARAM_AFTER], 0),
	    .part = stream == NULL ? OUTPUT_ALL : OUTPUT_STREAM,
	    .text = call->params[OUTPUT_PARAM_ENCODING] == NULL,
	    .ended = !task_is_live(task),
	};

	if (stream != NULL && strcmp(json_string_value(stream), "stderr") == 0)
		read.stream = STREAM_STDERR;
	return read;
}

static enum method_status
return_output(
    struct call *call, const struct output *output, struct output_read *read)
{
	char *data = xmalloc(read->limit);
	size_t length = output_read(output, read, data);
	json_t *result = json_pack("{s:o, s:I, s:I}", "data",
	    (read->text ? bytes_text : bytes_base64)(data, length), "next",
	    (json_int_t)read->next, "lost", (json_int_t)read->lost);

	free(data);
	return method_return(call, result);
}

static enum method_status
follow(struct call *call, struct task *task)
{
	struct output_read read = what_to_read(call, task);

	if (call->params[OUTPUT_PARAM_LIMIT] != NULL)
		return method_fail(
		    call, error_new(ERROR_INVALID_PARAMS,
			      "limit: goes without follow, which gives all "
			      "there is, until the task has ended"));
	if (read.part == OUTPUT_ALL)
		read.part = OUTPUT_RUN;
	waiter_new_follow(call->daemon->waiters, call->caller, &call->address,
	    task, scheduler_output(call->daemon->scheduler, task), &read);
	return METHOD_WAIT;
}

static enum method_status
output_handler(struct call *call)
{
	struct task *task = method_task(call, call->params[OUTPUT_PARAM_TASK]);
	struct output_read read;

	if (task == NULL)
		return METHOD_ERROR;
	if (json_is_true(call->params[OUTPUT_PARAM_FOLLOW]))
		return follow(call, task);
	if (task->output == NULL)
		return method_return(call, json_pack("{s:s, s:i, s:i}", "data",
					       "", "next", 0, "lost", 0));
	read = what_to_read(call, task);
	read.limit = (size_t)method_integer(call->params[OUTPUT_PARAM_LIMIT],
	    (json_int_t)output_held(task->output));
	return return_output(call, task->output, &read);
}

const struct method method_output = {
    .name = "output",
    .summary = "Gives what a task wrote.",
    .params = output_params,
    .access = ACCESS_OWNER,
    .result = "{\"type\":\"object\",\"required\":[\"data\",\"next\",\"lost\"],"
	      "\"properties\":{\"data\":{\"type\":\"string\"},"
	      "\"next\":{\"type\":\"integer\"},"
	      "\"lost\":{\"type\":\"integer\"}}}",
    .handler = output_handler,
    .to_the_end = true,
};
