/* What a tree and its rows look like, whatever the daemon says. */
#include "config.h"

#include "client/branch.h"
#include "client/render.h"

#include <locale.h>
#include <stdint.h>
#include <string.h>

#include "tests/unit.h"

static struct branch branch;

static void
setup(void)
{
	memset(&branch, 0, sizeof branch);
	ck_assert_ptr_nonnull(setlocale(LC_CTYPE, "C.UTF-8"));
}

static void
expect_drawn(json_int_t level, json_int_t children, const char *want)
{
	char text[BRANCH_SIZE];

	branch_draw(&branch, text, level, children);
	ck_assert_str_eq(text, want);
}

static void
expect_wait(const char *json, const char *want)
{
	json_t *wait = json_loads(json, 0, NULL);
	char text[RENDER_SIZE];

	render_wait(text, wait, 1000);
	ck_assert_str_eq(text, want);
	json_decref(wait);
}

START_TEST(the_last_child_is_known_by_counting)
{
	expect_drawn(0, 3, "");
	expect_drawn(1, 2, "├─");
	expect_drawn(2, 0, "│ ├─");
	expect_drawn(2, 1, "│ └─");
	expect_drawn(3, 0, "│   └─");
	expect_drawn(1, 0, "├─");
	expect_drawn(1, 1, "└─");
	expect_drawn(2, 0, "  └─");
}
END_TEST

START_TEST(without_utf8_it_is_ascii)
{
	ck_assert_ptr_nonnull(setlocale(LC_CTYPE, "C"));
	expect_drawn(0, 2, "");
	expect_drawn(1, 1, "|-");
	expect_drawn(2, 0, "| `-");
	expect_drawn(1, 0, "`-");
}
END_TEST

START_TEST(deep_levels_are_numbers)
{
	char text[BRANCH_SIZE];
	json_int_t level;

	for (level = 0; level <= BRANCH_LEVELS; level++)
		branch_draw(&branch, text, level, 1);
	ck_assert_ptr_nonnull(strstr(text, "└─"));
	branch_draw(&branch, text, BRANCH_LEVELS + 1, 1);
	ck_assert_ptr_nonnull(strstr(text, " [21] "));
	branch_draw(&branch, text, INT64_MAX, 1);
	ck_assert_ptr_nonnull(strstr(text, " [9223372036854775807] "));
}
END_TEST

START_TEST(lines_of_a_deep_subtree_go_on)
{
	json_int_t level;
	char text[BRANCH_SIZE];

	branch_draw(&branch, text, 0, 2);
	for (level = 1; level < 50; level++)
		branch_draw(&branch, text, level, 1);
	ck_assert_int_eq(strncmp(text, "│   ", strlen("│   ")), 0);
	expect_drawn(1, 0, "└─");
}
END_TEST

START_TEST(nonsense_is_drawn_as_something)
{
	char text[BRANCH_SIZE];

	expect_drawn(-5, INT64_MIN, "");
	expect_drawn(0, INT64_MIN, "");
	expect_drawn(1, INT64_MAX, "└─");
	expect_drawn(1, -1, "└─");
	branch_draw(&branch, text, INT64_MIN, 0);
	expect_drawn(2, 0, "  └─");
}
END_TEST

START_TEST(waits_say_for_what_and_how_long)
{
	expect_wait("{\"for\":\"deadline\",\"until\":1009.5}", "9.5s left");
	expect_wait("{\"for\":\"deadline\",\"until\":900}", "0.0s left");
	expect_wait("{\"for\":\"request\",\"since\":940}", "request for 1m 0s");
	expect_wait("{\"for\":\"resume\",\"since\":999.5}", "resume for 0.5s");
	expect_wait("{\"for\":\"join\",\"tasks\":[12],\"count\":1,"
		    "\"since\":997.0}",
	    "join 12 for 3.0s");
	expect_wait(
	    "{\"for\":\"join\",\"tasks\":[1,2],\"count\":9}", "join 1 2 +7");
}
END_TEST

START_TEST(waits_of_another_shape_do_no_harm)
{
	expect_wait("{}", "");
	expect_wait("[]", "");
	expect_wait("null", "");
	expect_wait("{\"for\":1,\"until\":\"x\",\"since\":[]}", "");
	expect_wait("{\"for\":\"join\",\"tasks\":{},\"count\":-1}", "join");
	expect_wait("{\"for\":\"deadline\",\"until\":1e308}", "11574d 1h left");
}
END_TEST

START_TEST(a_long_wait_is_cut)
{
	char name[2 * RENDER_SIZE], text[RENDER_SIZE];
	json_t *wait;

	memset(name, 'x', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	wait = json_pack("{s:s}", "for", name);
	render_wait(text, wait, 0);
	ck_assert_uint_lt(strlen(text), RENDER_SIZE);
	ck_assert_int_eq(strncmp(text, "xxxx", 4), 0);
	json_decref(wait);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    the_last_child_is_known_by_counting,
	    without_utf8_it_is_ascii,
	    deep_levels_are_numbers,
	    lines_of_a_deep_subtree_go_on,
	    nonsense_is_drawn_as_something,
	    waits_say_for_what_and_how_long,
	    waits_of_another_shape_do_no_harm,
	    a_long_wait_is_cut,
	};

	return unit_run(
	    "render", setup, NULL, tests, sizeof tests / sizeof tests[0]);
}
