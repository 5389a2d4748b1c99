/* Deadlines: their order, moving, cancelling, arming, on a fake clock. */
#include "config.h"

#include "daemon/timer.h"

#include <string.h>

#include "proto/limits.h"
#include "tests/unit.h"

#define ALL SIZE_MAX

static struct timers *timers;
static int64_t now;
static int64_t armed; /* what was armed last */
static size_t narmed; /* how often */

/* The timers that fired, in order. */
static struct timer *fired[4096];
static size_t nfired;

static int64_t
fake_clock(void)
{
	return now;
}

static void
arm(void *arg, int64_t deadline)
{
	ck_assert_ptr_eq(arg, &now);
	armed = deadline;
	narmed++;
}

static void
fire(void *arg, struct timer *timer)
{
	ck_assert_ptr_eq(arg, &nfired);
	ck_assert(!timer_is_set(timer));
	fired[nfired++] = timer;
}

static void
setup(void)
{
	size_t kind;

	now = 1000;
	armed = INT64_MAX;
	nfired = narmed = 0;
	timers = timers_new(fake_clock, arm, &now);
	for (kind = 0; kind < TIMER_KINDS; kind++)
		timers_handle(timers, kind, fire, &nfired);
}

static void
teardown(void)
{
	timers_delete(timers);
}

static void
run_at(int64_t time, size_t most)
{
	now = time;
	nfired = 0;
	timers_run(timers, most);
}

/* --- order -------------------------------------------------------------- */

START_TEST(what_is_due_fires_the_earliest_first)
{
	struct timer a = {0}, b = {0}, c = {0}, later = {0};

	timer_set(timers, &b, 1020);
	timer_set(timers, &c, 1030);
	timer_set(timers, &later, 1031);
	timer_set(timers, &a, 1010);
	run_at(1030, ALL);
	ck_assert_uint_eq(nfired, 3);
	ck_assert_ptr_eq(fired[0], &a);
	ck_assert_ptr_eq(fired[1], &b);
	ck_assert_ptr_eq(fired[2], &c);
	ck_assert(timer_is_set(&later));
	ck_assert_uint_eq(timers_count(timers), 1);
}
END_TEST

START_TEST(nothing_fires_before_its_deadline)
{
	struct timer a = {0};

	timer_set(timers, &a, 1001);
	run_at(1000, ALL);
	ck_assert_uint_eq(nfired, 0);
	run_at(1001, ALL);
	ck_assert_uint_eq(nfired, 1);
	run_at(2000, ALL);
	ck_assert_uint_eq(nfired, 0);
}
END_TEST

START_TEST(each_of_many_with_one_deadline_fires_once)
{
	static struct timer many[1000];
	size_t i;

	for (i = 0; i < 1000; i++)
		timer_set(timers, &many[i], 2000);
	run_at(2000, ALL);
	ck_assert_uint_eq(nfired, 1000);
	for (i = 0; i < 1000; i++)
		ck_assert(!timer_is_set(&many[i]));
	ck_assert_uint_eq(timers_count(timers), 0);
}
END_TEST

START_TEST(a_timer_can_be_moved_both_ways)
{
	struct timer a = {0}, b = {0};

	timer_set(timers, &a, 1010);
	timer_set(timers, &b, 1020);
	timer_set(timers, &a, 1030);
	timer_set(timers, &b, 1005);
	ck_assert_uint_eq(timers_count(timers), 2);
	run_at(1005, ALL);
	ck_assert_uint_eq(nfired, 1);
	ck_assert_ptr_eq(fired[0], &b);
	run_at(1030, ALL);
	ck_assert_uint_eq(nfired, 1);
	ck_assert_ptr_eq(fired[0], &a);
}
END_TEST

START_TEST(a_cancelled_timer_does_not_fire)
{
	struct timer a = {0}, b = {0};

	timer_cancel(timers, &a); /* is not set */
	timer_set(timers, &a, 1010);
	timer_set(timers, &b, 1010);
	timer_cancel(timers, &a);
	timer_cancel(timers, &a);
	ck_assert(!timer_is_set(&a));
	run_at(1010, ALL);
	ck_assert_uint_eq(nfired, 1);
	ck_assert_ptr_eq(fired[0], &b);
}
END_TEST

static void
count(void *arg, struct timer *timer)
{
	(void)timer;
	++*(size_t *)arg;
}

START_TEST(each_kind_has_its_handler)
{
	struct timer all[TIMER_KINDS] = {0};
	size_t counts[TIMER_KINDS] = {0}, kind;

	for (kind = 0; kind < TIMER_KINDS; kind++) {
		timers_handle(timers, kind, count, &counts[kind]);
		all[kind].kind = (uint32_t)kind;
		timer_set(timers, &all[kind], 1010 + (int64_t)kind);
	}
	for (kind = 0; kind < TIMER_KINDS; kind++) {
		run_at(1010 + (int64_t)kind, ALL);
		ck_assert_uint_eq(counts[kind], 1);
		ck_assert_uint_eq(timers_count(timers), TIMER_KINDS - 1 - kind);
	}
}
END_TEST

