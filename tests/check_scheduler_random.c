/* Random lives of tasks: after each step the tree, the counts, the timers and
   what is retained must be as a naive model says. */
#include "config.h"

#include "daemon/scheduler.h"

#include <string.h>

#include "daemon/fn_basic.h"
#include "daemon/function.h"
#include "tests/invariants.h"
#include "tests/naive_tree.h"
#include "tests/stage.h"
#include "tests/unit.h"

#define STEPS	 100000
#define FAR_IDS	 (4 * STEPS)
#define RETAINED 30
#define TASKS	 60

static const struct scheduler_limits limits = {
    .tasks = TASKS,
    .retained = RETAINED,
    .retained_bytes = 6000,
    .retained_age = 20,
    .output = 16,
};

static struct naive_tree naive; /* of the live tasks */

/* By id. */
static struct {
	enum task_scope scope;
	bool ended;
	bool cancelled; /* by a step of the test */
	bool may_time_out;
} notes[FAR_IDS];

static size_t guests; /* that live */
static uint64_t nspawned;
static uint64_t nended[TASK_TIMEOUT + 1];

/* Those that ended, oldest first, but for guests, that are not kept. */
static uint64_t ended_ids[FAR_IDS];
static size_t nended_ids;

static struct task *
random_task(void)
{
	return task_find(tasks, naive.nodes[unit_below(naive.count)].id);
}

/* --- functions that do this and that ------------------------------------ */

static struct task *spawn_random(struct task *parent);

static void
nap(struct scheduler *s, struct task *task)
{
	unit_check(task->state == TASK_RUNNING);
	unit_check(!task->closing);
	if (unit_one_in(3))
		scheduler_finish(s, task, TASK_DONE, "1");
	else
		scheduler_sleep(s, task, (double)unit_below(5000) / 1000);
}

static void
start_family(struct scheduler *s, struct task *task)
{
	size_t i;

	scheduler_write(
	    s, task, STREAM_STDOUT, "a family of mine", unit_below(17));
	for (i = unit_below(4); i > 0; i--)
		spawn_random(task);
	nap(s, task);
}

static void
start_failing(struct scheduler *s, struct task *task)
{
	scheduler_finish(s, task, TASK_FAILED, "{}");
}

static const struct function fn_napper = {
    .name = "napper", .summary = "", .start = nap, .wake = nap};
static const struct function fn_family = {
    .name = "family", .summary = "", .start = start_family, .wake = nap};
static const struct function fn_failing = {
    .name = "failing", .summary = "", .start = start_failing};

static const struct function *const all_functions[] = {
    &fn_napper, &fn_family, &fn_failing, &fn_actor, &fn_actor, &fn_actor};

/* --- steps -------------------------------------------------------------- */

static bool
refuses_children(const struct task *task)
{
	return task->closing && (task->scope == SCOPE_CANCEL ||
				    task->outcome->state == TASK_TIMEOUT);
}

static void
note_spawn(struct task *task, struct task *parent)
{
	while (refuses_children(parent))
		parent = parent->parent;
	unit_check(task->parent == parent);
	unit_check(task->id == ++nspawned + 1); /* the root is 1 */
	unit_check(task->id < FAR_IDS);
	naive_tree_add(&naive, parent->id, task->id);
	notes[task->id].scope = task->scope;
	notes[task->id].may_time_out =
	    task->limit != NULL && task->limit->seconds >= 0;
}

static struct task *
spawn_random(struct task *parent)
{
	const struct spawn spawn = {
	    .function = all_functions[unit_below(6)],
	    .parent = parent,
	    .scope = unit_below(3),
	    .timeout = unit_one_in(4) ? (double)unit_below(8000) / 1000 : -1,
	    .limits_run = unit_one_in(8),
	    .run_timeout = (double)unit_below(8000) / 1000,
	};
	struct task *task = scheduler_spawn(scheduler, &spawn);

	unit_check((task == NULL) == (naive.count >= TASKS));
	if (task != NULL)
		note_spawn(task, parent);
	return task;
}

static void
spawn_guest(void)
{
	const struct spawn spawn = {
	    .function = &fn_guest, .parent = root, .timeout = -1};

	if (guests == 5)
		return;
	guests++;
	note_spawn(scheduler_spawn(scheduler, &spawn), root);
}

/* An actor, or a guest, ends of its own accord. */
static void
finish_random(void)
{
	struct task *task = random_task();

	if (task != root && !task->closing &&
	    (task->function == &fn_guest || task->state == TASK_WAITING))
		scheduler_finish(scheduler, task,
		    unit_one_in(2) ? TASK_DONE : TASK_FAILED, "\"end\"");
}

