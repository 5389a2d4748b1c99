/* Waits that could never end, and such as only look like it. */
#include "config.h"

#include "daemon/deadlock.h"

#include <string.h>

#include "daemon/waiter.h"
#include "proto/error.h"
#include "tests/gate_stage.h"
#include "tests/unit.h"

#define CALLERS 1200

static struct waiters *waiters;
static struct caller callers[CALLERS];
static size_t ncallers;

static void
ignore(void *arg)
{
	(void)arg;
}

static void
ignore_caller(struct caller *caller)
{
	(void)caller;
}

static void
note_end(struct task *task)
{
	waiters_task_ended(waiters, task);
}

static void
setup(void)
{
	gate_stage_setup();
	waiters = waiters_new(timers, 1000, ignore, NULL);
	stage_ended = note_end;
	memset(callers, 0, sizeof callers);
	ncallers = 0;
}

static void
drop(struct caller *caller, struct address *address)
{
	(void)caller;
	json_decref(address->id);
}

static void
teardown(void)
{
	size_t i;

	for (i = 0; i < ncallers; i++)
		waiters_drop(waiters, &callers[i], drop);
	waiters_delete(waiters);
	gate_stage_teardown();
}

/* Each join comes from a connection of its own. */
static const struct caller *
speaker(void *arg, const struct task *task, const struct caller *after)
{
	const struct caller *caller = after == NULL ? callers : after + 1;

	(void)arg;
	for (; caller < callers + ncallers; caller++)
		if (caller->task == task->id)
			return caller;
	return NULL;
}

static void
join_many(struct task *self, enum waiter_mode mode, struct task *const *which,
    size_t count, double timeout)
{
	struct address address = {.id = NULL};
	struct caller *caller = &callers[ncallers++];

	ck_assert_uint_le(ncallers, CALLERS);
	TAILQ_INIT(&caller->waiting);
	TAILQ_INIT(&caller->ready);
	caller->task = self->id;
	caller->wake = ignore_caller;
	waiter_new(waiters, caller, &address, mode, which, count, timeout);
}

static void
join(struct task *self, struct task *task)
{
	join_many(self, WAIT_ONE, &task, 1, -1);
}

/* --- checks -------------------------------------------------------------- */

static json_t *
check_wait(struct deadlock_wait *wait)
{
	const struct deadlock deadlock = {.tasks = tasks, .speaker = speaker};

	return deadlock_check(&deadlock, wait);
}

static json_t *
check_join(struct task *self, struct task *const *which, size_t count, bool any)
{
	struct deadlock_wait wait = {.self = self,
	    .parent = self->parent,
	    .tasks = which,
	    .count = count,
	    .any = any};

	return check_wait(&wait);
}

/* That the one may join the other. */
static void
expect_fine(struct task *self, struct task *task)
{
	ck_assert_ptr_null(check_join(self, &task, 1, false));
}

/* That it may not, and which ids the error names. */
#define expect_cycle(who, whom, ...) \
	check_cycle(who, whom, (struct task *[]){__VA_ARGS__}, \
	    sizeof(struct task *[]){__VA_ARGS__} / sizeof(void *))

static void
check_cycle(struct task *self, struct task *task, struct task *const *want,
    size_t count)
{
	json_t *error = check_join(self, &task, 1, false);
	const json_t *cycle =
	    json_object_get(json_object_get(error, "data"), "cycle");
	size_t i;

	ck_assert_ptr_nonnull(error);
	ck_assert_int_eq(
	    json_integer_value(json_object_get(error, "code")), ERROR_DEADLOCK);
	ck_assert_uint_eq(json_array_size(cycle), count);
	for (i = 0; i < count; i++)
		ck_assert_int_eq(json_integer_value(json_array_get(cycle, i)),
		    (json_int_t)want[i]->id);
	json_decref(error);
}

static struct task *
actor(void)
{
	return stage_actor(root, SCOPE_DETACH);
}

static struct task *
client(void)
{
	struct spawn spawn = plain();

	spawn.function = &fn_guest;
	return scheduler_spawn(scheduler, &spawn);
}

/* --- joins --------------------------------------------------------------- */

START_TEST(of_oneself)
{
	struct task *a = actor();

	expect_cycle(a, a, a);
}
END_TEST

START_TEST(of_one_that_joins_back)
{
	struct task *a = actor(), *b = actor();

	expect_fine(a, b);
	join(a, b);
	expect_cycle(b, a, b, a);
	expect_fine(actor(), a);
}
END_TEST