START_TEST(a_run_fires_no_more_than_it_is_told_to)
{
	struct timer many[5] = {0};
	size_t i;

	for (i = 0; i < 5; i++)
		timer_set(timers, &many[i], 1010 + (int64_t)i);
	run_at(2000, 2);
	ck_assert_uint_eq(nfired, 2);
	ck_assert_ptr_eq(fired[1], &many[1]);
	ck_assert_int_eq(armed, 1012);
	run_at(2000, 0);
	ck_assert_uint_eq(nfired, 0);
	run_at(2000, 3);
	ck_assert_uint_eq(nfired, 3);
}
END_TEST

/* --- arming ------------------------------------------------------------- */

START_TEST(the_earliest_deadline_is_armed_when_it_changes)
{
	struct timer a = {0}, b = {0};

	timer_set(timers, &a, 1020);
	ck_assert_int_eq(armed, 1020);
	timer_set(timers, &b, 1030); /* not earlier */
	ck_assert_uint_eq(narmed, 1);
	timer_set(timers, &b, 1010);
	ck_assert_int_eq(armed, 1010);
	timer_cancel(timers, &b);
	ck_assert_int_eq(armed, 1020);
	timer_cancel(timers, &a);
	ck_assert_int_eq(armed, INT64_MAX);
	ck_assert_uint_eq(narmed, 4);
}
END_TEST

START_TEST(a_run_arms_once_whatever_it_fires)
{
	struct timer many[10] = {0};
	size_t i;

	for (i = 0; i < 10; i++)
		timer_set(timers, &many[i], 1010 + (int64_t)i);
	narmed = 0;
	run_at(1015, ALL);
	ck_assert_uint_eq(nfired, 6);
	ck_assert_uint_eq(narmed, 1);
	ck_assert_int_eq(armed, 1016);
}
END_TEST

START_TEST(without_arm_timers_are_run_by_hand)
{
	struct timers *by_hand = timers_new(fake_clock, NULL, NULL);
	struct timer a = {0};

	timers_handle(by_hand, TIMER_WAKE, fire, &nfired);
	timer_set(by_hand, &a, 1000);
	timers_run(by_hand, ALL);
	ck_assert_uint_eq(nfired, 1);
	timers_delete(by_hand);
}
END_TEST

/* --- deadlines ---------------------------------------------------------- */

START_TEST(a_deadline_is_never_earlier_than_asked_for)
{
	ck_assert_int_eq(timers_after(timers, 0), 1000);
	ck_assert_int_eq(timers_after(timers, 1.5), 1000 + 1500000000);
	ck_assert_int_eq(timers_after(timers, 1e-10), 1001);
	ck_assert_int_eq(timers_after(timers, 0.1e-9 + 1e-9), 1002);
	ck_assert_int_eq(timers_now(timers), 1000);
}
END_TEST

START_TEST(the_longest_deadline_does_not_overflow)
{
	now = INT64_C(1) << 62; /* 146 years after the clock's start */
	ck_assert_int_eq(timers_after(timers, LIMIT_SECONDS),
	    (INT64_C(1) << 62) + INT64_C(1000000000) * NS_PER_SECOND);
}
END_TEST

START_TEST(the_daemons_clock_does_not_go_back)
{
	int64_t before = timers_monotonic(), after = timers_monotonic();

	ck_assert_int_gt(before, 0);
	ck_assert_int_ge(after, before);
}
END_TEST

/* --- what a handler may do ---------------------------------------------- */

static struct timer one, other;

static void
set_again(void *arg, struct timer *timer)
{
	fire(&nfired, timer);
	timer_set(timers, timer, now + *(int64_t *)arg);
}

START_TEST(a_handler_may_set_its_own_timer_again)
{
	int64_t interval = 10;

	timers_handle(timers, TIMER_WAKE, set_again, &interval);
	memset(&one, 0, sizeof one);
	timer_set(timers, &one, 1010);
	run_at(1010, ALL);
	ck_assert_uint_eq(nfired, 1);
	ck_assert_int_eq(armed, 1020);
	run_at(1020, ALL);
	ck_assert_uint_eq(nfired, 1);
}
END_TEST

START_TEST(one_that_is_set_again_at_once_does_not_hold_the_run_up)
{
	int64_t interval = 0;

	timers_handle(timers, TIMER_WAKE, set_again, &interval);
	memset(&one, 0, sizeof one);
	timer_set(timers, &one, 1010);
	run_at(1010, 100);
	ck_assert_uint_eq(nfired, 100);
	ck_assert_int_eq(armed, 1010);
}
END_TEST

static void
cancel_other(void *arg, struct timer *timer)
{
	fire(&nfired, timer);
	timer_cancel(timers, arg);
}

