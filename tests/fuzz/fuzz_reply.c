/*
 * What tasklet-ctl makes of a daemon's replies and notifications.
 *
 * An input is its words, one a line; behind an empty line comes all that the
 * daemon says, whatever it is asked, before it hangs up. The first request has
 * the id 1. What is told of tasks, however wrong, is shown so that it does no
 * harm; a result that is right is shown as it is.
 */
#include "config.h"

#include <jansson.h>
#include <string.h>

#include "client/report.h"
#include "proto/reply.h"
#include "proto/request.h"
#include "tests/fuzz/ctl.h"
#include "tests/fuzz/fuzz.h"

/* The JSON value of the text's line at *at, which moves behind it; NULL where
   there is none, or it is none. */
static json_t *
next_value(const char *text, size_t length, size_t *at)
{
	const char *lf;
	json_t *error = NULL, *value;

	if (*at >= length ||
	    (lf = memchr(text + *at, '\n', length - *at)) == NULL)
		return NULL;
	value = request_parse(text + *at, (size_t)(lf - text) - *at, &error);
	*at = (size_t)(lf - text) + 1;
	json_decref(error);
	return value;
}

/* Whether the only thing that is said is the result of the first request. */
static json_t *
only_result(const struct ctl *ctl)
{
	size_t at = 0;
	json_t *value = next_value(ctl->said, ctl->said_length, &at);
	json_t *result = NULL;
	struct reply reply;

	if (value != NULL && json_object_get(value, "method") == NULL &&
	    reply_read(&reply, value) == 0 && json_is_integer(reply.id) &&
	    json_integer_value(reply.id) == 1)
		result = json_incref(reply.result);
	json_decref(value);
	return result;
}

/* `call METHOD` prints the result as it came. */
static void
check_round_trip(const struct ctl *ctl)
{
	json_t *result, *printed;
	size_t at = 0;

	if (ctl->count != 2 || strcmp(ctl->words[0], "call") != 0 ||
	    ctl->words[1][0] == '-' || ctl_is_refused(ctl) ||
	    (result = only_result(ctl)) == NULL)
		return;
	fuzz_check(ctl->status == STATUS_OK);
	printed = next_value(ctl->out, ctl->out_length, &at);
	fuzz_check(at == ctl->out_length);
	fuzz_check(json_equal(result, printed));
	json_decref(result);
	json_decref(printed);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	ctl_prepare();
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ctl ctl;

	ctl_create(&ctl, (const char *)data, size);
	ctl_run(&ctl);
	ctl_check(&ctl);
	check_round_trip(&ctl);
	ctl_destroy(&ctl);
	return 0;
}
