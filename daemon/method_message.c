/* The methods of messages: send, call, receive, reply. */
#include "config.h"

#include "daemon/method_table.h"

#include <inttypes.h>
#include <stdlib.h>

#include "daemon/function.h"
#include "daemon/host.h"
#include "daemon/mailbox.h"
#include "daemon/scheduler.h"
#include "daemon/task.h"
#include "proto/error.h"

enum { MESSAGE_TASK, MESSAGE_BODY, MESSAGE_FROM, MESSAGE_TIMEOUT };

/* clang-format off: one row for each param */
#define MESSAGE_PARAMS \
	{"task", PARAM_TASK, .required = true, \
	    .summary = "Whom it is for: a live task."}, \
	    {"body", PARAM_ANY, .required = true, .summary = "Any value."}, \
	{ \
		"from", PARAM_TASK, \
		    .summary = "Who sends it: a task that this program hosts " \
			       "(default: the connection's own)." \
	}
/* clang-format on */

static const struct param send_params[] = {
    MESSAGE_PARAMS,
    {.type = PARAM_END},
};

static const struct param call_params[] = {
    MESSAGE_PARAMS,
    {"timeout", PARAM_SECONDS,
	.summary = "How long to wait for the reply (default: for ever)."},
    {.type = PARAM_END},
};

/* The live task that a param means, or NULL with call->error set. */
static struct task *
live_task(struct call *call, const json_t *which)
{
	struct task *task = method_task_or_own(call, which);

	if (task == NULL || task_is_live(task))
		return task;
	call->error = method_error(
	    task, ERROR_NO_SUCH_TASK, "has ended: it takes no messages");
	return NULL;
}

/* Who sends; 0 with call->error set. */
static uint64_t
sender(struct call *call)
{
	struct task *task =
	    method_task_or_own(call, call->params[MESSAGE_FROM]);

	if (task == NULL)
		return 0;
	if (call->params[MESSAGE_FROM] == NULL || host_runs(call->caller, task))
		return task->id;
	call->error = method_error(task, ERROR_PERMISSION_DENIED,
	    "is not run by this program now: it sends nothing from here");
	return 0;
}

static char *
body_text(const struct call *call)
{
	return json_dumps(
	    call->params[MESSAGE_BODY], JSON_COMPACT | JSON_ENCODE_ANY);
}

static enum method_status
send_handler(struct call *call)
{
	struct task *task = live_task(call, call->params[MESSAGE_TASK]);
	uint64_t from = task == NULL ? 0 : sender(call);
	char *body;
	int sent;

	if (from == 0)
		return METHOD_ERROR;
	body = body_text(call);
	sent = mailbox_send(
	    call->daemon->mailboxes, task, from, body, &call->error);
	free(body);
	return sent == -1 ? METHOD_ERROR : method_return(call, json_null());
}

const struct method method_send = {
    .name = "send",
    .summary = "Sends a task a message.",
    .params = send_params,
    .access = ACCESS_OWNER,
    .result = METHOD_NULL,
    .handler = send_handler,
};

static enum method_status
call_handler(struct call *call)
{
	struct task *task = live_task(call, call->params[MESSAGE_TASK]);
	uint64_t from = task == NULL ? 0 : sender(call);
	char *body;
	int sent;

	if (from == 0)
		return METHOD_ERROR;
	body = body_text(call);
	sent = mailbox_call(call->daemon->mailboxes, task, from, call->caller,
	    &call->address, body,
	    method_seconds(call->params[MESSAGE_TIMEOUT], -1), &call->error);
	free(body);
	return sent == -1 ? METHOD_ERROR : METHOD_WAIT;
}

const struct method method_call = {
    .name = "call",
    .summary = "Sends a task a message and waits for its reply.",
    .params = call_params,
    .access = ACCESS_OWNER,
    .result = METHOD_ANY,
    .handler = call_handler,
};

enum { RECEIVE_TASK, RECEIVE_TIMEOUT };

static const struct param receive_params[] = {
    {"task", PARAM_TASK, .summary = "Whose (default: this connection's)."},
    {"timeout", PARAM_SECONDS,
	.summary = "How long to wait for one (default: for ever)."},
    {.type = PARAM_END},
};

static enum method_status
receive_handler(struct call *call)
{
	struct task *task = live_task(call, call->params[RECEIVE_TASK]);

	if (task == NULL)
		return METHOD_ERROR;
	if (task->function->mail != NULL)
		return method_fail(
		    call, method_error(task, ERROR_INVALID_PARAMS,
			      "gets its messages in the program that runs it"));
	mailbox_receive(call->daemon->mailboxes, task, call->caller,
	    &call->address, method_seconds(call->params[RECEIVE_TIMEOUT], -1));
	return METHOD_WAIT;
}

const struct method method_receive = {
    .name = "receive",
    .summary = "Waits for the next message of a task.",
    .params = receive_params,
    .access = ACCESS_OWNER,
    .result = "{\"type\":\"object\",\"required\":[\"body\",\"from\"],"
	      "\"properties\":{\"body\":{},\"from\":{\"type\":\"integer\"},"
	      "\"call\":{\"type\":\"integer\"}}}",
    .handler = receive_handler,
};

enum { REPLY_CALL, REPLY_RESULT, REPLY_ERROR };

static const struct param reply_params[] = {
    {"call", PARAM_INTEGER, .required = true, .min = 1, .max = INT64_MAX,
	.summary = "The number that the message has as its call."},
    {"result", PARAM_ANY, .summary = "Any value."},
    {"error", PARAM_OBJECT,
	.summary = "Or why it failed: {\"message\", \"data\"?}."},
    {.type = PARAM_END},
};

static enum method_status
reply_handler(struct call *call)
{
	struct mailboxes *mailboxes = call->daemon->mailboxes;
	uint64_t number = (uint64_t)method_integer(call->params[REPLY_CALL], 0);
	uint64_t callee = mailbox_callee(mailboxes, number);
	json_t *result = call->params[REPLY_RESULT], *error;
	struct task *task;

	if (callee == 0)
		return method_fail(call,
		    error_new(ERROR_INVALID_PARAMS,
			"call: nobody waits for a reply to %" PRIu64, number));
	task = task_find(scheduler_tasks(call->daemon->scheduler), callee);
	if (!method_may(call, task))
		return method_fail(call, method_denied(task));
	if (method_outcome(call, result, call->params[REPLY_ERROR], &error) ==
	    -1)
		return METHOD_ERROR;
	if (error != NULL)
		mailbox_refuse(mailboxes, number, error);
	else
		mailbox_reply(mailboxes, number,
		    json_dumps(result, JSON_COMPACT | JSON_ENCODE_ANY));
	return method_return(call, json_null());
}

const struct method method_reply = {
    .name = "reply",
    .summary = "Replies to a message that was sent by `call`.",
    .params = reply_params,
    .result = METHOD_NULL,
    .handler = reply_handler,
};
