/* Which finished tasks are kept, and for how long. */
#include "config.h"

#include "daemon/scheduler.h"

#include <string.h>

#include "daemon/fn_basic.h"
#include "tests/stage.h"
#include "tests/unit.h"

static const struct scheduler_limits wide = {
    .tasks = 1000,
    .retained = 1000,
    .retained_bytes = 1000000,
    .retained_age = 1000,
    .output = 100,
};

static const struct scheduler_counts *
counts(void)
{
	return scheduler_counts(scheduler);
}

/* The id of one that has ended. */
static uint64_t
finished(const char *args)
{
	uint64_t id = stage_spawn(&fn_echo, root, SCOPE_DETACH, args)->id;

	stage_run();
	return id;
}

static bool
is_kept(uint64_t id)
{
	return task_find(tasks, id) != NULL;
}

START_TEST(over_the_count_the_oldest_go)
{
	struct scheduler_limits limits = wide;
	uint64_t ids[5];
	size_t i;

	limits.retained = 3;
	stage_restart(&limits);
	for (i = 0; i < 5; i++) {
		ids[i] = finished(NULL);
		ck_assert_uint_eq(counts()->retained, i < 3 ? i + 1 : 3);
	}
	for (i = 0; i < 5; i++)
		ck_assert_int_eq(is_kept(ids[i]), i >= 2);
}
END_TEST

START_TEST(the_oldest_is_the_one_that_ended_first)
{
	struct scheduler_limits limits = wide;
	struct task *a, *b;
	uint64_t a_id, b_id;

	limits.retained = 1;
	stage_restart(&limits);
	a = stage_actor(root, SCOPE_DETACH);
	b = stage_actor(root, SCOPE_DETACH);
	a_id = a->id;
	b_id = b->id;
	stage_finish(b);
	stage_finish(a);
	ck_assert(is_kept(a_id));
	ck_assert(!is_kept(b_id));
}
END_TEST

START_TEST(where_none_is_kept_each_goes_as_it_ends)
{
	struct scheduler_limits limits = wide;

	limits.retained = 0;
	stage_restart(&limits);
	ck_assert(!is_kept(finished("[1]")));
	ck_assert_uint_eq(counts()->retained, 0);
	ck_assert_uint_eq(counts()->retained_bytes, 0);
	ck_assert_uint_eq(counts()->finished[TASK_DONE], 1);
	ck_assert_uint_eq(timers_count(timers), 0);
}
END_TEST

START_TEST(what_a_task_holds_is_counted_and_given_back)
{
	struct scheduler_limits limits = wide;
	size_t small, args, name;

	limits.retained = 1;
	stage_restart(&limits);
	finished(NULL);
	small = counts()->retained_bytes; /* its result is [] */
	ck_assert_uint_ge(small, sizeof(struct task));
	finished("[12345678]");
	args = counts()->retained_bytes; /* args and result */
	ck_assert_uint_eq(args, small + 10 + 8);
	stage_spawn(&fn_print, root, SCOPE_DETACH, "[\"0123456789\"]");
	stage_run();
	name = counts()->retained_bytes; /* print, null, 11 bytes of output */
	ck_assert_uint_eq(name, small + 14 + 1 + 2 + 11);
	finished(NULL);
	ck_assert_uint_eq(counts()->retained_bytes, small);
}
END_TEST

START_TEST(over_the_bytes_the_oldest_go)
{
	struct scheduler_limits limits = wide;
	uint64_t a, b, c;
	size_t one;

	a = finished("[1]");
	one = counts()->retained_bytes;
	limits.retained_bytes = 2 * one;
	stage_restart(&limits);
	a = finished("[1]");
	b = finished("[1]");
	ck_assert_uint_eq(counts()->retained_bytes, 2 * one);
	ck_assert(is_kept(a) && is_kept(b));
	c = finished("[12]");
	ck_assert(!is_kept(a) && !is_kept(b) && is_kept(c));
}
END_TEST

START_TEST(one_that_is_bigger_than_the_bytes_is_not_kept)
{
	struct scheduler_limits limits = wide;

	limits.retained_bytes = 10;
	stage_restart(&limits);
	ck_assert(!is_kept(finished(NULL)));
	ck_assert_uint_eq(counts()->retained_bytes, 0);
}
END_TEST

START_TEST(each_goes_when_its_age_is_reached)
{
	struct scheduler_limits limits = wide;
	uint64_t a, b;

	limits.retained_age = 10;
	stage_restart(&limits);
	a = finished(NULL);
	stage_advance(4);
	b = finished(NULL);
	stage_advance(5.9);
	ck_assert(is_kept(a));
	stage_advance(0.1);
	ck_assert(!is_kept(a) && is_kept(b));
	ck_assert_uint_eq(timers_count(timers), 1);
	stage_advance(4);
	ck_assert(!is_kept(b));
	ck_assert_uint_eq(counts()->retained, 0);
	ck_assert_uint_eq(timers_count(timers), 0); /* nothing to wake for */
}
END_TEST

START_TEST(where_the_age_is_none_each_goes_as_it_ends)
{
	struct scheduler_limits limits = wide;

	limits.retained_age = 0;
	stage_restart(&limits);
	ck_assert(!is_kept(finished(NULL)));
}
END_TEST

START_TEST(one_that_is_let_go_is_no_longer_found_by_name)
{
	struct scheduler_limits limits = wide;
	size_t live;

	limits.retained_age = 10;
	stage_restart(&limits);
	finished(NULL);
	ck_assert_ptr_nonnull(task_find_name(tasks, "echo", &live));
	stage_advance(10);
	ck_assert_ptr_null(task_find_name(tasks, "echo", &live));
}
END_TEST

START_TEST(a_cancel_of_many_keeps_within_the_bounds)
{
	struct scheduler_limits limits = wide;
	struct task *top;
	uint64_t id;
	size_t i;

	limits.retained = 5;
	stage_restart(&limits);
	top = stage_actor(root, SCOPE_DETACH);
	id = top->id;
	for (i = 0; i < 100; i++)
		stage_actor(top, SCOPE_DETACH);
	ck_assert_uint_eq(scheduler_cancel(scheduler, top,
			      &(struct cancel){.only = false}, NULL, 0),
	    101);
	ck_assert_uint_eq(counts()->retained, 5);
	ck_assert(is_kept(id)); /* it ended last */
	ck_assert_uint_eq(tasks_live(tasks), 1);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    over_the_count_the_oldest_go,
	    the_oldest_is_the_one_that_ended_first,
	    where_none_is_kept_each_goes_as_it_ends,
	    what_a_task_holds_is_counted_and_given_back,
	    over_the_bytes_the_oldest_go,
	    one_that_is_bigger_than_the_bytes_is_not_kept,
	    each_goes_when_its_age_is_reached,
	    where_the_age_is_none_each_goes_as_it_ends,
	    one_that_is_let_go_is_no_longer_found_by_name,
	    a_cancel_of_many_keeps_within_the_bounds,
	};

	return unit_run("scheduler_retention", stage_setup, stage_teardown,
	    tests, sizeof tests / sizeof tests[0]);
}
