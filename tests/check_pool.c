/* Pools: who runs, who waits, and whose turn it is. */
#include "config.h"

#include "daemon/pool.h"

#include "daemon/fn_basic.h"
#include "daemon/recur.h"
#include "proto/xalloc.h"
#include "tests/gate_stage.h"
#include "tests/unit.h"

START_TEST(as_many_run_as_there_are_slots)
{
	struct task *a = in_pool("p", 1), *b = in_pool("p", 1);
	struct task *c = in_pool("p", 1), *d = in_pool("p", 1);

	ck_assert(runs(a) && runs(b) && queued(c) && queued(d));
	ck_assert_int_eq(c->state, TASK_WAITING);
	ck_assert_uint_eq(pool_place(c->gate), 1);
	ck_assert_uint_eq(pool_place(d->gate), 2);
	end_done(b);
	ck_assert(runs(c) && queued(d));
	ck_assert_uint_eq(pool_place(d->gate), 1);
	end_failed(a);
	ck_assert(runs(d));
}
END_TEST

START_TEST(pools_do_not_know_each_other)
{
	struct task *a = in_pool("p", 2), *b = in_pool("q", 2);

	ck_assert(runs(a) && runs(b));
	ck_assert_uint_eq(pools_count(gates_pools(gates)), 2);
}
END_TEST

START_TEST(a_grant_waits_for_the_run_queue)
{
	struct task *a = in_pool("p", 2), *b = in_pool("p", 1);

	wakes = 0;
	stage_finish(a);
	ck_assert_uint_eq(wakes, 1);
	ck_assert_int_eq(b->state, TASK_READY);
	ck_assert(b->fresh);
}
END_TEST

START_TEST(a_heavy_one_is_not_overtaken)
{
	struct task *a = in_pool("p", 1), *heavy = in_pool("p", 2);
	struct task *light = in_pool("p", 1);

	ck_assert(runs(a) && queued(heavy) && queued(light));
	end_done(a);
	ck_assert(runs(heavy) && queued(light));
	end_done(heavy);
	ck_assert(runs(light));
}
END_TEST

START_TEST(heavier_than_the_pool_runs_alone)
{
	struct task *a = in_pool("p", 1), *heavy = in_pool("p", 1000000);
	struct task *light = in_pool("p", 1);

	ck_assert(queued(heavy));
	end_done(a);
	ck_assert(runs(heavy) && queued(light));
	ck_assert_uint_eq(pool()->used, 1000000);
	resize(1000001);
	ck_assert(runs(light));
}
END_TEST

START_TEST(a_pool_that_grows_starts_those_who_fit)
{
	struct task *a = in_pool("p", 2), *b = in_pool("p", 2);
	struct task *c = in_pool("p", 1), *d = in_pool("p", 1);

	resize(3);
	ck_assert(runs(a) && queued(b) && queued(c));
	resize(5);
	ck_assert(runs(b) && runs(c) && queued(d));
}
END_TEST

START_TEST(a_pool_that_shrinks_starts_none_until_they_fit)
{
	struct task *a = in_pool("p", 1), *b = in_pool("p", 1);
	struct task *c = in_pool("p", 1);

	resize(1);
	ck_assert(runs(a) && runs(b));
	ck_assert_uint_eq(pool()->used, 2);
	end_done(a);
	ck_assert(queued(c));
	end_done(b);
	ck_assert(runs(c));
}
END_TEST

START_TEST(size_0_drains)
{
	struct task *a = in_pool("p", 1), *b;

	resize(0);
	b = in_pool("p", 1);
	ck_assert(runs(a) && queued(b));
	end_done(a);
	ck_assert(queued(b));
	resize(1);
	ck_assert(runs(b));
}
END_TEST

START_TEST(many_are_granted_by_the_loop)
{
	struct task *tasks_waiting[1000];
	size_t i;

	resize(0);
	for (i = 0; i < 1000; i++)
		tasks_waiting[i] = in_pool("p", 1);
	gate_wakes = 0;
	pool_resize(gates_pools(gates), "p", 990);
	ck_assert_uint_eq(gate_wakes, 1);
	ck_assert_uint_lt(pool()->used, 100);
	ck_assert(gates_run(gates, 300));
	ck_assert_uint_lt(pool()->used, 400);
	settle();
	ck_assert(runs(tasks_waiting[989]) && queued(tasks_waiting[990]));
}
END_TEST

START_TEST(a_pool_is_forgotten_when_none_uses_it)
{
	struct task *a = in_pool("p", 1), *b = in_pool("p", 2);

	end_cancelled(b);
	ck_assert_ptr_nonnull(pool());
	end_done(a);
	ck_assert_ptr_null(pool());
	ck_assert_str_eq(a->gate->pool_name, "p");
}
END_TEST

