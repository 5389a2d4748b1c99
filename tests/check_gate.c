/* Tasks that come after others: when they begin, and whether. */
#include "config.h"

#include "daemon/gate.h"

#include <stdlib.h>

#include "daemon/recur.h"
#include "proto/xalloc.h"
#include "tests/gate_stage.h"
#include "tests/unit.h"

START_TEST(it_begins_when_all_have_ended)
{
	struct task *a = stage_actor(root, SCOPE_DETACH);
	struct task *b = stage_actor(root, SCOPE_DETACH);
	struct task *task = after(a, false, b, false);
	uint64_t ids[2];

	ck_assert(waits_after(task));
	ck_assert_int_eq(task->state, TASK_WAITING);
	ck_assert_uint_eq(gate_pending(task->gate, ids, 2), 2);
	end_failed(a);
	ck_assert(waits_after(task));
	ck_assert_uint_eq(gate_pending(task->gate, ids, 2), 1);
	ck_assert_uint_eq(ids[0], b->id);
	end_cancelled(b);
	ck_assert(begun(task));
	ck_assert_uint_eq(gates_pending(gates), 0);
}
END_TEST

START_TEST(one_that_has_ended_is_passed)
{
	struct task *a = stage_actor(root, SCOPE_DETACH), *task;

	end_done(a);
	task = after(a, false, a, true);
	ck_assert(begun(task));
}
END_TEST

START_TEST(one_that_did_not_end_done_cancels)
{
	struct task *a = stage_actor(root, SCOPE_DETACH);
	struct task *b = stage_actor(root, SCOPE_DETACH);
	struct task *task = after(a, true, b, false);
	char *want = xasprintf(
	    "{\"task\":%lu,\"state\":\"failed\"}", (unsigned long)a->id);

	end_failed(a);
	ck_assert_int_eq(task->state, TASK_CANCELLED);
	ck_assert_str_eq(task->outcome->text, want);
	ck_assert_uint_eq(gates_pending(gates), 0);
	free(want);
}
END_TEST

START_TEST(so_does_one_that_had_ended_before_on_a_later_turn)
{
	const struct condition condition = {
	    .task = stage_actor(root, SCOPE_DETACH), .ok = true};
	const struct gate_wants wants = {.after = &condition, .nafter = 1};
	struct spawn spawn = plain();
	struct task *task;

	end_cancelled(condition.task);
	gate_wakes = 0;
	task = gates_spawn(gates, &spawn, &wants);
	ck_assert(waits_after(task));
	ck_assert_uint_eq(gate_wakes, 1);
	settle();
	ck_assert_int_eq(task->state, TASK_CANCELLED);
}
END_TEST

START_TEST(a_cancel_goes_on_along_a_chain)
{
	struct task *a = stage_actor(root, SCOPE_DETACH);
	struct task *b = after(a, true, NULL, false);
	struct task *c = after(b, true, NULL, false);
	struct task *d = after(c, false, NULL, false);

	end_failed(a);
	ck_assert_int_eq(b->state, TASK_CANCELLED);
	ck_assert_int_eq(c->state, TASK_CANCELLED);
	ck_assert(begun(d));
}
END_TEST

START_TEST(who_comes_after_many_leaves_them_in_any_order)
{
	struct task *others[8], *task;
	struct condition conditions[8];
	struct spawn spawn = plain();
	size_t i, order[] = {3, 7, 0, 4, 6, 1, 2, 5};

	for (i = 0; i < 8; i++) {
		others[i] = stage_actor(root, SCOPE_DETACH);
		conditions[i] = (struct condition){others[i], i % 2 == 0};
	}
	task = spawn_gated(
	    &spawn, &(struct gate_wants){.after = conditions, .nafter = 8});
	for (i = 0; i < 8; i++) {
		ck_assert(waits_after(task));
		end_done(others[order[i]]);
	}
	ck_assert(begun(task));
}
END_TEST

START_TEST(those_after_one_begin_in_the_order_they_were_spawned)
{
	struct task *a = stage_actor(root, SCOPE_DETACH), *waiting[5];
	const struct condition condition = {.task = a};
	const struct gate_wants wants = {
	    .pool = "p", .weight = 1, .after = &condition, .nafter = 1};
	struct spawn spawn = plain();
	size_t i;

	resize(0);
	for (i = 0; i < 5; i++)
		waiting[i] = spawn_gated(&spawn, &wants);
	end_cancelled(waiting[2]);
	end_done(a);
	ck_assert_uint_eq(pool_place(waiting[0]->gate), 1);
	ck_assert_uint_eq(pool_place(waiting[1]->gate), 2);
	ck_assert_uint_eq(pool_place(waiting[3]->gate), 3);
	ck_assert_uint_eq(pool_place(waiting[4]->gate), 4);
}
END_TEST

START_TEST(those_after_one_are_told_in_batches)
{
	struct task *a = stage_actor(root, SCOPE_DETACH), *first, *last;
	size_t i;

	first = after(a, false, NULL, false);
	for (i = 0; i < 1000; i++)
		last = after(a, false, NULL, false);
	gate_wakes = 0;
	stage_finish(a);
	ck_assert_uint_eq(gate_wakes, 1);
	ck_assert(waits_after(first));
	ck_assert(gates_run(gates, 100));
	ck_assert(!waits_after(first) && waits_after(last));
	ck_assert_uint_eq(gates_pending(gates), 901);
	settle();
	ck_assert(begun(last));
}
END_TEST

