/* Durations: what is read and refused, and how spans are shown. */
#include "config.h"

#include "client/duration.h"

#include <errno.h>

#include "proto/limits.h"
#include "tests/unit.h"

static void
expect_seconds(const char *text, double want)
{
	double seconds = -1;

	ck_assert_int_eq(duration_parse(text, &seconds), 0);
	ck_assert_double_eq_tol(seconds, want, 1e-9);
}

static void
expect_refused(const char *text, int want)
{
	double seconds;

	errno = 0;
	ck_assert_msg(
	    duration_parse(text, &seconds) == -1, "'%s' was taken", text);
	ck_assert_msg(errno == want, "'%s': errno %d", text, errno);
}

static void
expect_shown(double seconds, const char *want)
{
	char text[DURATION_SIZE];

	duration_format(text, seconds);
	ck_assert_str_eq(text, want);
}

START_TEST(each_unit_is_read)
{
	expect_seconds("0", 0);
	expect_seconds("1.5", 1.5);
	expect_seconds(".5", 0.5);
	expect_seconds("2.", 2);
	expect_seconds("500ms", 0.5);
	expect_seconds("10s", 10);
	expect_seconds("5m", 300);
	expect_seconds("2h", 7200);
	expect_seconds("1.5d", 129600);
}
END_TEST

START_TEST(garbage_is_refused)
{
	const char *const garbage[] = {"", " ", "s", ".", ".s", "-1", "+1",
	    " 1", "1 ", "1 s", "1x", "1ss", "1sm", "1S", "0x10", "1e3", "inf",
	    "nan", "1.2.3", "1,5", "1h30m", "1m\n"};
	size_t i;

	for (i = 0; i < sizeof garbage / sizeof garbage[0]; i++)
		expect_refused(garbage[i], EINVAL);
}
END_TEST

START_TEST(the_limit_is_the_longest)
{
	expect_seconds("1000000000", LIMIT_SECONDS);
	expect_seconds("1000000000000ms", LIMIT_SECONDS);
	expect_refused("1000000001", ERANGE);
	expect_refused("11575d", ERANGE);
	expect_refused("9999999999999999999999999999999999999999s", ERANGE);
}
END_TEST

START_TEST(a_number_too_long_for_a_double_is_over_the_limit)
{
	char text[500];
	size_t i;

	for (i = 0; i < sizeof text - 1; i++)
		text[i] = '9';
	text[i] = '\0';
	expect_refused(text, ERANGE);
}
END_TEST

START_TEST(spans_have_two_units_at_most)
{
	expect_shown(0, "0.0s");
	expect_shown(0.26, "0.3s");
	expect_shown(9.94, "9.9s");
	expect_shown(9.96, "10s");
	expect_shown(59.4, "59s");
	expect_shown(59.6, "1m 0s");
	expect_shown(303, "5m 3s");
	expect_shown(3599.7, "1h 0m");
	expect_shown(7500, "2h 5m");
	expect_shown(86400 * 3 + 3600 * 4 + 59, "3d 4h");
}
END_TEST

START_TEST(spans_out_of_range_are_at_its_ends)
{
	expect_shown(-5, "0.0s");
	expect_shown(0.0 / 0.0, "0.0s");
	expect_shown(1e300, "11574d 1h");
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    each_unit_is_read,
	    garbage_is_refused,
	    the_limit_is_the_longest,
	    a_number_too_long_for_a_double_is_over_the_limit,
	    spans_have_two_units_at_most,
	    spans_out_of_range_are_at_its_ends,
	};

	return unit_run(
	    "duration", NULL, NULL, tests, sizeof tests / sizeof tests[0]);
}
