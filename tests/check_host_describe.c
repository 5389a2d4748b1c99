/* What programs are asked about their tasks, and what they say. */
#include "config.h"

#include "daemon/host.h"

#include <stdlib.h>

#include "tests/programs.h"
#include "tests/unit.h"

static void
show(int id, struct task *task)
{
	struct address address = {.id = json_integer(id)};

	ck_assert(host_describe(&caller, &address, task));
	ck_assert_ptr_null(address.id);
}

/* The `describe` of the next reply; NULL where it has none. */
static json_t *
take_description(int id)
{
	struct address address;
	char *text = take_from(&caller, &address);
	json_t *reply, *description;

	ck_assert_ptr_nonnull(text);
	ck_assert_int_eq(json_integer_value(address.id), id);
	reply = json_loads(text, 0, NULL);
	description = json_incref(
	    json_object_get(json_object_get(reply, "result"), "describe"));
	json_decref(reply);
	json_decref(address.id);
	free(text);
	return description;
}

static void
expect_description(int id, const char *want)
{
	json_t *description = take_description(id);
	char *got = json_dumps(description, JSON_COMPACT | JSON_ENCODE_ANY);

	ck_assert_str_eq(got, want);
	free(got);
	json_decref(description);
}

static void
expect_asked(const char *want)
{
	char *got = host_take_line(&programs[0]);

	ck_assert_ptr_nonnull(got);
	ck_assert_str_eq(got, want);
	free(got);
}

static bool
hears(size_t i, const char *text)
{
	json_t *value = json_loads(text, 0, NULL);
	bool result = host_hear(&programs[i], value);

	json_decref(value);
	return result;
}

#define ASKED(n, task) \
	"{\"jsonrpc\":\"2.0\",\"id\":\"d" n "\",\"method\":\"describe\"," \
	"\"params\":{\"task\":" task "}}"
#define ANSWER(n, result) \
	"{\"jsonrpc\":\"2.0\",\"id\":\"d" n "\",\"result\":" result "}"

START_TEST(a_program_describes)
{
	show(1, host_one());
	expect_asked(ASKED("1", "2"));
	expect_told_nothing(0);
	ck_assert(!hears(1, ANSWER("1", "{}")));
	ck_assert(!hears(0, ANSWER("2", "{}")));
	ck_assert(hears(0, ANSWER("1", "{\"a\":1}")));
	expect_description(1, "{\"a\":1}");
	ck_assert(hears(0, ANSWER("1", "{\"a\":2}"))); /* dropped */
	expect_nothing();
}
END_TEST

START_TEST(a_second_is_waited_for)
{
	show(1, host_one());
	stage_advance(0.999);
	expect_nothing();
	stage_advance(0.001);
	expect_description(1, "null");
	expect_told_nothing(0); /* it is not asked in vain */
}
END_TEST

START_TEST(a_late_answer_is_dropped)
{
	show(1, host_one());
	expect_asked(ASKED("1", "2"));
	stage_advance(1);
	expect_description(1, "null");
	ck_assert(hears(0, ANSWER("1", "{}")));
	expect_nothing();
}
END_TEST

START_TEST(what_is_told_comes_before_what_is_asked)
{
	struct task *task;

	provide(0, "f");
	task = run_provided("f");
	show(1, task);
	expect_told(0, "run", task, RUN);
	expect_asked(ASKED("1", "2"));
}
END_TEST

START_TEST(an_end_answers_all_who_ask)
{
	struct task *task = host_one();

	show(1, task);
	expect_asked(ASKED("1", "2"));
	show(2, task);
	host_finish(&programs[0], task, TASK_DONE, "7");
	ck_assert_ptr_null(take_description(2));
	ck_assert_ptr_null(take_description(1));
	expect_told_nothing(0);
	ck_assert(hears(0, ANSWER("1", "{}")));
}
END_TEST

START_TEST(a_program_that_goes_answers_nobody)
{
	struct task *task = host_one();
	struct address address = {0};

	show(1, task);
	expect_asked(ASKED("1", "2"));
	host_leave(&programs[0]);
	ck_assert(!host_describe(&caller, &address, task));
	ck_assert(!hosts_run(hosts, STAGE_ALL));
	ck_assert_ptr_null(take_description(1));
}
END_TEST

START_TEST(who_asks_may_go)
{
	show(1, host_one());
	drop_all();
	ck_assert_uint_eq(ndropped, 1);
	expect_asked(ASKED("1", "2"));
	ck_assert(hears(0, ANSWER("1", "{}")));
	expect_nothing();
}
END_TEST

START_TEST(what_nobody_hosts_is_not_asked_for)
{
	struct address address = {0};
	struct task *task = host_one();

	ck_assert(!host_describe(&caller, &address, actor()));
	host_finish(&programs[0], task, TASK_DONE, "7");
	ck_assert(!host_describe(&caller, &address, task));
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    a_program_describes,
	    a_second_is_waited_for,
	    a_late_answer_is_dropped,
	    what_is_told_comes_before_what_is_asked,
	    an_end_answers_all_who_ask,
	    a_program_that_goes_answers_nobody,
	    who_asks_may_go,
	    what_nobody_hosts_is_not_asked_for,
	};

	return unit_run("host_describe", programs_setup, programs_teardown,
	    tests, sizeof tests / sizeof tests[0]);
}
