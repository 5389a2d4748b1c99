/* What a task does about its children before it ends. */
#include "config.h"

#include "daemon/scheduler.h"

#include "daemon/fn_basic.h"
#include "tests/stage.h"
#include "tests/unit.h"

static void
expect_state(const struct task *task, enum task_state want)
{
	ck_assert_str_eq(task_state_name(task->state), task_state_name(want));
}

/* Its function has ended, it waits for its children. */
static void
expect_closing(const struct task *task)
{
	expect_state(task, TASK_WAITING);
	ck_assert(task->closing);
}

static struct task *
actor(struct task *parent)
{
	return stage_actor(parent, SCOPE_DETACH);
}

/* --- detach ------------------------------------------------------------- */

START_TEST(a_task_that_detaches_leaves_its_children)
{
	struct task *task = actor(root), *child = actor(task);

	stage_finish(task);
	expect_state(task, TASK_DONE);
	expect_state(child, TASK_WAITING);
	ck_assert_ptr_eq(child->parent, root);
}
END_TEST

/* --- wait --------------------------------------------------------------- */

START_TEST(a_task_that_waits_ends_after_its_children_with_its_own_result)
{
	struct task *task = stage_actor(root, SCOPE_WAIT);
	struct task *a = actor(task), *b = actor(task);

	scheduler_finish(scheduler, task, TASK_DONE, "42");
	expect_closing(task);
	scheduler_finish(scheduler, a, TASK_FAILED, "{}");
	stage_run();
	expect_closing(task);
	stage_finish(b);
	expect_closing(task); /* it ends from the loop alone */
	stage_run();
	expect_state(task, TASK_DONE);
	ck_assert_str_eq(task->outcome->text, "42");
}
END_TEST

START_TEST(without_children_it_ends_at_once)
{
	struct task *task = stage_actor(root, SCOPE_WAIT);

	stage_finish(actor(task));
	stage_finish(task);
	expect_state(task, TASK_DONE);
}
END_TEST

START_TEST(it_waits_for_those_it_adopts)
{
	struct task *task = stage_actor(root, SCOPE_WAIT);
	struct task *child = actor(task), *grandchild = actor(child);

	stage_finish(task);
	stage_finish(child);
	stage_run();
	expect_closing(task);
	ck_assert_ptr_eq(grandchild->parent, task);
	stage_finish(grandchild);
	stage_run();
	expect_state(task, TASK_DONE);
}
END_TEST

START_TEST(it_waits_for_those_that_come_while_it_waits)
{
	struct task *task = stage_actor(root, SCOPE_WAIT);
	struct task *child = actor(task), *late;

	stage_finish(task);
	stage_finish(child);
	late = stage_spawn(&fn_actor, task, SCOPE_DETACH, NULL);
	ck_assert_ptr_eq(late->parent, task);
	stage_run();
	expect_closing(task);
	stage_finish(late);
	stage_run();
	expect_state(task, TASK_DONE);
}
END_TEST

START_TEST(a_chain_of_those_who_wait_ends_from_the_bottom)
{
	struct task *a = stage_actor(root, SCOPE_WAIT);
	struct task *b = stage_actor(a, SCOPE_WAIT), *c = actor(b);

	stage_finish(a);
	stage_finish(b);
	stage_run();
	expect_closing(a);
	expect_closing(b);
	stage_finish(c);
	stage_run();
	expect_state(b, TASK_DONE);
	expect_state(a, TASK_DONE);
	ck_assert_uint_lt(b->outcome->order, a->outcome->order);
}
END_TEST

START_TEST(one_that_waited_ended_when_its_children_had)
{
	struct task *task = stage_actor(root, SCOPE_WAIT), *child = actor(task);
	struct task *other = actor(root);

	stage_finish(task);
	stage_advance(10);
	stage_finish(other);
	stage_advance(10);
	stage_finish(child);
	stage_run();
	ck_assert_int_eq(task->outcome->ended, now);
	ck_assert_uint_gt(task->outcome->order, other->outcome->order);
	ck_assert_int_ge(task->outcome->finished, child->outcome->finished);
}
END_TEST

