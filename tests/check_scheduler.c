/* The life of a task: spawn, run, sleep, timeout, cancel; on a fake clock. */
#include "config.h"

#include "daemon/scheduler.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/fn_basic.h"
#include "daemon/output.h"
#include "proto/xalloc.h"
#include "tests/stage.h"
#include "tests/unit.h"

static void
expect_state(const struct task *task, enum task_state want)
{
	ck_assert_str_eq(task_state_name(task->state), task_state_name(want));
}

static void
expect_outcome(const struct task *task, enum task_state state, const char *text)
{
	expect_state(task, state);
	ck_assert_str_eq(task->outcome->text, text);
}

static struct task *
spawn(const struct function *function, const char *args)
{
	return stage_spawn(function, root, SCOPE_DETACH, args);
}

static struct task *
actor(struct task *parent)
{
	return stage_actor(parent, SCOPE_DETACH);
}

/* --- spawn and run ------------------------------------------------------ */

START_TEST(the_root_runs_from_the_start)
{
	ck_assert_uint_eq(root->id, TASK_ROOT_ID);
	ck_assert_str_eq(task_name(root), "taskletd");
	expect_state(root, TASK_RUNNING);
	ck_assert_ptr_null(root->parent);
	ck_assert_uint_eq(root->owner, geteuid());
	ck_assert_int_eq(root->started, root->created);
	ck_assert_uint_eq(wakes, 0);
}
END_TEST

START_TEST(a_spawned_task_runs_from_the_loop_alone)
{
	struct task *task = spawn(&fn_echo, "[1,\"a\"]");

	expect_state(task, TASK_READY);
	ck_assert_int_eq(task->started, 0);
	ck_assert_uint_eq(wakes, 1);
	ck_assert(!scheduler_run(scheduler, 1));
	expect_outcome(task, TASK_DONE, "[1,\"a\"]");
	ck_assert_int_ge(task->started, task->created);
	ck_assert_uint_eq(task->parent_id, root->id);
	ck_assert_uint_eq(root->nchildren, 0);
}
END_TEST

START_TEST(a_function_that_fails_fails_its_task)
{
	struct task *task = spawn(&fn_fail, "[\"boom\"]");

	stage_run();
	expect_outcome(task, TASK_FAILED,
	    "{\"code\":9,\"message\":\"boom\","
	    "\"data\":{\"type\":\"FunctionError\"}}");
}
END_TEST

START_TEST(what_a_spawn_says_is_what_the_task_has)
{
	const struct spawn how = {
	    .function = &fn_actor,
	    .name = "mine",
	    .parent = root,
	    .args = xstrdup("[1]"),
	    .timeout = 2.5,
	    .scope = SCOPE_WAIT,
	    .owner = 1234,
	};
	struct task *task = scheduler_spawn(scheduler, &how);

	ck_assert_str_eq(task_name(task), "mine");
	ck_assert_ptr_eq(task->parent, root);
	ck_assert_str_eq(task->args, "[1]");
	ck_assert_double_eq(task->limit->seconds, 2.5);
	ck_assert_int_eq(task->scope, SCOPE_WAIT);
	ck_assert_uint_eq(task->owner, 1234);
	ck_assert_str_eq(task_name(actor(root)), "actor");
}
END_TEST

START_TEST(tasks_run_in_the_order_they_were_spawned_in_batches)
{
	struct task *many[5];
	size_t i;

	for (i = 0; i < 5; i++)
		many[i] = spawn(&fn_actor, NULL);
	ck_assert_uint_eq(wakes, 1);
	ck_assert(scheduler_run(scheduler, 2));
	expect_state(many[1], TASK_WAITING);
	expect_state(many[2], TASK_READY);
	ck_assert(scheduler_run(scheduler, 2));
	ck_assert(!scheduler_run(scheduler, 2));
	expect_state(many[4], TASK_WAITING);
	spawn(&fn_actor, NULL);
	ck_assert_uint_eq(wakes, 2);
}
END_TEST

START_TEST(a_child_of_a_task_that_has_yet_to_run_runs_after_it)
{
	struct task *task = spawn(&fn_echo, NULL);
	struct task *child = stage_spawn(&fn_actor, task, SCOPE_DETACH, NULL);

	stage_run();
	expect_state(task, TASK_DONE);
	expect_state(child, TASK_WAITING);
	ck_assert_ptr_eq(child->parent, root);
}
END_TEST

