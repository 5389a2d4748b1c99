/* The functions that need nothing but the loop. */
#include "config.h"

#include "daemon/fn_basic.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/scheduler.h"
#include "daemon/task.h"
#include "proto/compact.h"
#include "proto/error.h"
#include "proto/limits.h"

static const struct function_arg any_args[] = {
    {.name = "values", .type = TYPE_ANY, .repeat = true},
    {.type = TYPE_END},
};

static void
echo_start(struct scheduler *scheduler, struct task *task)
{
	scheduler_finish(
	    scheduler, task, TASK_DONE, task->args == NULL ? "[]" : task->args);
}

const struct function fn_echo = {
    .name = "echo",
    .summary = "Returns its arguments as an array.",
    .args = any_args,
    .start = echo_start,
};

static const struct function_arg fail_args[] = {
    {.name = "message", .type = TYPE_STRING},
    {.type = TYPE_END},
};

static void
fail_start(struct scheduler *scheduler, struct task *task)
{
	json_t *args = function_args(task);
	json_t *error = error_new(ERROR_FUNCTION, "%s", "");

	json_object_set(error, "message", json_array_get(args, 0));
	json_decref(args);
	function_raise(scheduler, task, error);
}

const struct function fn_fail = {
    .name = "fail",
    .summary = "Fails with the message.",
    .args = fail_args,
    .start = fail_start,
};

static void
print_text(struct scheduler *scheduler, struct task *task, const char *text,
    size_t length)
{
	scheduler_write(scheduler, task, STREAM_STDOUT, text, length);
}

/* A string as it is, anything else as JSON. */
static void
print_value(struct scheduler *scheduler, struct task *task, json_t *value)
{
	char *text;

	if (json_is_string(value)) {
		print_text(scheduler, task, json_string_value(value),
		    json_string_length(value));
		return;
	}
	text = compact_text(value);
	print_text(scheduler, task, text, strlen(text));
	free(text);
}

static void
print_start(struct scheduler *scheduler, struct task *task)
{
	json_t *args = function_args(task), *value;
	size_t i;

	json_array_foreach (args, i, value) {
		if (i > 0)
			print_text(scheduler, task, " ", 1);
		print_value(scheduler, task, value);
	}
	print_text(scheduler, task, "\n", 1);
	json_decref(args);
	function_return(scheduler, task, json_null());
}

const struct function fn_print = {
    .name = "print",
    .summary = "Writes its arguments and a newline to the task's output.",
    .args = any_args,
    .start = print_start,
};

static const struct function_arg sleep_args[] = {
    {.name = "seconds", .type = TYPE_NUMBER},
    {.type = TYPE_END},
};

/* The args are "[number]", checked at spawn: no JSON need be read again. */
static void
sleep_start(struct scheduler *scheduler, struct task *task)
{
	double seconds = strtod(task->args + 1, NULL);

	if (seconds >= 0 && seconds <= LIMIT_SECONDS)
		scheduler_sleep(scheduler, task, seconds);
	else
		function_fail(scheduler, task,
		    "seconds must be from 0 to %g, not %g", LIMIT_SECONDS,
		    seconds);
}

static void
sleep_wake(struct scheduler *scheduler, struct task *task)
{
	scheduler_finish(scheduler, task, TASK_DONE, "null");
}

const struct function fn_sleep = {
    .name = "sleep",
    .summary = "Returns null after that many seconds.",
    .args = sleep_args,
    .start = sleep_start,
    .wake = sleep_wake,
};

static const struct function_arg sum_args[] = {
    {.name = "numbers", .type = TYPE_NUMBER, .repeat = true},
    {.type = TYPE_END},
};

/* The sum of integers, NULL where it takes more than 64 bits. No message has
   room for so many that 128 bits overflow. */
static json_t *
sum_integers(const json_t *args)
{
	json_t *value;
	__int128 sum = 0;
	size_t i;

	json_array_foreach (args, i, value)
		sum += json_integer_value(value);
	return sum == (json_int_t)sum ? json_integer((json_int_t)sum) : NULL;
}

/* The sum, NULL where it is infinite. */
static json_t *
sum_reals(const json_t *args)
{
	json_t *value;
	double sum = 0;
	size_t i;

	json_array_foreach (args, i, value)
		sum += json_number_value(value);
	return json_real(sum);
}

static bool
all_integers(const json_t *args)
{
	json_t *value;
	size_t i;

	json_array_foreach (args, i, value)
		if (!json_is_integer(value))
			return false;
	return true;
}

static void
sum_start(struct scheduler *scheduler, struct task *task)
{
	json_t *args = function_args(task), *sum;

	sum = all_integers(args) ? sum_integers(args) : sum_reals(args);
	json_decref(args);
	if (sum != NULL)
		function_return(scheduler, task, sum);
	else
		function_fail(scheduler, task, "the sum overflows");
}

const struct function fn_sum = {
    .name = "sum",
    .summary = "Returns the sum of its arguments: an integer if all are.",
    .args = sum_args,
    .start = sum_start,
};

const struct function fn_root = {.name = "taskletd"};
