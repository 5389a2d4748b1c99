/* Requests: what a line may hold, what a request is, and making one. */
#include "config.h"

#include "proto/request.h"

#include <stdlib.h>
#include <string.h>

#include "proto/error.h"
#include "proto/limits.h"
#include "proto/xalloc.h"
#include "tests/unit.h"

static json_t *
parse(const char *line)
{
	json_t *error = NULL, *value;

	value = request_parse(line, strlen(line), &error);
	ck_assert_msg(value != NULL, "refused: %.100s", line);
	return value;
}

static json_int_t
code_of(const json_t *error)
{
	return json_integer_value(json_object_get(error, "code"));
}

static void
expect_refused_bytes(const char *line, size_t length)
{
	json_t *error = NULL;

	ck_assert_msg(request_parse(line, length, &error) == NULL,
	    "not refused: %.100s", line);
	ck_assert_int_eq(code_of(error), ERROR_PARSE);
	ck_assert_int_gt(
	    json_string_length(json_object_get(error, "message")), 0);
	json_decref(error);
}

static void
expect_refused(const char *line)
{
	expect_refused_bytes(line, strlen(line));
}

static void
expect_parsed(const char *line)
{
	json_decref(parse(line));
}

/* `open` and `close` so many times, around `inner`. */
static char *
nest(const char *open, const char *inner, const char *close, size_t levels)
{
	char *text = xmalloc(
		 levels * (strlen(open) + strlen(close)) + strlen(inner) + 1),
	     *p = text;
	size_t i;

	for (i = 0; i < levels; i++)
		p = stpcpy(p, open);
	p = stpcpy(p, inner);
	for (i = 0; i < levels; i++)
		p = stpcpy(p, close);
	return text;
}

static void
expect_nesting(const char *open, const char *inner, const char *close,
    size_t levels, void (*expect)(const char *line))
{
	char *line = nest(open, inner, close, levels);

	expect(line);
	free(line);
}

/* --- parsing ------------------------------------------------------------ */

START_TEST(what_is_not_json_is_refused)
{
	const char *const lines[] = {"", " ", "x", "{", "}", "{\"a\":}", "[1,]",
	    "{\"a\":1,}", "'a'", "{a:1}", "nul", "NaN", "+1", "01", ".5", "1 2",
	    "{}{}", "\"", "\"\\x\"", "\"a\nb\"", "[1]]", "// c\n1"};
	size_t i;

	for (i = 0; i < sizeof lines / sizeof lines[0]; i++)
		expect_refused(lines[i]);
}
END_TEST

START_TEST(any_json_value_is_read)
{
	const char *const lines[] = {"null", "true", "false", "0", "-1.5e3",
	    "\"\"", "[]", "{}", " {\"a\" : [1, {}]}\t",
	    "\"\\u00e9\\ud83d\\ude00\"", "\"\\u0000\""};
	size_t i;

	for (i = 0; i < sizeof lines / sizeof lines[0]; i++)
		expect_parsed(lines[i]);
}
END_TEST

START_TEST(a_raw_nul_byte_is_refused_wherever_it_is)
{
	expect_refused_bytes("\0", 1);
	expect_refused_bytes("[1]\0", 4);
	expect_refused_bytes("[1\0]", 4);
	expect_refused_bytes("[true\0,\0 1.5\0]", 14);
	expect_refused_bytes("null\0", 5);
	expect_refused_bytes("\"a\0b\"", 5);
	expect_refused_bytes("{\"a\0b\":1}", 9);
}
END_TEST

START_TEST(an_escaped_nul_is_part_of_a_value_but_not_of_a_key)
{
	json_t *value = parse("\"a\\u0000b\"");

	ck_assert_uint_eq(json_string_length(value), 3);
	ck_assert_mem_eq(json_string_value(value), "a\0b", 3);
	json_decref(value);
	expect_refused("{\"a\\u0000b\":1}");
}
END_TEST

