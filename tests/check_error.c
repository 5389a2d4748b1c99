/* Errors: codes and their names, the object, a peer's text in a message. */
#include "config.h"

#include "proto/error.h"

#include <limits.h>
#include <string.h>

#include "tests/unit.h"

static const char *
string_at(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static const json_t *
data_of(const json_t *error)
{
	return json_object_get(error, "data");
}

START_TEST(each_code_has_the_name_that_the_protocol_gives_it)
{
	static const struct {
		int code;
		const char *type;
	} want[] = {{-32700, "ParseError"}, {-32600, "InvalidRequest"},
	    {-32601, "MethodNotFound"}, {-32602, "InvalidParams"},
	    {-32603, "InternalError"}, {1, "JoinError"}, {2, "TimeoutError"},
	    {3, "NoSuchTask"}, {4, "AmbiguousName"}, {5, "PermissionDenied"},
	    {6, "LimitExceeded"}, {7, "NoSuchFunction"}, {8, "Cancelled"},
	    {9, "FunctionError"}, {10, "AlreadyExists"}, {11, "Deadlock"}};
	size_t i;

	for (i = 0; i < sizeof want / sizeof want[0]; i++)
		ck_assert_str_eq(error_type(want[i].code), want[i].type);
}
END_TEST

START_TEST(a_code_that_is_unknown_has_a_name_too)
{
	ck_assert_str_eq(error_type(0), "Error");
	ck_assert_str_eq(error_type(12), "Error");
	ck_assert_str_eq(error_type(-32604), "Error");
	ck_assert_str_eq(error_type(INT64_MAX), "Error");
	ck_assert_str_eq(error_type(INT64_C(1) << 32 | 1), "Error");
}
END_TEST

START_TEST(an_error_has_code_message_and_type)
{
	json_t *error = error_new(ERROR_NO_SUCH_TASK, "no task %d", 7);
	json_t *want = json_pack("{s:i, s:s, s:{s:s}}", "code", 3, "message",
	    "no task 7", "data", "type", "NoSuchTask");

	ck_assert(json_equal(error, want));
	json_decref(want);
	json_decref(error);
}
END_TEST

START_TEST(data_is_added_beside_the_type)
{
	json_t *error = error_new(ERROR_NO_SUCH_TASK, "x");

	error_set_data(error, "task", json_integer(7));
	ck_assert_str_eq(string_at(data_of(error), "type"), "NoSuchTask");
	ck_assert_int_eq(
	    json_integer_value(json_object_get(data_of(error), "task")), 7);
	json_decref(error);
}
END_TEST

START_TEST(a_limit_is_named_with_its_bound)
{
	json_t *error = error_new_limit("tasks", UINT64_MAX);

	ck_assert_int_eq(json_integer_value(json_object_get(error, "code")),
	    ERROR_LIMIT_EXCEEDED);
	ck_assert_str_eq(string_at(data_of(error), "limit"), "tasks");
	ck_assert_ptr_nonnull(
	    strstr(string_at(error, "message"), "18446744073709551615"));
	json_decref(error);
}
END_TEST

static void
expect_message(const char *text, const char *want)
{
	json_t *error = error_new(ERROR_FUNCTION, "%s", text);

	ck_assert_str_eq(string_at(error, "message"), want);
	json_decref(error);
}

START_TEST(a_message_is_utf_8_whatever_it_quotes)
{
	expect_message("caf\xc3\xa9", "caf\xc3\xa9");
	expect_message("caf\xc3", "caf?");
	expect_message("\xff\xfe", "??");
	expect_message("\xc3\xa9\xff", "???");
}
END_TEST

START_TEST(a_quoted_text_does_not_swamp_the_message)
{
	char text[1000];
	json_t *error;

	memset(text, 'x', sizeof text);
	memcpy(text + 199, "\xc3\xa9", 2); /* which the quote cuts */
	text[sizeof text - 1] = '\0';
	error = error_new(ERROR_FUNCTION, "%.*s", ERROR_QUOTE(text));
	text[199] = '\0';
	ck_assert_str_eq(string_at(error, "message"), text);
	json_decref(error);
}
END_TEST

START_TEST(a_long_message_is_whole)
{
	char text[100001];

	memset(text, 'x', sizeof text);
	text[sizeof text - 1] = '\0';
	expect_message(text, text);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    each_code_has_the_name_that_the_protocol_gives_it,
	    a_code_that_is_unknown_has_a_name_too,
	    an_error_has_code_message_and_type,
	    data_is_added_beside_the_type,
	    a_limit_is_named_with_its_bound,
	    a_message_is_utf_8_whatever_it_quotes,
	    a_quoted_text_does_not_swamp_the_message,
	    a_long_message_is_whole,
	};

	return unit_run(
	    "error", NULL, NULL, tests, sizeof tests / sizeof tests[0]);
}