START_TEST(who_waits_may_go_before_and_while_it_is_told)
{
	struct task *a = stage_actor(root, SCOPE_DETACH);
	struct task *b = after(a, false, NULL, false);
	struct task *c = after(a, false, NULL, false);

	end_cancelled(b);
	stage_finish(a);
	stage_cancel(c);
	settle();
	ck_assert_int_eq(c->state, TASK_CANCELLED);
	ck_assert_uint_eq(gates_pending(gates), 0);
}
END_TEST

START_TEST(its_delay_begins_when_it_need_not_wait)
{
	struct task *a = stage_actor(root, SCOPE_DETACH), *task;
	const struct condition condition = {.task = a};
	const struct gate_wants wants = {.after = &condition, .nafter = 1};
	struct spawn spawn = plain();

	spawn.recurrence = recur_new(RECUR_LATER, 10);
	task = spawn_gated(&spawn, &wants);
	stage_advance(100);
	ck_assert(waits_after(task));
	end_done(a);
	ck_assert_int_eq(task->state, TASK_SLEEPING);
	stage_advance(9);
	ck_assert_int_eq(task->state, TASK_SLEEPING);
	stage_advance(1);
	ck_assert(begun(task));
}
END_TEST

/* Else it would have missed ticks. */
START_TEST(a_rate_counts_from_when_it_begins)
{
	struct task *a = stage_actor(root, SCOPE_DETACH), *task;
	const struct condition condition = {.task = a};
	const struct gate_wants wants = {.after = &condition, .nafter = 1};
	struct spawn spawn = plain();

	spawn.recurrence = recur_new(RECUR_RATE, 1);
	task = spawn_gated(&spawn, &wants);
	stage_advance(50);
	hold(task);
	stage_advance(50);
	end_done(a);
	ck_assert_int_eq(task->state, TASK_PAUSED);
	stage_advance(50);
	let_go_on(task);
	ck_assert(begun(task));
	end_done(task);
	ck_assert_uint_eq(task->recurrence->missed, 0);
	ck_assert_int_eq(task->wake.deadline, now + NS_PER_SECOND);
}
END_TEST

START_TEST(a_paused_one_begins_when_it_is_resumed)
{
	struct task *a = stage_actor(root, SCOPE_DETACH);
	struct task *task = after(a, false, NULL, false);

	hold(task);
	end_done(a);
	ck_assert_int_eq(task->state, TASK_PAUSED);
	ck_assert(task->fresh);
	let_go_on(task);
	ck_assert(begun(task));
}
END_TEST

START_TEST(a_paused_one_is_cancelled_by_what_failed)
{
	struct task *a = stage_actor(root, SCOPE_DETACH);
	struct task *task = after(a, true, NULL, false);

	hold(task);
	end_failed(a);
	ck_assert_int_eq(task->state, TASK_CANCELLED);
}
END_TEST

START_TEST(a_client_may_be_waited_for)
{
	struct spawn spawn = plain();
	struct task *guest, *task;

	spawn.function = &fn_guest;
	guest = scheduler_spawn(scheduler, &spawn);
	task = after(guest, true, NULL, false);
	end_done(guest);
	ck_assert(begun(task));
}
END_TEST

START_TEST(who_is_gone_at_once_harms_nobody)
{
	struct scheduler_limits limits = scheduler_default_limits;
	struct task *a, *b;

	limits.retained = 0;
	gate_stage_restart(&limits);
	a = stage_actor(root, SCOPE_DETACH);
	b = after(a, true, NULL, false);
	(void)after(b, true, NULL, false);
	end_failed(a);
	ck_assert_uint_eq(root->nchildren, 0);
	ck_assert_uint_eq(gates_pending(gates), 0);
}
END_TEST

START_TEST(where_there_is_no_room_nothing_is_left)
{
	struct scheduler_limits limits = scheduler_default_limits;
	const struct gate_wants wants = {.pool = "p", .weight = 1};
	struct spawn spawn = plain();

	limits.tasks = 1;
	gate_stage_restart(&limits);
	spawn.parent = root;
	ck_assert_ptr_null(gates_spawn(gates, &spawn, &wants));
	ck_assert_ptr_null(pool());
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    it_begins_when_all_have_ended,
	    one_that_has_ended_is_passed,
	    one_that_did_not_end_done_cancels,
	    so_does_one_that_had_ended_before_on_a_later_turn,
	    a_cancel_goes_on_along_a_chain,
	    who_comes_after_many_leaves_them_in_any_order,
	    those_after_one_begin_in_the_order_they_were_spawned,
	    those_after_one_are_told_in_batches,
	    who_waits_may_go_before_and_while_it_is_told,
	    its_delay_begins_when_it_need_not_wait,
	    a_rate_counts_from_when_it_begins,
	    a_paused_one_begins_when_it_is_resumed,
	    a_paused_one_is_cancelled_by_what_failed,
	    a_client_may_be_waited_for,
	    who_is_gone_at_once_harms_nobody,
	    where_there_is_no_room_nothing_is_left,
	};

	return unit_run("gate", gate_stage_setup, gate_stage_teardown, tests,
	    sizeof tests / sizeof tests[0]);
}
