/* Bytes in JSON: text where they are UTF-8, else base64. */
#include "config.h"

#include "proto/bytes.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit.h"

static json_t *
parse(const char *text)
{
	json_t *value =
	    json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);

	ck_assert_ptr_nonnull(value);
	return value;
}

static void
expect_json(json_t *value, const char *want)
{
	char *got = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

	ck_assert_str_eq(got, want);
	free(got);
	json_decref(value);
}

START_TEST(text_stays_text)
{
	expect_json(bytes_new("", 0), "\"\"");
	expect_json(bytes_new("a b", 3), "\"a b\"");
	expect_json(bytes_new("\xc3\xa9", 2), "\"\xc3\xa9\"");
	expect_json(bytes_new("a\0b", 3), "\"a\\u0000b\"");
}
END_TEST

START_TEST(the_rest_becomes_base64)
{
	expect_json(bytes_new("\xff", 1), "{\"base64\":\"/w==\"}");
	expect_json(bytes_new("\xff\xfe", 2), "{\"base64\":\"//4=\"}");
	expect_json(bytes_new("\xc3", 1), "{\"base64\":\"ww==\"}");
	expect_json(bytes_base64("abc", 3), "\"YWJj\"");
	expect_json(bytes_base64("", 0), "\"\"");
}
END_TEST

START_TEST(what_is_no_text_is_replaced_byte_by_byte)
{
	expect_json(bytes_text("a\xff\xfe"
			       "b",
			4),
	    "\"a\xef\xbf\xbd\xef\xbf\xbd"
	    "b\"");
	/* Cut; overlong; a surrogate; over U+10FFFF. */
	expect_json(bytes_text("\xe2\x82", 2), "\"\xef\xbf\xbd\xef\xbf\xbd\"");
	expect_json(bytes_text("\xc0\x80", 2), "\"\xef\xbf\xbd\xef\xbf\xbd\"");
	expect_json(bytes_text("\xed\xa0\x80", 3),
	    "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
	expect_json(bytes_text("\xf4\x90\x80\x80", 4),
	    "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
	expect_json(bytes_text("\xf0\x9f\x98\x80\xff", 5),
	    "\"\xf0\x9f\x98\x80\xef\xbf\xbd\"");
}
END_TEST

START_TEST(either_form_is_read)
{
	static const struct {
		const char *json, *data;
		size_t length;
	} cases[] = {
	    {"\"\"", "", 0},
	    {"\"abc\"", "abc", 3},
	    {"\"a\\u0000b\"", "a\0b", 3},
	    {"{\"base64\":\"\"}", "", 0},
	    {"{\"base64\":\"/w==\"}", "\xff", 1},
	    {"{\"base64\":\"YWJj\"}", "abc", 3},
	    {"{\"base64\":\"YWIA\"}", "ab\0", 3},
	};
	size_t i, length;
	json_t *value;
	char *data;

	for (i = 0; i < sizeof cases / sizeof *cases; i++) {
		value = parse(cases[i].json);
		data = bytes_read(value, &length);
		ck_assert_uint_eq(length, cases[i].length);
		ck_assert_mem_eq(data, cases[i].data, length + 1);
		ck_assert(bytes_fit(value) == (strlen(data) == length));
		free(data);
		json_decref(value);
	}
}
END_TEST

START_TEST(what_is_neither)
{
	static const char *const texts[] = {"1", "null", "true", "[]", "{}",
	    "{\"base64\":1}", "{\"base64\":\"?\"}", "{\"base64\":\"YQ\"}",
	    "{\"base64\":\"YQ=\"}", "{\"base64\":\"Y\"}",
	    "{\"base64\":\"YQ==x\"}", "{\"base64\":\"YWJj\",\"x\":1}",
	    "{\"text\":\"a\"}", "{\"base64\":\"YWJj\\u0000\"}"};
	size_t i, length;
	json_t *value;

	for (i = 0; i < sizeof texts / sizeof *texts; i++) {
		value = parse(texts[i]);
		if (bytes_read(value, &length) != NULL || bytes_fit(value))
			ck_abort_msg("%s is bytes", texts[i]);
		json_decref(value);
	}
}
END_TEST

START_TEST(any_bytes_come_back)
{
	char data[300], *again;
	size_t i, j, length, got;
	json_t *value;

	for (i = 0; i < 2000; i++) {
		length = unit_below(sizeof data);
		for (j = 0; j < length; j++)
			data[j] = (char)unit_below(unit_one_in(2) ? 256 : 128);
		value = unit_one_in(2) ? bytes_new(data, length) :
					 json_pack("{s:o}", "base64",
					     bytes_base64(data, length));
		again = bytes_read(value, &got);
		unit_check(got == length);
		unit_check(memcmp(again, data, length) == 0);
		free(again);
		json_decref(value);
		value = bytes_text(data, length);
		unit_check(json_is_string(value));
		json_decref(value);
	}
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    text_stays_text,
	    the_rest_becomes_base64,
	    what_is_no_text_is_replaced_byte_by_byte,
	    either_form_is_read,
	    what_is_neither,
	    any_bytes_come_back,
	};

	return unit_run(
	    "bytes", NULL, NULL, tests, sizeof tests / sizeof *tests);
}