START_TEST(only_utf_8_is_read)
{
	const char *const lines[] = {"\"\xff\"", /* no byte of UTF-8 */
	    "\"\x80\"",				 /* a continuation alone */
	    "\"\xc3\"",				 /* one cut short */
	    "\"\xc0\xaf\"",			 /* overlong */
	    "\"\xed\xa0\x80\"",			 /* a surrogate */
	    "\"\xf4\x90\x80\x80\"",		 /* over U+10FFFF */
	    "{\"\xff\":1}", "\"\\ud800\"", "\"\\udc00\\ud800\""};
	size_t i;

	for (i = 0; i < sizeof lines / sizeof lines[0]; i++)
		expect_refused(lines[i]);
	expect_parsed("\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"");
}
END_TEST

START_TEST(a_key_may_not_be_there_twice_at_any_level)
{
	expect_refused("{\"a\":1,\"a\":1}");
	expect_refused("[{\"b\":{\"a\":1,\"c\":2,\"a\":3}}]");
	expect_refused("{\"a\":1,\"\\u0061\":2}");
	expect_parsed("{\"a\":{\"a\":1},\"A\":1}");
}
END_TEST

START_TEST(nesting_of_the_limit_passes_and_one_more_does_not)
{
	expect_nesting("[", "", "]", LIMIT_NESTING, expect_parsed);
	expect_nesting("[", "", "]", LIMIT_NESTING + 1, expect_refused);
	expect_nesting("{\"a\":", "1", "}", LIMIT_NESTING, expect_parsed);
	expect_nesting("{\"a\":", "1", "}", LIMIT_NESTING + 1, expect_refused);
	expect_nesting("[{\"a\":", "1", "}]", LIMIT_NESTING / 2, expect_parsed);
	expect_nesting(
	    "[{\"a\":", "[]", "}]", LIMIT_NESTING / 2, expect_refused);
}
END_TEST

/* jansson itself stops at 2,048. */
START_TEST(nesting_that_jansson_refuses_is_told_as_nesting)
{
	char *line = nest("[", "", "]", 2500);
	json_t *error = NULL;
	const char *message;

	ck_assert_ptr_null(request_parse(line, strlen(line), &error));
	message = json_string_value(json_object_get(error, "message"));
	ck_assert_ptr_nonnull(strstr(message, "nest deeper than 512"));
	json_decref(error);
	free(line);
}
END_TEST

/* What is not closed is not JSON, however deep: and it must not crash. */
START_TEST(a_million_open_brackets_are_refused)
{
	expect_nesting("[", "", "", 1000000, expect_refused);
	expect_nesting("{\"a\":", "", "", 1000000, expect_refused);
}
END_TEST

START_TEST(integers_have_64_bits)
{
	json_t *value = parse("[9223372036854775807,-9223372036854775808]");

	ck_assert(json_integer_value(json_array_get(value, 0)) == INT64_MAX &&
		  json_integer_value(json_array_get(value, 1)) == INT64_MIN);
	json_decref(value);
	expect_refused("9223372036854775808");
	expect_refused("-9223372036854775809");
	expect_refused("{\"id\":123456789012345678901234567890}");
	expect_refused("1e999");
}
END_TEST

/* --- reading ------------------------------------------------------------ */

/* Reads it; `value` is to outlive *request. */
static json_t *
read_valid(struct request *request, const char *line)
{
	json_t *value = parse(line), *error = NULL;

	ck_assert_msg(
	    request_read(request, value, &error) == 0, "refused: %s", line);
	return value;
}

static void
expect_request(
    const char *line, const char *method, const char *params, const char *id)
{
	struct request request;
	json_t *value = read_valid(&request, line);
	json_t *want_params = params == NULL ? NULL : parse(params);
	json_t *want_id = id == NULL ? NULL : parse(id);

	ck_assert_str_eq(request.method, method);
	ck_assert(request.params == want_params ||
		  json_equal(request.params, want_params));
	ck_assert(request.id == want_id || json_equal(request.id, want_id));
	json_decref(value);
	json_decref(want_params);
	json_decref(want_id);
}

/* The id that the error reply is to have; NULL where it has none. */
static void
expect_invalid(const char *line, const char *id)
{
	struct request request;
	json_t *value = parse(line), *error = NULL;
	json_t *want = id == NULL ? NULL : parse(id);

	ck_assert_msg(request_read(&request, value, &error) == -1,
	    "not refused: %s", line);
	ck_assert_int_eq(code_of(error), ERROR_INVALID_REQUEST);
	ck_assert_msg(request.id == want || json_equal(request.id, want),
	    "another id: %s", line);
	json_decref(error);
	json_decref(value);
	json_decref(want);
}

/* Section 7 of the specification, in its order. */
START_TEST(the_calls_of_the_specification_are_read)
{
	expect_request("{\"jsonrpc\": \"2.0\", \"method\": \"subtract\", "
		       "\"params\": [42, 23], \"id\": 1}",
	    "subtract", "[42,23]", "1");
	expect_request("{\"jsonrpc\": \"2.0\", \"method\": \"subtract\", "
		       "\"params\": {\"subtrahend\": 23, \"minuend\": 42}, "
		       "\"id\": 3}",
	    "subtract", "{\"subtrahend\":23,\"minuend\":42}", "3");
	expect_request("{\"jsonrpc\": \"2.0\", \"method\": \"foobar\", "
		       "\"id\": \"1\"}",
	    "foobar", NULL, "\"1\"");
	expect_request(
	    "{\"jsonrpc\": \"2.0\", \"method\": \"get_data\", \"id\": \"9\"}",
	    "get_data", NULL, "\"9\"");
}
END_TEST

START_TEST(the_notifications_of_the_specification_are_read)
{
	expect_request("{\"jsonrpc\": \"2.0\", \"method\": \"update\", "
		       "\"params\": [1,2,3,4,5]}",
	    "update", "[1,2,3,4,5]", NULL);
	expect_request("{\"jsonrpc\": \"2.0\", \"method\": \"foobar\"}",
	    "foobar", NULL, NULL);
	expect_request("{\"jsonrpc\": \"2.0\", \"method\": \"notify_hello\", "
		       "\"params\": [7]}",
	    "notify_hello", "[7]", NULL);
}
END_TEST

START_TEST(the_invalid_lines_of_the_specification_are_refused)
{
	expect_refused("{\"jsonrpc\": \"2.0\", \"method\": \"foobar, "
		       "\"params\": \"bar\", \"baz]");
	expect_refused("[ {\"jsonrpc\": \"2.0\", \"method\": \"sum\", "
		       "\"params\": [1,2,4], \"id\": \"1\"}, "
		       "{\"jsonrpc\": \"2.0\", \"method\" ]");
	expect_invalid("{\"jsonrpc\": \"2.0\", \"method\": 1, "
		       "\"params\": \"bar\"}",
	    NULL);
	expect_invalid("[]", NULL);
	expect_invalid("1", NULL);
	expect_invalid("{\"foo\": \"boo\"}", NULL);
}
END_TEST

START_TEST(an_id_is_a_string_a_number_or_null)
{
	expect_request("{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"id\":null}",
	    "m", NULL, "null");
	expect_request("{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"id\":1.5}", "m",
	    NULL, "1.5");
	expect_request("{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"id\":\"\"}",
	    "m", NULL, "\"\"");
	expect_invalid(
	    "{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"id\":[1]}", NULL);
	expect_invalid(
	    "{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"id\":{}}", NULL);
	expect_invalid(
	    "{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"id\":true}", NULL);
}
END_TEST

START_TEST(an_invalid_request_keeps_the_id_it_has)
{
	expect_invalid("{\"method\":\"m\",\"id\":7}", "7");
	expect_invalid("{\"jsonrpc\":\"1.0\",\"method\":\"m\",\"id\":7}", "7");
	expect_invalid(
	    "{\"jsonrpc\":2.0,\"method\":\"m\",\"id\":\"a\"}", "\"a\"");
	expect_invalid("{\"jsonrpc\":\"2.0\",\"id\":null}", "null");
	expect_invalid("{\"jsonrpc\":\"2.0\",\"method\":null,\"id\":7}", "7");
	expect_invalid("{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"params\":1,"
		       "\"id\":7}",
	    "7");
	expect_invalid("{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"params\":null,"
		       "\"id\":7}",
	    "7");
}
END_TEST

START_TEST(members_that_json_rpc_does_not_name_are_ignored)
{
	expect_request("{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"id\":1,"
		       "\"trace\":{\"a\":1}}",
	    "m", NULL, "1");
}
END_TEST

/* --- making ------------------------------------------------------------- */

START_TEST(what_is_made_is_one_line_and_read_back)
{
	json_t *params = json_pack("{s:[i,s]}", "args", 1, "a\n\u00e9");
	char *line = request_new(INT64_MAX, "spawn", params), *lf;

	lf = strchr(line, '\n');
	ck_assert_ptr_nonnull(lf);
	ck_assert_int_eq(lf[1], '\0');
	expect_request(line, "spawn", "{\"args\":[1,\"a\\n\u00e9\"]}",
	    "9223372036854775807");
	free(line);
	json_decref(params);
}
END_TEST

START_TEST(params_may_be_left_out)
{
	char *line = request_new(-1, "ping", NULL);

	expect_request(line, "ping", NULL, "-1");
	free(line);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    what_is_not_json_is_refused,
	    any_json_value_is_read,
	    a_raw_nul_byte_is_refused_wherever_it_is,
	    an_escaped_nul_is_part_of_a_value_but_not_of_a_key,
	    only_utf_8_is_read,
	    a_key_may_not_be_there_twice_at_any_level,
	    nesting_of_the_limit_passes_and_one_more_does_not,
	    nesting_that_jansson_refuses_is_told_as_nesting,
	    a_million_open_brackets_are_refused,
	    integers_have_64_bits,
	    the_calls_of_the_specification_are_read,
	    the_notifications_of_the_specification_are_read,
	    the_invalid_lines_of_the_specification_are_refused,
	    an_id_is_a_string_a_number_or_null,
	    an_invalid_request_keeps_the_id_it_has,
	    members_that_json_rpc_does_not_name_are_ignored,
	    what_is_made_is_one_line_and_read_back,
	    params_may_be_left_out,
	};

	return unit_run(
	    "request", NULL, NULL, tests, sizeof tests / sizeof tests[0]);
}
