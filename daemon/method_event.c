/* The methods subscribe and unsubscribe. */
#include "config.h"

#include "daemon/method_table.h"

#include <string.h>

#include "daemon/events.h"
#include "daemon/task.h"
#include "proto/error.h"
#include "proto/limits.h"

enum { SUBSCRIBE_WHAT, SUBSCRIBE_TASK, SUBSCRIBE_NAME };

/* In the order of enum scheduler_event. */
static const char *const kinds[] = {
    "created", "started", "finished", "failed", "output", NULL};

static const struct param subscribe_params[] = {
    {"what", PARAM_CHOICES, .choices = kinds,
	.summary = "An array (default: all but output)."},
    {"task", PARAM_TASK, .summary = "Of it and those below it alone."},
    {"name", PARAM_STRING, .max = LIMIT_NAME,
	.summary = "Of those whose name matches this pattern: * ? [...]."},
    {.type = PARAM_END},
};

static unsigned int
kinds_of(const json_t *param)
{
	unsigned int what = 0;
	json_t *one;
	size_t i, kind;

	if (param == NULL)
		return ~(1U << EVENT_OUTPUT);
	json_array_foreach (param, i, one)
		for (kind = 0; kinds[kind] != NULL; kind++)
			if (strcmp(kinds[kind], json_string_value(one)) == 0)
				what |= 1U << kind;
	return what;
}

static enum method_status
subscribe_handler(struct call *call)
{
	struct event_filter filter = {
	    .what = kinds_of(call->params[SUBSCRIBE_WHAT]),
	    .name = json_string_value(call->params[SUBSCRIBE_NAME]),
	};
	const struct task *task;

	if (call->params[SUBSCRIBE_TASK] != NULL) {
		task = method_task(call, call->params[SUBSCRIBE_TASK]);
		if (task == NULL)
			return METHOD_ERROR;
		filter.task = task->id;
	}
	if (events_subscribe(call->daemon->events, call->caller, &filter) == -1)
		return method_fail(call,
		    error_new_limit("subscriptions", EVENTS_SUBSCRIPTIONS));
	return method_return(call, json_null());
}

const struct method method_subscribe = {
    .name = "subscribe",
    .summary = "Asks for notifications of what happens to tasks, in place of "
	       "those asked for before.",
    .params = subscribe_params,
    .result = METHOD_NULL,
    .handler = subscribe_handler,
};

static const struct param no_params[] = {{.type = PARAM_END}};

static enum method_status
unsubscribe_handler(struct call *call)
{
	events_unsubscribe(call->daemon->events, call->caller);
	return method_return(call, json_null());
}

const struct method method_unsubscribe = {
    .name = "unsubscribe",
    .summary = "Asks for no more notifications of what happens to tasks.",
    .params = no_params,
    .result = METHOD_NULL,
    .handler = unsubscribe_handler,
};
