/* Names: which are allowed, and one object for all who share one. */
#include "config.h"

#include "daemon/name.h"
#include "proto/name.h"

#include <stdio.h>
#include <string.h>

#include "proto/limits.h"
#include "tests/unit.h"

/* --- which are allowed -------------------------------------------------- */

START_TEST(free_text_is_a_name)
{
	const char *const names[] = {"a", "build", "two words", " ", "a1", "1a",
	    "12.5", "-1", "+1", "1 2", "*", "a/b", "\"quoted\"", "\\", "~",
	    "caf\u00e9", "\u00a0", "\u00bf", "\u20ac", "\U0001F600",
	    "\u0660\u0661" /* digits, but not of ASCII */};
	size_t i;

	for (i = 0; i < sizeof names / sizeof names[0]; i++)
		ck_assert_msg(name_is_valid(names[i], strlen(names[i])),
		    "refused: %s", names[i]);
}
END_TEST

START_TEST(digits_alone_are_an_id_and_no_name)
{
	const char *const names[] = {
	    "0", "1", "007", "18446744073709551616", "99999999999999999999999"};
	size_t i;

	for (i = 0; i < sizeof names / sizeof names[0]; i++)
		ck_assert_msg(!name_is_valid(names[i], strlen(names[i])),
		    "not refused: %s", names[i]);
}
END_TEST

START_TEST(a_control_character_is_refused_wherever_it_is)
{
	char name[8];
	int c;

	for (c = 0; c < 0x20; c++) {
		snprintf(name, sizeof name, "a%cb", c);
		ck_assert_msg(!name_is_valid(name, 3), "inside: %#x", c);
		ck_assert_msg(!name_is_valid(name, 2), "at the end: %#x", c);
		ck_assert_msg(!name_is_valid(name + 1, 2), "first: %#x", c);
	}
	ck_assert(!name_is_valid("a\x7f", 2));
	ck_assert(name_is_valid("a\x20", 2));
}
END_TEST

START_TEST(a_control_character_of_two_bytes_is_refused_too)
{
	char name[8];
	int c;

	for (c = 0x80; c < 0xa0; c++) {
		snprintf(name, sizeof name, "a\xc2%c", c);
		ck_assert_msg(!name_is_valid(name, 3), "U+%04X", c);
	}
	/* The same bytes after another first one are letters. */
	ck_assert(name_is_valid("\xc3\x80\xc3\x9f", 4));
	ck_assert(name_is_valid("\xe2\x82\x80", 3));
}
END_TEST

START_TEST(a_name_has_1_to_255_bytes)
{
	char name[LIMIT_NAME + 2];

	memset(name, 'x', sizeof name);
	name[LIMIT_NAME + 1] = '\0';
	ck_assert(!name_is_valid(name, LIMIT_NAME + 1));
	name[LIMIT_NAME] = '\0';
	ck_assert(name_is_valid(name, LIMIT_NAME));
	ck_assert(!name_is_valid("", 0));
	ck_assert_int_eq(LIMIT_NAME, 255);
}
END_TEST

/* --- the table ---------------------------------------------------------- */

static struct names names;

static void
setup(void)
{
	names_create(&names);
}

static void
teardown(void)
{
	names_destroy(&names);
}

START_TEST(all_who_have_a_name_share_it)
{
	struct name *a = name_ref(&names, "a"), *b = name_ref(&names, "b");

	ck_assert_ptr_eq(name_ref(&names, "a"), a);
	ck_assert_ptr_ne(a, b);
	ck_assert_ptr_eq(name_find(&names, "a"), a);
	ck_assert_str_eq(a->text, "a");
	name_unref(&names, a);
	ck_assert_ptr_eq(name_find(&names, "a"), a);
	name_unref(&names, a);
	name_unref(&names, b);
}
END_TEST

START_TEST(a_name_goes_with_the_last_who_has_it)
{
	name_unref(&names, name_ref(&names, "a"));
	ck_assert_ptr_null(name_find(&names, "a"));
	ck_assert_ptr_null(name_find(&names, ""));
}
END_TEST

START_TEST(a_name_that_begins_like_another_is_another)
{
	struct name *a = name_ref(&names, "aa");

	ck_assert_ptr_null(name_find(&names, "a"));
	ck_assert_ptr_null(name_find(&names, "aaa"));
	name_unref(&names, a);
}
END_TEST

START_TEST(thousands_of_names_are_kept_apart)
{
	static struct name *all[10000];
	char text[16];
	size_t i;

	for (i = 0; i < 10000; i++) {
		snprintf(text, sizeof text, "n%zu", i);
		all[i] = name_ref(&names, text);
	}
	for (i = 0; i < 10000; i++) {
		snprintf(text, sizeof text, "n%zu", i);
		ck_assert_ptr_eq(name_find(&names, text), all[i]);
		name_unref(&names, all[i]);
		ck_assert_ptr_null(name_find(&names, text));
	}
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    free_text_is_a_name,
	    digits_alone_are_an_id_and_no_name,
	    a_control_character_is_refused_wherever_it_is,
	    a_control_character_of_two_bytes_is_refused_too,
	    a_name_has_1_to_255_bytes,
	    all_who_have_a_name_share_it,
	    a_name_goes_with_the_last_who_has_it,
	    a_name_that_begins_like_another_is_another,
	    thousands_of_names_are_kept_apart,
	};

	return unit_run(
	    "name", setup, teardown, tests, sizeof tests / sizeof tests[0]);
}