START_TEST(one_that_was_set_is_not_forgotten)
{
	resize(7);
	end_done(in_pool("p", 1));
	ck_assert_uint_eq(pool()->size, 7);
	resize(GATE_STAGE_SIZE);
	ck_assert_ptr_null(pool());
}
END_TEST

START_TEST(who_waits_is_cancelled_at_once)
{
	struct task *a = in_pool("p", 2), *b = in_pool("p", 1);
	struct task *c = in_pool("p", 1);

	end_cancelled(b);
	ck_assert_int_eq(b->state, TASK_CANCELLED);
	ck_assert_int_eq(b->started, 0);
	ck_assert_uint_eq(pool_place(c->gate), 1);
	end_done(a);
	ck_assert(runs(c));
}
END_TEST

START_TEST(those_behind_a_heavy_one_that_goes_are_granted)
{
	struct task *a = in_pool("p", 1), *heavy = in_pool("p", 2);
	struct task *light = in_pool("p", 1);

	end_cancelled(heavy);
	ck_assert(runs(a) && runs(light));
}
END_TEST

START_TEST(a_timeout_covers_the_wait)
{
	const struct gate_wants wants = {.pool = "p", .weight = 1};
	struct task *a = in_pool("p", 2), *b;
	struct spawn spawn = plain();

	spawn.timeout = 5;
	b = spawn_gated(&spawn, &wants);
	stage_advance(5);
	ck_assert_int_eq(b->state, TASK_TIMEOUT);
	ck_assert_uint_eq(pool()->nqueued, 0);
	ck_assert(runs(a));
}
END_TEST

/* --- pauses -------------------------------------------------------------- */

START_TEST(a_paused_one_keeps_its_place_and_others_go_past)
{
	struct task *a = in_pool("p", 2), *b = in_pool("p", 1);
	struct task *c = in_pool("p", 2), *d = in_pool("p", 1);

	hold(b);
	ck_assert_uint_eq(pool_place(c->gate), 1);
	end_done(a);
	ck_assert(runs(c) && queued(b));
	let_go_on(b);
	end_done(c);
	ck_assert(runs(b) && runs(d));
}
END_TEST

START_TEST(a_resumed_one_is_where_it_was)
{
	struct task *a = in_pool("p", 2), *b = in_pool("p", 2);
	struct task *c = in_pool("p", 2), *d = in_pool("p", 2);

	hold(b);
	hold(c);
	let_go_on(c);
	let_go_on(b);
	ck_assert_uint_eq(pool_place(b->gate), 1);
	ck_assert_uint_eq(pool_place(c->gate), 2);
	end_done(a);
	ck_assert(runs(b));
	end_done(b);
	ck_assert(runs(c) && queued(d));
}
END_TEST

START_TEST(one_that_is_resumed_may_run_at_once)
{
	struct task *a = in_pool("p", 2), *b = in_pool("p", 2);

	hold(b);
	end_done(a);
	ck_assert(queued(b));
	let_go_on(b);
	ck_assert(runs(b));
}
END_TEST

START_TEST(a_heavy_one_that_is_paused_lets_others_go)
{
	struct task *a = in_pool("p", 1), *heavy = in_pool("p", 2);
	struct task *light = in_pool("p", 1);

	hold(heavy);
	ck_assert(runs(a) && runs(light));
	let_go_on(heavy);
	ck_assert(queued(heavy));
}
END_TEST

START_TEST(a_paused_run_keeps_its_slot)
{
	struct task *a = in_pool("p", 2), *b = in_pool("p", 1);

	hold(a);
	ck_assert(queued(b));
	let_go_on(a);
	ck_assert(runs(a) && queued(b));
	end_done(a);
	ck_assert(runs(b));
}
END_TEST

START_TEST(one_that_is_ready_keeps_its_slot_while_paused)
{
	struct task *a = in_pool("p", 2), *b = in_pool("p", 2);

	stage_finish(a);
	scheduler_pause(scheduler, b, true, NULL, 0);
	settle();
	ck_assert_uint_eq(pool()->used, 2);
	ck_assert(b->fresh);
	let_go_on(b);
	ck_assert(runs(b));
}
END_TEST

START_TEST(what_is_spawned_paused_joins_when_it_is_resumed)
{
	const struct gate_wants wants = {.pool = "p", .weight = 2};
	struct task *top = stage_actor(root, SCOPE_DETACH), *a, *b;
	struct spawn spawn = plain();

	scheduler_pause(scheduler, top, false, NULL, 0);
	spawn.parent = top;
	a = spawn_gated(&spawn, &wants);
	ck_assert_int_eq(a->state, TASK_PAUSED);
	ck_assert_uint_eq(pool()->nqueued, 0);
	b = in_pool("p", 2);
	let_go_on(a);
	ck_assert(runs(b) && queued(a));
	end_cancelled(top);
}
END_TEST

START_TEST(a_paused_one_that_is_cancelled_is_out)
{
	struct task *a = in_pool("p", 2), *b = in_pool("p", 2);

	hold(b);
	end_cancelled(b);
	ck_assert_uint_eq(pool()->nqueued, 0);
	ck_assert(runs(a));
}
END_TEST