START_TEST(output_is_bounded_and_outlives_the_task)
{
	const struct scheduler_limits limits = {.tasks = 10,
	    .retained = 10,
	    .retained_bytes = 10000,
	    .retained_age = 10,
	    .output = 4};
	struct task *task;

	stage_restart(&limits);
	task = spawn(&fn_print, "[\"hello\"]");
	ck_assert_ptr_null(task->output);
	stage_run();
	expect_outcome(task, TASK_DONE, "null");
	ck_assert_uint_eq(output_held(task->output), 4);
	ck_assert_uint_eq(output_end(task->output), 6);
}
END_TEST

/* --- bounds ------------------------------------------------------------- */

static const struct scheduler_limits three_tasks = {
    .tasks = 3, .retained = 10, .retained_bytes = 10000, .retained_age = 10};

START_TEST(over_the_bound_on_tasks_none_is_spawned)
{
	struct task *task;

	stage_restart(&three_tasks); /* the root is one */
	task = actor(root);
	actor(root);
	ck_assert_ptr_null(spawn(&fn_actor, "[1]"));
	ck_assert_uint_eq(scheduler_counts(scheduler)->spawned, 3);
	stage_finish(task);
	ck_assert_ptr_nonnull(spawn(&fn_actor, NULL));
	ck_assert_ptr_null(spawn(&fn_actor, NULL));
}
END_TEST

START_TEST(a_guest_is_not_bounded_nor_found_by_name_nor_retained)
{
	struct task *guest;
	uint64_t id;
	size_t live;

	stage_restart(&three_tasks);
	actor(root);
	actor(root);
	guest = spawn(&fn_guest, NULL);
	ck_assert_ptr_nonnull(guest);
	id = guest->id;
	expect_state(guest, TASK_RUNNING);
	ck_assert_int_eq(guest->started, guest->created);
	ck_assert_ptr_null(task_find_name(tasks, "guest", &live));
	ck_assert_ptr_eq(task_find_name(tasks, "taskletd", &live), root);
	stage_finish(guest);
	ck_assert_ptr_null(task_find(tasks, id));
	ck_assert_uint_eq(scheduler_counts(scheduler)->retained, 0);
}
END_TEST

/* --- sleep -------------------------------------------------------------- */

START_TEST(a_sleeping_task_is_resumed_at_its_deadline)
{
	struct task *task = spawn(&fn_sleep, "[1.5]");

	stage_run();
	expect_state(task, TASK_SLEEPING);
	ck_assert_int_eq(task->wake.deadline, now + 3 * NS_PER_SECOND / 2);
	stage_advance(1.4);
	expect_state(task, TASK_SLEEPING);
	now = task->wake.deadline;
	timers_run(timers, STAGE_ALL);
	expect_state(task, TASK_READY); /* woken is queued, not run */
	stage_run();
	expect_outcome(task, TASK_DONE, "null");
}
END_TEST

START_TEST(a_sleep_of_no_time_ends_in_the_next_turn)
{
	struct task *task = spawn(&fn_sleep, "[0]");

	stage_run();
	expect_state(task, TASK_SLEEPING);
	stage_advance(0);
	expect_state(task, TASK_DONE);
}
END_TEST

START_TEST(a_sleep_out_of_range_fails)
{
	struct task *negative = spawn(&fn_sleep, "[-1]");
	struct task *eternal = spawn(&fn_sleep, "[1e308]");

	stage_run();
	expect_state(negative, TASK_FAILED);
	expect_state(eternal, TASK_FAILED);
	ck_assert_uint_eq(timers_count(timers), 1); /* that of retention */
}
END_TEST

START_TEST(sleeping_tasks_wake_in_the_order_of_their_deadlines)
{
	struct task *late = spawn(&fn_sleep, "[3]");
	struct task *early = spawn(&fn_sleep, "[2]");

	stage_run();
	stage_advance(5);
	ck_assert_uint_lt(early->outcome->order, late->outcome->order);
}
END_TEST

/* --- timeout ------------------------------------------------------------ */

START_TEST(a_timeout_ends_a_task_whatever_it_does)
{
	const struct spawn how = {
	    .function = &fn_sleep,
	    .parent = root,
	    .args = xstrdup("[60]"),
	    .timeout = 1,
	};
	struct task *waiting = stage_actor_with_timeout(SCOPE_DETACH, 1);
	struct task *sleeping = scheduler_spawn(scheduler, &how);

	stage_run();
	stage_advance(0.9);
	expect_state(waiting, TASK_WAITING);
	expect_state(sleeping, TASK_SLEEPING);
	stage_advance(0.1);
	expect_outcome(waiting, TASK_TIMEOUT, "");
	expect_outcome(sleeping, TASK_TIMEOUT, "");
	ck_assert_uint_eq(timers_count(timers), 1);
}
END_TEST