START_TEST(a_handler_may_cancel_one_that_is_due)
{
	memset(&one, 0, sizeof one);
	memset(&other, 0, sizeof other);
	other.kind = TIMER_WAITER;
	timers_handle(timers, TIMER_WAKE, cancel_other, &other);
	timer_set(timers, &one, 1010);
	timer_set(timers, &other, 1011);
	run_at(1020, ALL);
	ck_assert_uint_eq(nfired, 1);
	ck_assert_ptr_eq(fired[0], &one);
	ck_assert_int_eq(armed, INT64_MAX);
}
END_TEST

static void
set_other(void *arg, struct timer *timer)
{
	fire(&nfired, timer);
	timer_set(timers, arg, 1005); /* it is past already */
}

START_TEST(a_handler_may_set_one_that_is_due_at_once)
{
	memset(&one, 0, sizeof one);
	memset(&other, 0, sizeof other);
	other.kind = TIMER_WAITER;
	timers_handle(timers, TIMER_WAKE, set_other, &other);
	timer_set(timers, &one, 1010);
	run_at(1020, ALL);
	ck_assert_uint_eq(nfired, 2);
	ck_assert_ptr_eq(fired[1], &other);
}
END_TEST

/* --- against a naive model ---------------------------------------------- */

#define MODEL 300

/* Deadlines by timer; INT64_MAX where it is not set. */
static struct timer model_timers[MODEL];
static int64_t model[MODEL];

static int64_t
model_earliest(void)
{
	int64_t earliest = INT64_MAX;
	size_t i;

	for (i = 0; i < MODEL; i++)
		if (model[i] < earliest)
			earliest = model[i];
	return earliest;
}

static void
model_fire(void *arg, struct timer *timer)
{
	size_t i = (size_t)(timer - model_timers);

	(void)arg;
	unit_check(model[i] == model_earliest());
	unit_check(model[i] <= now);
	model[i] = INT64_MAX;
	nfired++;
	if (unit_one_in(4)) {
		i = unit_below(MODEL);
		model[i] = now + (int64_t)unit_below(500);
		timer_set(timers, &model_timers[i], model[i]);
	}
	if (unit_one_in(4)) {
		i = unit_below(MODEL);
		model[i] = INT64_MAX;
		timer_cancel(timers, &model_timers[i]);
	}
}

static void
model_run(void)
{
	size_t most = unit_one_in(2) ? ALL : unit_below(10);

	run_at(now + (int64_t)unit_below(30), most);
	unit_check(nfired <= most);
	if (nfired < most)
		unit_check(model_earliest() > now);
}

static void
model_step(void)
{
	size_t i = unit_below(MODEL);

	switch (unit_below(8)) {
	case 0:
		model_run();
		break;
	case 1:
	case 2:
		model[i] = INT64_MAX;
		timer_cancel(timers, &model_timers[i]);
		break;
	default:
		model[i] = now + (int64_t)unit_below(1000);
		timer_set(timers, &model_timers[i], model[i]);
	}
}

static void
model_compare(void)
{
	size_t i, count = 0;

	for (i = 0; i < MODEL; i++) {
		unit_check(
		    timer_is_set(&model_timers[i]) == (model[i] != INT64_MAX));
		count += model[i] != INT64_MAX;
	}
	unit_check(timers_count(timers) == count);
	unit_check(armed == model_earliest());
}

START_TEST(random_steps_agree_with_a_naive_model)
{
	size_t i, kind;

	for (kind = 0; kind < TIMER_KINDS; kind++)
		timers_handle(timers, kind, model_fire, NULL);
	memset(model_timers, 0, sizeof model_timers);
	for (i = 0; i < MODEL; i++) {
		model[i] = INT64_MAX;
		model_timers[i].kind = i % TIMER_KINDS;
	}
	for (i = 0; i < 50000; i++) {
		model_step();
		if (i % 16 == 0)
			model_compare();
	}
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    what_is_due_fires_the_earliest_first,
	    nothing_fires_before_its_deadline,
	    each_of_many_with_one_deadline_fires_once,
	    a_timer_can_be_moved_both_ways,
	    a_cancelled_timer_does_not_fire,
	    each_kind_has_its_handler,
	    a_run_fires_no_more_than_it_is_told_to,
	    the_earliest_deadline_is_armed_when_it_changes,
	    a_run_arms_once_whatever_it_fires,
	    without_arm_timers_are_run_by_hand,
	    a_deadline_is_never_earlier_than_asked_for,
	    the_longest_deadline_does_not_overflow,
	    the_daemons_clock_does_not_go_back,
	    a_handler_may_set_its_own_timer_again,
	    one_that_is_set_again_at_once_does_not_hold_the_run_up,
	    a_handler_may_cancel_one_that_is_due,
	    a_handler_may_set_one_that_is_due_at_once,
	    random_steps_agree_with_a_naive_model,
	};

	return unit_run(
	    "timer", setup, teardown, tests, sizeof tests / sizeof tests[0]);
}
