/* Replies: their text for each kind of id, their limit, reading them. */
#include "config.h"

#include "proto/reply.h"

#include <stdlib.h>
#include <string.h>

#include "proto/error.h"
#include "proto/xalloc.h"
#include "tests/unit.h"

static json_t *
json(const char *text)
{
	json_t *value =
	    json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);

	ck_assert_msg(value != NULL, "the test's own JSON: %s", text);
	return value;
}

/* --- making ------------------------------------------------------------- */

static void
expect_id(const char *id, const char *want)
{
	json_t *value = json(id);
	char *reply = reply_new_result(value, "null");
	char *text =
	    xasprintf("{\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":null}", want);

	ck_assert_str_eq(reply, text);
	free(text);
	free(reply);
	json_decref(value);
}

START_TEST(a_reply_repeats_the_id_as_it_came)
{
	expect_id("0", "0");
	expect_id("-9223372036854775808", "-9223372036854775808");
	expect_id("9223372036854775807", "9223372036854775807");
	expect_id("1.5", "1.5");
	expect_id("null", "null");
	expect_id("\"\"", "\"\"");
	expect_id("\"a\\\"\\n\u00e9\"", "\"a\\\"\\n\u00e9\"");
	expect_id("\"a\\u0000b\"", "\"a\\u0000b\"");
}
END_TEST

START_TEST(a_reply_to_what_has_no_id_has_null)
{
	char *reply = reply_new_result(NULL, "1");

	ck_assert_str_eq(
	    reply, "{\"jsonrpc\":\"2.0\",\"id\":null,\"result\":1}");
	free(reply);
}
END_TEST

START_TEST(a_result_is_put_in_as_it_is)
{
	json_t *id = json_integer(1);
	char *reply = reply_new_result(id, "[1,{\"a\":\"\\u0000\"},1.50]");

	ck_assert_str_eq(reply, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":"
				"[1,{\"a\":\"\\u0000\"},1.50]}");
	free(reply);
	json_decref(id);
}
END_TEST

START_TEST(an_error_is_put_in_whole)
{
	json_t *error = error_new(ERROR_NO_SUCH_TASK, "no task %d", 7);
	char *reply = reply_new_error(NULL, error);
	struct reply read;
	json_t *value = json(reply);

	ck_assert_int_eq(reply_read(&read, value), 0);
	ck_assert(json_equal(read.error, error));
	ck_assert(json_is_null(read.id));
	json_decref(value);
	free(reply);
	json_decref(error);
}
END_TEST

/* --- reading ------------------------------------------------------------ */

static void
expect_result(const char *text, const char *result)
{
	json_t *value = json(text), *want = json(result);
	struct reply reply;

	ck_assert_msg(reply_read(&reply, value) == 0, "refused: %s", text);
	ck_assert(json_equal(reply.result, want));
	ck_assert_ptr_null(reply.error);
	json_decref(want);
	json_decref(value);
}

/* Section 7 of the specification. */
START_TEST(the_results_of_the_specification_are_read)
{
	expect_result(
	    "{\"jsonrpc\": \"2.0\", \"result\": 19, \"id\": 1}", "19");
	expect_result("{\"jsonrpc\": \"2.0\", \"result\": [\"hello\", 5], "
		      "\"id\": \"9\"}",
	    "[\"hello\",5]");
	expect_result("{\"jsonrpc\":\"2.0\",\"result\":null,\"id\":2}", "null");
}
END_TEST

static void
expect_error(const char *text, int code)
{
	json_t *value = json(text);
	struct reply reply;

	ck_assert_msg(reply_read(&reply, value) == 0, "refused: %s", text);
	ck_assert_ptr_null(reply.result);
	ck_assert_int_eq(
	    json_integer_value(json_object_get(reply.error, "code")), code);
	json_decref(value);
}

START_TEST(the_errors_of_the_specification_are_read)
{
	expect_error("{\"jsonrpc\": \"2.0\", \"error\": {\"code\": -32601, "
		     "\"message\": \"Method not found\"}, \"id\": \"1\"}",
	    ERROR_METHOD_NOT_FOUND);
	expect_error("{\"jsonrpc\": \"2.0\", \"error\": {\"code\": -32700, "
		     "\"message\": \"Parse error\"}, \"id\": null}",
	    ERROR_PARSE);
	expect_error("{\"jsonrpc\": \"2.0\", \"error\": {\"code\": -32600, "
		     "\"message\": \"Invalid Request\"}, \"id\": null}",
	    ERROR_INVALID_REQUEST);
}
END_TEST

START_TEST(what_is_no_reply_is_refused)
{
	const char *const texts[] = {
	    "1",
	    "[]",
	    "{}",
	    "null",
	    "{\"id\":1,\"result\":1}",
	    "{\"jsonrpc\":\"1.0\",\"id\":1,\"result\":1}",
	    "{\"jsonrpc\":2,\"id\":1,\"result\":1}",
	    "{\"jsonrpc\":\"2.0\",\"result\":1}",
	    "{\"jsonrpc\":\"2.0\",\"id\":1}",
	    "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":1,"
	    "\"error\":{\"code\":1,\"message\":\"\"}}",
	    "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":1}",
	    "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{}}",
	    "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":1}}",
	    "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"message\":\"\"}}",
	    "{\"jsonrpc\":\"2.0\",\"id\":1,"
	    "\"error\":{\"code\":1.5,\"message\":\"\"}}",
	    "{\"jsonrpc\":\"2.0\",\"id\":1,"
	    "\"error\":{\"code\":1,\"message\":null}}",
	    "{\"jsonrpc\":\"2.0\",\"method\":\"run\",\"params\":{}}",
	};
	struct reply reply;
	size_t i;

	for (i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		json_t *value = json(texts[i]);

		ck_assert_msg(reply_read(&reply, value) == -1,
		    "not refused: %s", texts[i]);
		json_decref(value);
	}
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    a_reply_repeats_the_id_as_it_came,
	    a_reply_to_what_has_no_id_has_null,
	    a_result_is_put_in_as_it_is,
	    an_error_is_put_in_whole,
	    the_results_of_the_specification_are_read,
	    the_errors_of_the_specification_are_read,
	    what_is_no_reply_is_refused,
	};

	return unit_run(
	    "reply", NULL, NULL, tests, sizeof tests / sizeof tests[0]);
}