static bool
is_doomed(const struct task *task)
{
	return task->closing && task->outcome->state != TASK_DONE &&
	       task->outcome->state != TASK_FAILED;
}

/* Which tasks a cancel is to reach: says so in notes, returns how many. */
static size_t
note_cancel(struct task *top, bool only)
{
	struct task *task;
	size_t count = 0;

	for (task = top; task != NULL;
	     task = only ? NULL : task_next(task, top)) {
		if (is_doomed(task))
			continue;
		notes[task->id].cancelled = true;
		count++;
	}
	return count;
}

static void
cancel_random(void)
{
	struct task *task = random_task();
	bool only = unit_one_in(3);
	uint64_t ids[TASKS * 2], below[TASKS * 2];
	size_t count, i, nbelow;

	if (task == root)
		return;
	nbelow = only ? 0 : naive_tree_below(&naive, task->id) + 1;
	for (i = 0; i < nbelow; i++)
		below[i] =
		    naive.nodes[naive_tree_find(&naive, task->id) + i].id;
	count = note_cancel(task, only);
	unit_check(
	    scheduler_cancel(scheduler, task, &(struct cancel){.only = only},
		ids, TASKS * 2) == count);
	for (i = 0; i < count; i++)
		unit_check(notes[ids[i]].cancelled);
	for (i = 0; i < nbelow; i++)
		unit_check(notes[below[i]].ended);
}

/* Those it tells of change their state; a guest and what holds already not. */
static void
pause_random(void)
{
	struct task *task = random_task();
	bool only = unit_one_in(2);
	uint64_t ids[TASKS * 2];
	size_t count, i;

	if (task->function == &fn_guest || task == root)
		return;
	count = scheduler_pause(scheduler, task, only, ids, TASKS * 2);
	unit_check((task->state == TASK_PAUSED) == !is_doomed(task));
	for (i = 0; i < count; i++)
		unit_check(task_find(tasks, ids[i])->state == TASK_PAUSED);
}

static void
resume_random(void)
{
	struct task *task = random_task(), *below;
	bool only = unit_one_in(2);

	(void)scheduler_resume(scheduler, task, only, NULL, 0);
	for (below = task; below != NULL;
	     below = only ? NULL : task_next(below, task))
		unit_check(below->state != TASK_PAUSED);
}

/* With all that is due fired, no deadline of a live task is past. */
static void
check_deadlines(void)
{
	const struct task *task;

	for (task = root; task != NULL; task = task_next(task, NULL)) {
		if (task->state == TASK_SLEEPING)
			unit_check(task->wake.deadline > now);
		if (task->limit == NULL || task->state == TASK_PAUSED)
			continue;
		if (timer_is_set(&task->limit->timer) && !is_doomed(task))
			unit_check(task->limit->timer.deadline > now);
		if (timer_is_set(&task->limit->run_timer))
			unit_check(task->limit->run_timer.deadline > now);
	}
}

static void
advance_random(void)
{
	now += (int64_t)unit_below(NS_PER_SECOND);
	if (unit_one_in(2)) {
		timers_run(timers, unit_below(5));
		return;
	}
	timers_run(timers, STAGE_ALL);
	check_deadlines();
}

static void
run_random(void)
{
	struct task *task;

	if (unit_one_in(2)) {
		(void)scheduler_run(scheduler, unit_below(5));
		return;
	}
	unit_check(!scheduler_run(scheduler, STAGE_ALL));
	for (task = root; task != NULL; task = task_next(task, NULL)) {
		unit_check(task->state != TASK_READY && !task->queued);
		unit_check(!task->closing || task->nchildren > 0 ||
			   task->state == TASK_PAUSED);
	}
}

static void
step(void)
{
	switch (unit_below(18)) {
	case 0:
		cancel_random();
		break;
	case 1:
	case 2:
	case 3:
		finish_random();
		break;
	case 4:
	case 5:
		advance_random();
		break;
	case 6:
	case 7:
	case 8:
	case 9:
		run_random();
		break;
	case 10:
		spawn_guest();
		break;
	case 11:
		pause_random();
		break;
	case 12:
		resume_random();
		break;
	default:
		(void)spawn_random(random_task());
	}
}

/* --- what must hold ----------------------------------------------------- */

/* The hook: each task ends once, for a cause, and after its children unless
   it detaches them. */