START_TEST(around_a_long_cycle)
{
	struct task *ring[900], *want[900];
	size_t i;

	ring[0] = want[1] = actor();
	for (i = 1; i < 900; i++) {
		ring[i] = actor();
		join(ring[i - 1], ring[i]);
		want[(i + 1) % 900] = ring[i];
	}
	check_cycle(ring[899], ring[0], want, 900);
	expect_fine(ring[0], ring[899]);
}
END_TEST

START_TEST(a_cycle_too_long_is_not_seen)
{
	struct task *first = actor(), *task = first, *next;
	size_t i;

	for (i = 0; i < 1100; i++) {
		next = actor();
		join(task, next);
		task = next;
	}
	expect_fine(task, first);
}
END_TEST

START_TEST(a_join_with_a_timeout_does_not_count)
{
	struct task *a = actor(), *b = actor();

	join_many(a, WAIT_ONE, &b, 1, 1000);
	expect_fine(b, a);
}
END_TEST

START_TEST(of_all_one_is_enough)
{
	struct task *a = actor(), *b = actor(), *c = actor();

	join_many(a, WAIT_ALL, (struct task *[]){c, b}, 2, -1);
	expect_cycle(b, a, b, a);
	end_done(b);
	b = actor();
	expect_fine(b, a);
}
END_TEST

START_TEST(of_any_all_must_be_stuck)
{
	struct task *a = actor(), *b = actor(), *c = actor();
	json_t *error;

	join_many(a, WAIT_ANY, (struct task *[]){c, b}, 2, -1);
	expect_fine(b, a);
	join(c, b);
	ck_assert_ptr_null(
	    check_join(b, (struct task *[]){actor(), c}, 2, true));
	error = check_join(b, (struct task *[]){c, c}, 2, true);
	ck_assert_ptr_nonnull(error);
	json_decref(error);
}
END_TEST

START_TEST(any_of_one_is_that_one)
{
	struct task *a = actor(), *b = actor();

	join_many(a, WAIT_ANY, &b, 1, -1);
	expect_cycle(b, a, b, a);
}
END_TEST

START_TEST(of_several_connections_each_counts)
{
	struct task *a = actor(), *b = actor(), *c = actor();

	join(a, c);
	join(a, b);
	expect_cycle(b, a, b, a);
}
END_TEST

START_TEST(a_client_counts_for_what_is_below_it)
{
	struct task *guest = client(), *other = actor();
	struct task *child = stage_actor(guest, SCOPE_DETACH);
	struct task *grandchild = stage_actor(child, SCOPE_DETACH);

	join(guest, child);
	join(guest, other);
	expect_cycle(child, guest, child, guest);
	expect_fine(grandchild, child);
	join(child, grandchild);
	expect_cycle(grandchild, guest, grandchild, guest, child);
	expect_fine(other, guest);
	end_done(guest);
}
END_TEST

START_TEST(a_client_may_join_who_waits_for_it_from_elsewhere)
{
	struct task *guest = client(), *other = actor();
	struct task *child = stage_actor(guest, SCOPE_DETACH);

	join(other, guest);
	expect_fine(guest, other);
	join(child, guest);
	expect_cycle(guest, child, guest, child);
	end_done(guest);
}
END_TEST

/* --- other waits --------------------------------------------------------- */

START_TEST(of_one_that_comes_after_oneself)
{
	struct task *a = actor(), *b = after(a, false, NULL, false);
	struct task *c = after(b, true, actor(), false);

	expect_cycle(a, b, a, b);
	expect_cycle(a, c, a, c, b);
	expect_fine(b, a);
}
END_TEST

START_TEST(of_an_ancestor_that_waits_for_its_children)
{
	struct task *top = stage_actor(root, SCOPE_WAIT);
	struct task *middle = stage_actor(top, SCOPE_DETACH);
	struct task *low = stage_actor(middle, SCOPE_DETACH);

	expect_cycle(low, top, low, top);
	expect_fine(low, middle);
	expect_fine(top, low);
	join(middle, top);
	expect_cycle(low, middle, low, middle, top);
}
END_TEST

START_TEST(of_one_whose_child_waits_for_oneself)
{
	struct task *a = actor(), *top = stage_actor(root, SCOPE_WAIT);
	struct task *child = stage_actor(top, SCOPE_DETACH);

	join(child, a);
	expect_cycle(a, top, a, top, child);
}
END_TEST