START_TEST(a_timeout_ends_a_task_that_has_not_begun)
{
	const struct spawn how = {
	    .function = &fn_actor, .parent = root, .timeout = 0};
	struct task *task = scheduler_spawn(scheduler, &how);

	timers_run(timers, STAGE_ALL);
	expect_state(task, TASK_TIMEOUT);
	ck_assert_int_eq(task->started, 0);
	ck_assert(!scheduler_run(scheduler, STAGE_ALL));
	expect_state(task, TASK_TIMEOUT);
}
END_TEST

START_TEST(a_task_that_ends_in_time_is_not_timed_out)
{
	struct task *task = stage_actor_with_timeout(SCOPE_DETACH, 1);

	stage_finish(task);
	ck_assert_uint_eq(timers_count(timers), 1);
	stage_advance(2);
	expect_state(task, TASK_DONE);
}
END_TEST

START_TEST(a_timeout_leaves_detached_children_alone)
{
	struct task *task = stage_actor_with_timeout(SCOPE_DETACH, 1);
	struct task *child = actor(task);

	stage_advance(1);
	expect_state(task, TASK_TIMEOUT);
	expect_state(child, TASK_WAITING);
	ck_assert_ptr_eq(child->parent, root);
}
END_TEST

/* --- cancel ------------------------------------------------------------- */

/* Ids of the tasks that end, in order. */
static uint64_t order[16];
static size_t nended;

static void
note_end(struct task *task)
{
	ck_assert(!task_is_live(task));
	ck_assert_ptr_eq(task_find(tasks, task->id), task);
	order[nended++] = task->id;
}

START_TEST(a_cancel_reaches_all_below_children_first)
{
	struct task *a = actor(root), *a1 = actor(a), *a2 = actor(a);
	struct task *deep = actor(a1), *b = actor(root);
	uint64_t ids[8];

	nended = 0;
	stage_ended = note_end;
	ck_assert_uint_eq(
	    scheduler_cancel(scheduler, a,
		&(struct cancel){.only = false, .reason = "\"why\""}, ids, 8),
	    4);
	ck_assert(ids[0] == a->id && ids[1] == a1->id && ids[2] == deep->id &&
		  ids[3] == a2->id);
	ck_assert_uint_eq(nended, 4);
	ck_assert(order[0] == a2->id && order[1] == deep->id &&
		  order[2] == a1->id && order[3] == a->id);
	expect_outcome(a, TASK_CANCELLED, "\"why\"");
	expect_outcome(deep, TASK_CANCELLED, "\"why\"");
	expect_state(b, TASK_WAITING);
}
END_TEST

START_TEST(a_cancel_of_one_leaves_what_is_below_it)
{
	struct task *a = actor(root), *a1 = actor(a);
	uint64_t id;

	ck_assert_uint_eq(scheduler_cancel(scheduler, a,
			      &(struct cancel){.only = true}, &id, 1),
	    1);
	ck_assert_uint_eq(id, a->id);
	expect_outcome(a, TASK_CANCELLED, "");
	expect_state(a1, TASK_WAITING);
	ck_assert_ptr_eq(a1->parent, root);
}
END_TEST

START_TEST(a_cancel_gives_no_more_ids_than_wanted_and_counts_all)
{
	struct task *a = actor(root), *a1 = actor(a);
	uint64_t ids[2] = {0, 99};

	ck_assert_uint_eq(scheduler_cancel(scheduler, a,
			      &(struct cancel){.only = false}, ids, 1),
	    2);
	ck_assert_uint_eq(ids[0], a->id);
	ck_assert_uint_eq(ids[1], 99);
	expect_state(a1, TASK_CANCELLED);
}
END_TEST

START_TEST(a_cancelled_task_that_was_ready_never_runs)
{
	struct task *task = spawn(&fn_echo, NULL);

	stage_cancel(task);
	ck_assert(!scheduler_run(scheduler, STAGE_ALL));
	expect_state(task, TASK_CANCELLED);
	ck_assert_int_eq(task->started, 0);
}
END_TEST