/* --- recurrences --------------------------------------------------------- */

START_TEST(each_run_takes_its_turn)
{
	struct task *a, *b;

	resize(1);
	a = recurring_in_pool(recur_new(RECUR_LOOP, 0));
	b = recurring_in_pool(recur_new(RECUR_LOOP, 0));
	ck_assert(runs(a) && queued(b));
	end_done(a);
	ck_assert(runs(b) && queued(a));
	end_done(b);
	ck_assert(runs(a) && queued(b));
	end_cancelled(a);
	end_cancelled(b);
}
END_TEST

START_TEST(between_runs_it_has_no_slot)
{
	struct recurrence *r = recur_new(RECUR_INTERVAL, 10);
	struct task *a, *b;

	resize(1);
	r->immediate = true;
	a = recurring_in_pool(r);
	b = in_pool("p", 1);
	end_done(a);
	ck_assert_int_eq(a->state, TASK_SLEEPING);
	ck_assert(runs(b));
	stage_advance(10);
	settle();
	ck_assert(queued(a));
	end_done(b);
	ck_assert(runs(a));
	end_cancelled(a);
}
END_TEST

START_TEST(a_retry_waits_without_its_slot)
{
	struct recurrence *r = recur_new(RECUR_RETRY, 10);
	struct task *a, *b;

	resize(1);
	r->times = 1;
	r->max_backoff = 60;
	a = recurring_in_pool(r);
	b = in_pool("p", 1);
	end_failed(a);
	ck_assert(runs(b));
	stage_advance(10);
	settle();
	ck_assert(queued(a));
	end_done(b);
	ck_assert(runs(a));
	end_failed(a);
	ck_assert_int_eq(a->state, TASK_FAILED);
}
END_TEST

START_TEST(a_run_over_its_time_gives_its_slot_to_the_next)
{
	const struct gate_wants wants = {.pool = "p", .weight = 1};
	struct spawn spawn = plain();
	struct task *a, *b;

	resize(1);
	spawn.function = &fn_sleep;
	spawn.args = xstrdup("[10]");
	spawn.recurrence = recur_new(RECUR_RETRY, 0);
	spawn.recurrence->times = 1;
	spawn.limits_run = true;
	spawn.run_timeout = 2;
	a = spawn_gated(&spawn, &wants);
	b = in_pool("p", 1);
	stage_advance(2);
	settle();
	ck_assert(queued(a) && runs(b));
	stage_advance(20);
	settle();
	ck_assert(queued(a));
	end_done(b);
	ck_assert(runs(a));
	stage_advance(2);
	ck_assert_int_eq(a->state, TASK_FAILED);
}
END_TEST

START_TEST(one_that_waits_for_its_children_has_no_slot)
{
	const struct gate_wants wants = {.pool = "p", .weight = 2};
	struct spawn spawn = plain();
	struct task *a, *b, *child;

	spawn.scope = SCOPE_WAIT;
	a = spawn_gated(&spawn, &wants);
	child = stage_actor(a, SCOPE_DETACH);
	b = in_pool("p", 2);
	end_done(a);
	ck_assert(a->closing);
	ck_assert(runs(b));
	end_done(child);
	ck_assert_int_eq(a->state, TASK_DONE);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    as_many_run_as_there_are_slots,
	    pools_do_not_know_each_other,
	    a_grant_waits_for_the_run_queue,
	    a_heavy_one_is_not_overtaken,
	    heavier_than_the_pool_runs_alone,
	    a_pool_that_grows_starts_those_who_fit,
	    a_pool_that_shrinks_starts_none_until_they_fit,
	    size_0_drains,
	    many_are_granted_by_the_loop,
	    a_pool_is_forgotten_when_none_uses_it,
	    one_that_was_set_is_not_forgotten,
	    who_waits_is_cancelled_at_once,
	    those_behind_a_heavy_one_that_goes_are_granted,
	    a_timeout_covers_the_wait,
	    a_paused_one_keeps_its_place_and_others_go_past,
	    a_resumed_one_is_where_it_was,
	    one_that_is_resumed_may_run_at_once,
	    a_heavy_one_that_is_paused_lets_others_go,
	    a_paused_run_keeps_its_slot,
	    one_that_is_ready_keeps_its_slot_while_paused,
	    what_is_spawned_paused_joins_when_it_is_resumed,
	    a_paused_one_that_is_cancelled_is_out,
	    each_run_takes_its_turn,
	    between_runs_it_has_no_slot,
	    a_retry_waits_without_its_slot,
	    a_run_over_its_time_gives_its_slot_to_the_next,
	    one_that_waits_for_its_children_has_no_slot,
	};

	return unit_run("pool", gate_stage_setup, gate_stage_teardown, tests,
	    sizeof tests / sizeof tests[0]);
}