START_TEST(a_wait_for_children_does_not_count_towards_the_retained_age)
{
	const struct scheduler_limits limits = {.tasks = 10,
	    .retained = 1, /* the child goes, its age is not looked at */
	    .retained_bytes = 10000,
	    .retained_age = 60};
	struct task *task, *child;
	uint64_t id;

	stage_restart(&limits);
	task = stage_actor(root, SCOPE_WAIT);
	child = actor(task);
	id = task->id;
	stage_finish(task);
	stage_advance(100);
	stage_finish(child);
	stage_run();
	ck_assert_ptr_eq(task_find(tasks, id), task);
	stage_advance(60);
	ck_assert_ptr_null(task_find(tasks, id));
}
END_TEST

/* --- cancel ------------------------------------------------------------- */

START_TEST(a_task_that_cancels_ends_its_children_then_itself)
{
	struct task *task = stage_actor(root, SCOPE_CANCEL);
	struct task *child = actor(task), *grandchild = actor(child);

	scheduler_finish(scheduler, task, TASK_DONE, "42");
	expect_state(child, TASK_CANCELLED);
	expect_state(grandchild, TASK_CANCELLED);
	expect_closing(task);
	stage_run();
	expect_state(task, TASK_DONE);
	ck_assert_str_eq(task->outcome->text, "42");
}
END_TEST

START_TEST(one_that_has_cancelled_its_children_takes_no_more)
{
	struct task *task = stage_actor(root, SCOPE_CANCEL), *late;

	actor(task);
	stage_finish(task);
	late = stage_spawn(&fn_actor, task, SCOPE_DETACH, NULL);
	ck_assert_ptr_eq(late->parent, root);
	stage_run();
	expect_state(task, TASK_DONE);
	expect_state(late, TASK_WAITING);
}
END_TEST

START_TEST(what_its_children_wait_for_is_cancelled_too)
{
	struct task *task = stage_actor(root, SCOPE_CANCEL);
	struct task *child = stage_actor(task, SCOPE_WAIT);
	struct task *grandchild = actor(child);

	stage_finish(child);
	expect_closing(child);
	stage_finish(task);
	stage_run();
	expect_state(grandchild, TASK_CANCELLED);
	expect_state(child, TASK_CANCELLED);
	expect_state(task, TASK_DONE);
}
END_TEST

/* --- one that is closing is cancelled, or times out --------------------- */

START_TEST(one_that_waits_for_children_can_be_cancelled_with_them)
{
	struct task *task = stage_actor(root, SCOPE_WAIT), *child = actor(task);

	stage_finish(task);
	stage_cancel(task);
	expect_state(child, TASK_CANCELLED);
	expect_state(task, TASK_CANCELLED);
	ck_assert(!scheduler_run(scheduler, STAGE_ALL));
}
END_TEST

START_TEST(one_that_waits_and_is_cancelled_alone_still_waits)
{
	struct task *task = stage_actor(root, SCOPE_WAIT), *child = actor(task);
	uint64_t id;

	ck_assert_uint_eq(scheduler_cancel(scheduler, task,
			      &(struct cancel){.only = true}, &id, 1),
	    1);
	expect_closing(task);
	expect_state(child, TASK_WAITING);
	ck_assert_uint_eq(scheduler_cancel(scheduler, task,
			      &(struct cancel){.only = true}, &id, 1),
	    0);
	stage_finish(child);
	stage_run();
	expect_state(task, TASK_CANCELLED);
}
END_TEST