START_TEST(a_cancelled_task_that_slept_leaves_no_timer)
{
	struct task *task = spawn(&fn_sleep, "[60]");

	stage_run();
	stage_cancel(task);
	expect_state(task, TASK_CANCELLED);
	ck_assert_uint_eq(timers_count(timers), 1);
}
END_TEST

START_TEST(cancelling_all_spares_the_root_and_guests)
{
	struct task *guest = spawn(&fn_guest, NULL), *below = actor(guest);
	struct task *a = actor(root), *a1 = actor(a);

	scheduler_cancel_all(scheduler, &(struct cancel){.reason = "\"bye\""});
	expect_outcome(below, TASK_CANCELLED, "\"bye\"");
	expect_state(a, TASK_CANCELLED);
	expect_state(a1, TASK_CANCELLED);
	expect_state(guest, TASK_RUNNING);
	expect_state(root, TASK_RUNNING);
}
END_TEST

START_TEST(a_deep_chain_is_cancelled_without_recursion)
{
	struct task *top, *task;
	size_t i;

	top = task = stage_spawn(&fn_actor, root, SCOPE_WAIT, NULL);
	for (i = 1; i < 100000; i++)
		task = stage_spawn(&fn_actor, task, i % 3, NULL);
	unit_limit_stack();
	ck_assert_uint_eq(scheduler_cancel(scheduler, top,
			      &(struct cancel){.only = false}, NULL, 0),
	    100000);
	ck_assert_uint_eq(tasks_live(tasks), 1);
}
END_TEST

/* --- counts ------------------------------------------------------------- */

START_TEST(counts_say_what_there_is_and_was)
{
	const struct scheduler_counts *counts = scheduler_counts(scheduler);

	actor(root);
	spawn(&fn_sleep, "[1]");
	spawn(&fn_fail, "[\"x\"]");
	spawn(&fn_echo, NULL);
	stage_run();
	stage_cancel(actor(root));
	spawn(&fn_echo, NULL);
	ck_assert_uint_eq(counts->spawned, 7);
	ck_assert_uint_eq(counts->live[TASK_READY], 1);
	ck_assert_uint_eq(counts->live[TASK_RUNNING], 1); /* the root */
	ck_assert_uint_eq(counts->live[TASK_SLEEPING], 1);
	ck_assert_uint_eq(counts->live[TASK_WAITING], 1);
	ck_assert_uint_eq(counts->finished[TASK_DONE], 1);
	ck_assert_uint_eq(counts->finished[TASK_FAILED], 1);
	ck_assert_uint_eq(counts->finished[TASK_CANCELLED], 1);
	ck_assert_uint_eq(counts->finished[TASK_TIMEOUT], 0);
	ck_assert_uint_eq(counts->retained, 3);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    the_root_runs_from_the_start,
	    a_spawned_task_runs_from_the_loop_alone,
	    a_function_that_fails_fails_its_task,
	    what_a_spawn_says_is_what_the_task_has,
	    tasks_run_in_the_order_they_were_spawned_in_batches,
	    a_child_of_a_task_that_has_yet_to_run_runs_after_it,
	    output_is_bounded_and_outlives_the_task,
	    over_the_bound_on_tasks_none_is_spawned,
	    a_guest_is_not_bounded_nor_found_by_name_nor_retained,
	    a_sleeping_task_is_resumed_at_its_deadline,
	    a_sleep_of_no_time_ends_in_the_next_turn,
	    a_sleep_out_of_range_fails,
	    sleeping_tasks_wake_in_the_order_of_their_deadlines,
	    a_timeout_ends_a_task_whatever_it_does,
	    a_timeout_ends_a_task_that_has_not_begun,
	    a_task_that_ends_in_time_is_not_timed_out,
	    a_timeout_leaves_detached_children_alone,
	    a_cancel_reaches_all_below_children_first,
	    a_cancel_of_one_leaves_what_is_below_it,
	    a_cancel_gives_no_more_ids_than_wanted_and_counts_all,
	    a_cancelled_task_that_was_ready_never_runs,
	    a_cancelled_task_that_slept_leaves_no_timer,
	    cancelling_all_spares_the_root_and_guests,
	    a_deep_chain_is_cancelled_without_recursion,
	    counts_say_what_there_is_and_was,
	};

	return unit_run("scheduler", stage_setup, stage_teardown, tests,
	    sizeof tests / sizeof tests[0]);
}
