/*
 * Words of a command line: each alone, as every kind of argument there is, and
 * all of them as tasklet-ctl's, which finds a daemon that hangs up.
 *
 * An input is words, one a line; what is behind an empty line is in any file
 * that they name.
 */
#include "config.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#include "client/argument.h"
#include "client/duration.h"
#include "client/report.h"
#include "proto/name.h"
#include "proto/compact.h"
#include "proto/limits.h"
#include "tests/fuzz/ctl.h"
#include "tests/fuzz/fuzz.h"

/* A number in full, without an exponent. */
#define NUMBER_SIZE   400
#define NUMBER_FORMAT "%.25f"

/* Below this it has fewer digits than that takes. */
#define NUMBER_LEAST 1e-7

/* The word was accepted: from there on nothing may be refused. */
static bool is_accepted;

/* --- each kind ----------------------------------------------------------- */

static void
check_same(json_t *value, json_t *again)
{
	fuzz_check(json_equal(value, again));
	json_decref(value);
	json_decref(again);
}

static double
unit_most(const char *unit)
{
	return *unit == 's' || *unit == 'm' ? 60 : *unit == 'h' ? 24 : INFINITY;
}

/* As it is shown: the largest two units, rounded. */
static void
check_shown(double seconds)
{
	char text[DURATION_SIZE], *rest = text, *part;
	double sum = 0, one;
	double slack = seconds < 9.95	 ? 0.0501 :
		       seconds < 3599.5	 ? 0.5 :
		       seconds < 86399.5 ? 60 :
					   3600;

	duration_format(text, seconds);
	while ((part = strsep(&rest, " ")) != NULL) {
		fuzz_check(duration_parse(part, &one) == 0);
		fuzz_check(strtod(part, &part) < unit_most(part));
		sum += one;
	}
	fuzz_check(fabs(sum - seconds) <= slack);
}

static void
check_timespec(double seconds)
{
	struct timespec time = duration_timespec(seconds);

	fuzz_check(time.tv_nsec >= 0 && time.tv_nsec < 1000000000);
	fuzz_check(fabs((double)time.tv_sec + (double)time.tv_nsec / 1e9 -
			seconds) <= 1e-6);
}

static void
check_seconds(void *word)
{
	json_t *value = argument_seconds("the time", word);
	double seconds = json_real_value(value);
	char text[NUMBER_SIZE];

	is_accepted = true;
	fuzz_check(seconds >= 0 && seconds <= LIMIT_SECONDS);
	check_shown(seconds);
	check_timespec(seconds);
	if (seconds > 0 && seconds < NUMBER_LEAST)
		return;
	snprintf(text, sizeof text, NUMBER_FORMAT, seconds);
	check_same(value, argument_seconds("the time", text));
}

static void
check_number(void *word)
{
	json_t *value = argument_number("the number", word);
	double number = json_real_value(value);
	char text[NUMBER_SIZE];

	is_accepted = true;
	fuzz_check(number >= 0 && isfinite(number));
	if (number > 0 && number < NUMBER_LEAST)
		return;
	snprintf(text, sizeof text, NUMBER_FORMAT, number);
	check_same(value, argument_number("the number", text));
}

static void
check_count(void *word)
{
	json_t *value = argument_count("the count", word);

	is_accepted = true;
	fuzz_check(json_integer_value(value) >= 0);
	check_same(value, argument_count("the count", compact_text(value)));
}

static void
check_integer(void *word)
{
	json_t *value = argument_integer("the integer", word);

	is_accepted = true;
	check_same(value, argument_integer("the integer", compact_text(value)));
}

static void
check_octal(void *word)
{
	json_t *value = argument_octal("the mask", word);
	char text[NUMBER_SIZE];

	is_accepted = true;
	fuzz_check(json_integer_value(value) >= 0);
	snprintf(
	    text, sizeof text, "%llo", (long long)json_integer_value(value));
	check_same(value, argument_octal("the mask", text));
}

static void
check_statuses(void *word)
{
	json_t *value = argument_statuses("the list", word);
	char *text = compact_text(value);

	is_accepted = true;
	text[strlen(text) - 1] = '\0';
	check_same(value, argument_statuses("the list", text + 1));
}

/* A number is that number, all else is as it was. */
static void
check_number_or_text(json_t *value, const char *word)
{
	is_accepted = true;
	if (json_is_integer(value))
		fuzz_check(word[strspn(word, "0123456789")] == '\0');
	else
		fuzz_check(strcmp(json_string_value(value), word) == 0);
}

static void
check_signal(void *word)
{
	check_number_or_text(argument_signal("--signal", word), word);
}

static void
check_task(void *word)
{
	check_number_or_text(argument_task(word), word);
}

static void
check_value(void *word)
{
	json_t *value = argument_value(word);

	is_accepted = true;
	if (json_is_string(value))
		fuzz_check(strcmp(json_string_value(value), word) == 0);
	else
		check_same(value, argument_value(compact_text(value)));
}

static void
check_params(void *word)
{
	json_t *value = argument_params(word);

	is_accepted = true;
	check_same(value, argument_params(compact_text(value)));
}

static void (*const kinds[])(void *word) = {
    check_count,
    check_integer,
    check_number,
    check_octal,
    check_params,
    check_seconds,
    check_signal,
    check_statuses,
    check_task,
    check_value,
};

/* --- an input ------------------------------------------------------------ */

static bool
is_utf8(const char *word)
{
	json_t *string = json_string(word);

	json_decref(string);
	return string != NULL;
}

/* What is accepted, when printed, is accepted as the same; what is refused is
   refused with a message. */
static void
read_word(struct ctl *ctl, char *word)
{
	size_t i;

	for (i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		is_accepted = false;
		ctl_run_function(ctl, kinds[i], word);
		ctl_check_text(ctl);
		fuzz_check(ctl_is_refused(ctl) == !is_accepted);
		fuzz_check((ctl->err_length == 0) == is_accepted);
		fuzz_check(ctl->out_length == 0);
	}
	fuzz_check(argument_is_name(word) ==
		   (is_utf8(word) && name_is_valid(word, strlen(word))));
}

/* Wrong usage is seen before the daemon is asked. */
static void
check_usage(const struct ctl *ctl)
{
	if (ctl_is_refused(ctl))
		fuzz_check(ctl->sent_length == 0);
	else if (ctl->status == STATUS_OK)
		fuzz_check(ctl->err_length == 0);
	else
		fuzz_check(ctl->err_length > 0);
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
	size_t i;

	ctl_create(&ctl, (const char *)data, size);
	for (i = 0; i < ctl.count; i++)
		read_word(&ctl, ctl.words[i]);
	ctl.said_length = 0;
	ctl_run(&ctl);
	ctl_check(&ctl);
	check_usage(&ctl);
	ctl_destroy(&ctl);
	return 0;
}