static void
note_end(struct task *task)
{
	unit_check(!notes[task->id].ended);
	notes[task->id].ended = true;
	unit_check(task->outcome != NULL);
	unit_check(task->outcome->state == (enum task_state)task->state);
	unit_check(task->outcome->ended == now);
	if (notes[task->id].scope != SCOPE_DETACH)
		unit_check(naive_tree_below(&naive, task->id) == 0);
	if (notes[task->id].cancelled)
		unit_check(task->state == TASK_CANCELLED);
	if (task->state == TASK_TIMEOUT)
		unit_check(notes[task->id].may_time_out &&
			   task->limit->timer.deadline <= now);
	naive_tree_remove(&naive, task->id);
	nended[task->state]++;
	if (task->function == &fn_guest)
		guests--;
	else
		ended_ids[nended_ids++] = task->id;
}

/* What holds of any tree; and no timer is left of a task that is gone. */
static void
check_live(void)
{
	size_t ntimers = scheduler_counts(scheduler)->retained > 0;
	const char *wrong = invariants_broken(scheduler);
	const struct task *task;

	if (wrong != NULL)
		ck_abort_msg("%s", wrong);
	for (task = root; task != NULL; task = task_next(task, NULL)) {
		ntimers += timer_is_set(&task->wake);
		if (task->limit != NULL)
			ntimers += timer_is_set(&task->limit->timer) +
				   timer_is_set(&task->limit->run_timer);
	}
	unit_check(tasks_live(tasks) == naive.count);
	unit_check(timers_count(timers) == ntimers);
}

static void
check_ended(void)
{
	const struct scheduler_counts *counts = scheduler_counts(scheduler);
	uint64_t total = naive.count;
	int state;

	for (state = TASK_DONE; state <= TASK_TIMEOUT; state++) {
		unit_check(counts->finished[state] == nended[state]);
		total += nended[state];
	}
	unit_check(counts->spawned == nspawned + 1);
	unit_check(total == nspawned + 1); /* none is lost */
}

/* Those that ended last are there, each in no tree, and no others. */
static void
check_retained(void)
{
	const struct scheduler_counts *counts = scheduler_counts(scheduler);
	const struct task *task;
	size_t i, table = 0;

	unit_check(counts->retained <= RETAINED);
	unit_check(counts->retained <= nended_ids);
	unit_check(counts->retained_bytes <= limits.retained_bytes);
	unit_check((counts->retained == 0) == (counts->retained_bytes == 0));
	for (i = 0; i < counts->retained; i++) {
		task = task_find(tasks, ended_ids[nended_ids - 1 - i]);
		unit_check(task != NULL && !task_is_live(task));
		unit_check(task->nchildren == 0 && !task->queued);
	}
	for (task = tasks_first(tasks); task != NULL;
	     task = TAILQ_NEXT(task, in_order))
		table++;
	unit_check(table == naive.count + counts->retained);
}

static void
setup(void)
{
	stage_setup();
	stage_restart(&limits);
	stage_ended = note_end;
	memset(notes, 0, sizeof notes);
	memset(nended, 0, sizeof nended);
	memset(&naive, 0, sizeof naive);
	naive_tree_add(&naive, 0, root->id);
	guests = nended_ids = 0;
	nspawned = 0;
}

START_TEST(random_lives_agree_with_a_naive_model)
{
	size_t i;

	for (i = 0; i < STEPS; i++) {
		step();
		naive_tree_check(&naive, root);
		check_live();
		check_ended();
		check_retained();
	}
	for (i = TASK_DONE; i <= TASK_TIMEOUT; i++)
		ck_assert_uint_gt(nended[i], STEPS / 1000);
}
END_TEST

START_TEST(when_all_is_cancelled_the_root_and_guests_are_left)
{
	size_t i;

	for (i = 0; i < 1000; i++)
		step();
	for (i = 1; i < naive.count; i++)
		if (task_find(tasks, naive.nodes[i].id)->function != &fn_guest)
			notes[naive.nodes[i].id].cancelled =
			    !is_doomed(task_find(tasks, naive.nodes[i].id));
	scheduler_cancel_all(scheduler, &(struct cancel){0});
	ck_assert_uint_eq(naive.count, 1 + guests);
	naive_tree_check(&naive, root);
	check_live();
	check_ended();
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    random_lives_agree_with_a_naive_model,
	    when_all_is_cancelled_the_root_and_guests_are_left,
	};

	return unit_run("scheduler_random", setup, stage_teardown, tests,
	    sizeof tests / sizeof tests[0]);
}
