/* Signals by name and by number. */
#include "config.h"

#include "proto/signal.h"

#include <signal.h>
#include <string.h>

#include "proto/xalloc.h"
#include "tests/unit.h"

/* What a JSON text means; 0: no signal. */
static int
read_text(const char *text)
{
	json_t *value =
	    json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	int number = signal_read(value);

	ck_assert_ptr_nonnull(value);
	json_decref(value);
	return number;
}

START_TEST(names_and_numbers_agree)
{
	char text[32];
	int number;

	for (number = 1; number <= SIGNAL_MOST; number++) {
		snprintf(text, sizeof text, "%d", number);
		ck_assert_int_eq(read_text(text), number);
		if (signal_name(number) == NULL)
			continue;
		snprintf(text, sizeof text, "\"%s\"", signal_name(number));
		ck_assert_int_eq(read_text(text), number);
		snprintf(text, sizeof text, "\"SIG%s\"", signal_name(number));
		ck_assert_int_eq(read_text(text), number);
	}
}
END_TEST

START_TEST(well_known_ones)
{
	ck_assert_int_eq(read_text("\"TERM\""), SIGTERM);
	ck_assert_int_eq(read_text("\"SIGKILL\""), SIGKILL);
	ck_assert_int_eq(read_text("\"HUP\""), 1);
	ck_assert_str_eq(signal_name(SIGUSR1), "USR1");
	ck_assert_ptr_null(signal_name(40));
}
END_TEST

START_TEST(what_is_none)
{
	static const char *const texts[] = {"0", "-1", "65", "15.0", "true",
	    "null", "[]", "{}", "\"\"", "\"SIG\"", "\"term\"", "\"15\"",
	    "\"SIGSIGTERM\"", "\"TERM \"", "\"TERM\\u0000\"", "4294967311"};
	size_t i;

	for (i = 0; i < sizeof texts / sizeof *texts; i++)
		if (read_text(texts[i]) != 0)
			ck_abort_msg("%s is a signal", texts[i]);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    names_and_numbers_agree,
	    well_known_ones,
	    what_is_none,
	};

	return unit_run(
	    "signal", NULL, NULL, tests, sizeof tests / sizeof *tests);
}
