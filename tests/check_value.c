/* Values as text: shortest reals, JSON of any shape, safe for a terminal. */
#include "config.h"

#include "client/text.h"
#include "client/value.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "client/argument.h"
#include "tests/unit.h"
#include "proto/compact.h"

static void
setup(void)
{
	ck_assert_ptr_nonnull(setlocale(LC_CTYPE, "C.UTF-8"));
}

/* Reads the JSON and writes it again. */
static void
expect_text(const char *json, const char *want)
{
	json_t *value =
	    json_loads(json, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	char *text;

	ck_assert_ptr_nonnull(value);
	text = compact_text(value);
	ck_assert_str_eq(text, want);
	free(text);
	json_decref(value);
}

static void
expect_safe(const char *text, size_t length, const char *want)
{
	char *safe = text_safe(text, length, "");

	ck_assert_str_eq(safe, want);
	free(safe);
}

/* What an argument of spawn becomes, as JSON. */
static void
expect_argument(const char *word, const char *want)
{
	json_t *value = argument_value(word);
	char *text = compact_text(value);

	ck_assert_str_eq(text, want);
	free(text);
	json_decref(value);
}

START_TEST(reals_are_the_shortest_that_read_back)
{
	expect_text("[0.1,0.30000000000000004]", "[0.1,0.30000000000000004]");
	expect_text("0.10000000000000001", "0.1");
	expect_text("1763895000.123", "1763895000.123");
	expect_text("5e-324", "4.94065645841247e-324");
	expect_text("1.7976931348623157e308", "1.7976931348623157e+308");
	expect_text("-0.0", "-0.0");
}
END_TEST

START_TEST(a_real_stays_a_real)
{
	expect_text("3.0", "3.0");
	expect_text("1e20", "1e+20");
	expect_text("3", "3");
}
END_TEST

START_TEST(every_shape_is_written)
{
	expect_text("{}", "{}");
	expect_text(" [ ] ", "[]");
	expect_text("{\"b\": [true, false, null], \"a\": {\"\": \"x\\n\"}}",
	    "{\"b\":[true,false,null],\"a\":{\"\":\"x\\n\"}}");
	expect_text("\"a\\u0000b\"", "\"a\\u0000b\"");
	expect_text("9223372036854775807", "9223372036854775807");
}
END_TEST

START_TEST(control_characters_are_escaped)
{
	expect_safe("\x1b[31mX", 6, "\\u001b[31mX");
	expect_safe(
	    "a\0b\x7f\r\n\t", 7, "a\\u0000b\\u007f\\u000d\\u000a\\u0009");
	expect_safe("\xc2\x9b", 2, "\\u009b"); /* CSI, of one character */
}
END_TEST

START_TEST(what_prints_stays)
{
	expect_safe("caf\xc3\xa9 \xe6\x97\xa5", 9, "caf\xc3\xa9 \xe6\x97\xa5");
	expect_safe("\\u001b", 6, "\\u001b");
}
END_TEST

START_TEST(bytes_that_are_no_character_are_escaped)
{
	expect_safe("\xff\xfe", 2, "\\xff\\xfe");
	expect_safe("\xc3", 1, "\\xc3");
	expect_safe("\xe6\x97X", 3, "\\xe6\\x97X");
	ck_assert_ptr_nonnull(setlocale(LC_CTYPE, "C"));
	expect_safe("\xc3\xa9", 2, "\\xc3\\xa9");
}
END_TEST

START_TEST(json_words_are_that)
{
	expect_argument("-1", "-1");
	expect_argument("1.50", "1.5");
	expect_argument("true", "true");
	expect_argument("null", "null");
	expect_argument("[1, \"x\"]", "[1,\"x\"]");
	expect_argument("{\"a\":{}}", "{\"a\":{}}");
	expect_argument("9223372036854775807", "9223372036854775807");
}
END_TEST

START_TEST(all_other_words_are_strings)
{
	expect_argument("", "\"\"");
	expect_argument("tru", "\"tru\"");
	expect_argument("007", "\"007\"");
	expect_argument("1e999", "\"1e999\"");
	expect_argument("9223372036854775808", "\"9223372036854775808\"");
	expect_argument("\"x\"", "\"\\\"x\\\"\"");
	expect_argument(" 1", "\" 1\"");
	expect_argument("[1]\n", "\"[1]\\n\"");
	expect_argument("{\"a\":1,\"a\":2}", "\"{\\\"a\\\":1,\\\"a\\\":2}\"");
	expect_argument("1 2", "\"1 2\"");
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    reals_are_the_shortest_that_read_back,
	    a_real_stays_a_real,
	    every_shape_is_written,
	    control_characters_are_escaped,
	    what_prints_stays,
	    bytes_that_are_no_character_are_escaped,
	    json_words_are_that,
	    all_other_words_are_strings,
	};

	return unit_run(
	    "value", setup, NULL, tests, sizeof tests / sizeof tests[0]);
}