START_TEST(a_new_child_after_an_ancestor_that_waits_for_it)
{
	struct task *top = stage_actor(root, SCOPE_WAIT);
	struct task *middle = stage_actor(top, SCOPE_DETACH);
	struct deadlock_wait wait = {
	    .parent = middle, .tasks = &top, .count = 1};
	json_t *error = check_wait(&wait);

	ck_assert_ptr_nonnull(error);
	json_decref(error);
	wait.parent = top;
	error = check_wait(&wait);
	ck_assert_ptr_nonnull(error);
	json_decref(error);
	wait.tasks = &middle;
	ck_assert_ptr_null(check_wait(&wait));
}
END_TEST

/* --- pools --------------------------------------------------------------- */

START_TEST(of_one_in_the_queue_of_a_pool_that_oneself_fills)
{
	struct task *a, *b;

	resize(1);
	a = in_pool("p", 1);
	b = in_pool("p", 1);
	expect_cycle(a, b, a, b);
	expect_fine(b, a);
	expect_fine(actor(), b);
}
END_TEST

START_TEST(while_another_holder_goes_on_it_is_fine)
{
	struct task *a = in_pool("p", 1), *b = in_pool("p", 1);
	struct task *c = in_pool("p", 1), *d = in_pool("p", 1);

	expect_fine(a, c);
	join(a, c);
	expect_cycle(b, d, b, d);
	expect_cycle(b, c, b, c);
	expect_fine(b, actor());
}
END_TEST

START_TEST(holders_that_wait_for_others_are_no_obstacle)
{
	struct task *a = in_pool("p", 1), *b = in_pool("p", 1);
	struct task *c = in_pool("p", 1);

	join(b, actor());
	expect_fine(a, c);
}
END_TEST

START_TEST(a_heavy_one_needs_them_all)
{
	struct task *a = in_pool("p", 1), *b = in_pool("p", 1);
	struct task *heavy = in_pool("p", 9), *light = in_pool("p", 1);

	expect_cycle(a, heavy, a, heavy);
	expect_cycle(a, light, a, light);
	(void)b;
}
END_TEST

START_TEST(a_pool_that_is_drained_is_no_obstacle)
{
	struct task *a = in_pool("p", 2), *b = in_pool("p", 1);

	resize(0);
	expect_fine(a, b);
}
END_TEST

START_TEST(two_pools_may_hold_each_other_up)
{
	struct task *a = in_pool("p", 2), *b = in_pool("q", 2);
	struct task *after_a = in_pool("p", 1), *after_b = in_pool("q", 1);

	join(a, after_b);
	expect_cycle(b, after_a, b, after_a, a, after_b);
}
END_TEST

START_TEST(very_many_waits_are_not_looked_at_for_long)
{
	struct task *a = actor(), *many[CALLERS - 1];
	size_t i;

	for (i = 0; i < CALLERS - 1; i++) {
		many[i] = actor();
		join(many[i], i % 2 == 0 ? a : many[i / 2]);
	}
	expect_cycle(a, many[0], a, many[0]);
	json_decref(check_join(a, many, CALLERS - 1, false));
	json_decref(check_join(a, many, CALLERS - 1, true));
}
END_TEST

int
main(void)
{
	const TTest *const tests_of[] = {
	    of_oneself,
	    of_one_that_joins_back,
	    around_a_long_cycle,
	    a_cycle_too_long_is_not_seen,
	    a_join_with_a_timeout_does_not_count,
	    of_all_one_is_enough,
	    of_any_all_must_be_stuck,
	    any_of_one_is_that_one,
	    of_several_connections_each_counts,
	    a_client_counts_for_what_is_below_it,
	    a_client_may_join_who_waits_for_it_from_elsewhere,
	    of_one_that_comes_after_oneself,
	    of_an_ancestor_that_waits_for_its_children,
	    of_one_whose_child_waits_for_oneself,
	    a_new_child_after_an_ancestor_that_waits_for_it,
	    of_one_in_the_queue_of_a_pool_that_oneself_fills,
	    while_another_holder_goes_on_it_is_fine,
	    holders_that_wait_for_others_are_no_obstacle,
	    a_heavy_one_needs_them_all,
	    a_pool_that_is_drained_is_no_obstacle,
	    two_pools_may_hold_each_other_up,
	    very_many_waits_are_not_looked_at_for_long,
	};

	return unit_run("deadlock", setup, teardown, tests_of,
	    sizeof tests_of / sizeof tests_of[0]);
}