/* Long chains of such tasks were walked again for each of them, too. */
START_TEST(a_cancel_ends_those_that_only_waited_for_what_it_ended)
{
	struct task *top = stage_actor(root, SCOPE_CANCEL), *task = top, *last;
	size_t i;
	uint64_t id;

	for (i = 0; i < 5000; i++)
		task = stage_spawn(&fn_actor, task, SCOPE_CANCEL, NULL);
	last = stage_actor(task, SCOPE_WAIT);
	actor(last);
	scheduler_cancel(scheduler, last,
	    &(struct cancel){.only = true, .reason = "\"first\""}, &id, 1);
	expect_closing(last);
	/* All but that one, which is cancelled already. */
	ck_assert_uint_eq(scheduler_cancel(scheduler, top,
			      &(struct cancel){.only = false}, NULL, 0),
	    5002);
	expect_state(last, TASK_CANCELLED);
	ck_assert_str_eq(last->outcome->text, "\"first\"");
	ck_assert_uint_eq(tasks_live(tasks), 1);
}
END_TEST

START_TEST(a_timeout_while_it_waits_cancels_the_children)
{
	struct task *task = stage_actor_with_timeout(SCOPE_WAIT, 1);
	struct task *child = actor(task), *grandchild = actor(child);

	stage_finish(task);
	stage_advance(0.5);
	expect_closing(task);
	stage_advance(0.5);
	expect_state(child, TASK_CANCELLED);
	expect_state(grandchild, TASK_CANCELLED);
	expect_state(task, TASK_TIMEOUT);
	ck_assert_str_eq(task->outcome->text, "");
}
END_TEST

START_TEST(one_that_timed_out_takes_no_more_children)
{
	struct task *task = stage_actor_with_timeout(SCOPE_WAIT, 1), *late;

	actor(task);
	now = timers_after(timers, 1);
	timers_run(timers, STAGE_ALL);
	late = stage_spawn(&fn_actor, task, SCOPE_DETACH, NULL);
	ck_assert_ptr_eq(late->parent, root);
	stage_run();
	expect_state(task, TASK_TIMEOUT);
}
END_TEST

START_TEST(a_cancel_after_the_timeout_does_not_change_the_state)
{
	struct task *task = stage_actor_with_timeout(SCOPE_WAIT, 1);

	actor(task);
	now = timers_after(timers, 1);
	timers_run(timers, STAGE_ALL);
	expect_closing(task);
	stage_cancel(task);
	stage_run();
	expect_state(task, TASK_TIMEOUT);
}
END_TEST

/* The timeout covers the wait for the children, too. */
START_TEST(a_timeout_after_the_cancel_ends_the_wait_but_keeps_the_state)
{
	struct task *task = stage_actor_with_timeout(SCOPE_WAIT, 1);
	struct task *child = actor(task);
	uint64_t id;

	scheduler_cancel(
	    scheduler, task, &(struct cancel){.only = true}, &id, 1);
	expect_closing(task);
	stage_advance(2);
	stage_run();
	expect_state(child, TASK_CANCELLED);
	expect_state(task, TASK_CANCELLED);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    a_task_that_detaches_leaves_its_children,
	    a_task_that_waits_ends_after_its_children_with_its_own_result,
	    without_children_it_ends_at_once,
	    it_waits_for_those_it_adopts,
	    it_waits_for_those_that_come_while_it_waits,
	    a_chain_of_those_who_wait_ends_from_the_bottom,
	    one_that_waited_ended_when_its_children_had,
	    a_wait_for_children_does_not_count_towards_the_retained_age,
	    a_task_that_cancels_ends_its_children_then_itself,
	    one_that_has_cancelled_its_children_takes_no_more,
	    what_its_children_wait_for_is_cancelled_too,
	    one_that_waits_for_children_can_be_cancelled_with_them,
	    one_that_waits_and_is_cancelled_alone_still_waits,
	    a_cancel_ends_those_that_only_waited_for_what_it_ended,
	    a_timeout_while_it_waits_cancels_the_children,
	    one_that_timed_out_takes_no_more_children,
	    a_cancel_after_the_timeout_does_not_change_the_state,
	    a_timeout_after_the_cancel_ends_the_wait_but_keeps_the_state,
	};

	return unit_run("scheduler_scope", stage_setup, stage_teardown, tests,
	    sizeof tests / sizeof tests[0]);
}
