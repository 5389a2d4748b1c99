/* Random tasks in random pools, after random tasks, that fail, are cancelled,
   held and tried again, while pools change their sizes: who runs, who waits,
   and in which order, must be as a naive model says. */
#include "config.h"

#include "daemon/gate.h"

#include <stdio.h>
#include <string.h>

#include "daemon/recur.h"
#include "tests/gate_invariants.h"
#include "tests/gate_stage.h"
#include "tests/invariants.h"
#include "tests/unit.h"

#define STEPS		100000
#define LIVE		40
#define POOLS		3
#define AFTER		3
#define GATE_STAGE_SIZE 2
#define RECENT		10
#define RETAINED	50

static size_t granted_late; /* by the loop, not at once */

/* --- the model ----------------------------------------------------------- */

enum step {
	AFTER_OTHERS, /* some of them have not ended */
	HELD,	      /* it would begin, but it is paused */
	QUEUED,
	RUNS,
	ENDED
};

struct model {
	enum step step;
	enum task_state state; /* ENDED: how */
	bool paused;
	int pool; /* -1: none */
	uint64_t weight, turn;
	size_t retries; /* that are left */
	uint64_t after[AFTER];
	bool ok[AFTER];
	size_t nafter;
};

static struct model models[STEPS + 2];	      /* by id */
static uint64_t first_id, last_id, last_turn; /* those before have ended */
static uint64_t sizes[POOLS];

/* Tasks that have ended, whose end is not yet known to others. */
static uint64_t news[STEPS + 2];
static size_t nnews, nread;

static size_t nended[TASK_TIMEOUT + 1];
static size_t nqueued, nalone;

static void
model_end(uint64_t id, enum task_state state)
{
	models[id].step = ENDED;
	models[id].state = state;
	news[nnews++] = id;
	nended[state]++;
}

static void
model_due(uint64_t id)
{
	struct model *m = &models[id];

	m->step = m->paused ? HELD : m->pool == -1 ? RUNS : QUEUED;
	if (m->step == QUEUED)
		m->turn = ++last_turn;
}

static bool
model_waits(const struct model *m)
{
	size_t i;

	for (i = 0; i < m->nafter; i++)
		if (m->after[i] != 0)
			return true;
	return false;
}

/* A task that it may come after has ended. */
static void
model_hear(uint64_t id, uint64_t ended)
{
	struct model *m = &models[id];
	size_t i;

	for (i = 0; i < m->nafter && m->step == AFTER_OTHERS; i++) {
		if (m->after[i] != ended)
			continue;
		m->after[i] = 0;
		if (m->ok[i] && models[ended].state != TASK_DONE)
			model_end(id, TASK_CANCELLED);
	}
	if (m->step == AFTER_OTHERS && !model_waits(m))
		model_due(id);
}

static uint64_t
model_used(int pool, size_t *count)
{
	uint64_t id, used = 0;

	*count = 0;
	for (id = first_id; id <= last_id; id++) {
		if (models[id].step != RUNS || models[id].pool != pool)
			continue;
		used += models[id].weight;
		++*count;
	}
	return used;
}

/* Who waits and is not paused, and does so longest; 0: nobody. */
static uint64_t
model_next(int pool)
{
	uint64_t id, next = 0;

	for (id = first_id; id <= last_id; id++)
		if (models[id].step == QUEUED && models[id].pool == pool &&
		    !models[id].paused &&
		    (next == 0 || models[id].turn < models[next].turn))
			next = id;
	return next;
}

static bool
model_grant(int pool)
{
	size_t count;
	uint64_t next = model_next(pool), used = model_used(pool, &count);

	if (next == 0 || sizes[pool] == 0)
		return false;
	if (used > 0 && used + models[next].weight > sizes[pool]) {
		nqueued++;
		return false;
	}
	nalone += models[next].weight > sizes[pool];
	models[next].step = RUNS;
	return true;
}

static void
model_settle(void)
{
	uint64_t id, ended;
	int pool;

	while (nread < nnews) {
		ended = news[nread++];
		for (id = first_id; id <= last_id; id++)
			model_hear(id, ended);
	}
	for (pool = 0; pool < POOLS; pool++)
		while (model_grant(pool))
			continue;
}

/* --- the two compared ---------------------------------------------------- */

static const char *
pool_name(int pool)
{
	static const char *const names[POOLS] = {"a", "b", "c"};

	return names[pool];
}

static void
check_step(const struct task *task, const struct model *m)
{
	enum gate_step step = task->gate == NULL ? GATE_OPEN : task->gate->step;

	unit_check(task_is_live(task));
	unit_check((task->pause != NULL) == m->paused);
	unit_check((step == GATE_AFTER) == (m->step == AFTER_OTHERS));
	unit_check((step == GATE_QUEUED) == (m->step == QUEUED));
	unit_check((step == GATE_HOLDS) == (m->step == RUNS && m->pool != -1));
	unit_check(m->step != RUNS || !task->fresh || m->paused);
}

static void
check_order(int pool)
{
	const struct pool *p = pools_find(gates_pools(gates), pool_name(pool));
	const struct gate *gate;
	uint64_t turn = 0;

	if (p == NULL) {
		unit_check(sizes[pool] == GATE_STAGE_SIZE);
		return;
	}
	unit_check(p->size == sizes[pool]);
	TAILQ_FOREACH (gate, &p->queue, entry) {
		unit_check(models[gate->task->id].turn > turn);
		turn = models[gate->task->id].turn;
	}
}

static void
check_all(void)
{
	const char *wrong = invariants_broken(scheduler);
	const struct task *task;
	uint64_t id;
	int pool;

	if (wrong == NULL)
		wrong = gate_invariants_broken(gates, scheduler);
	if (wrong != NULL)
		ck_abort_msg("%s", wrong);
	for (id = first_id; id <= last_id; id++) {
		task = task_find(tasks, id);
		if (models[id].step != ENDED)
			check_step(task, &models[id]);
		else if (task != NULL)
			unit_check(
			    (enum task_state)task->state == models[id].state);
	}
	for (pool = 0; pool < POOLS; pool++)
		check_order(pool);
}

/* --- steps --------------------------------------------------------------- */

static void
settle_slowly(void)
{
	timers_run(timers, STAGE_ALL);
	while (gates_run(gates, 1 + unit_below(3)))
		granted_late++;
	model_settle();
	stage_run();
	check_all();
	while (first_id < last_id && models[first_id].step == ENDED)
		first_id++;
}

/* By id, of those that live; 0: there is none. */
static uint64_t
random_live(void)
{
	const struct task *task = TAILQ_FIRST(&root->children);
	size_t i = root->nchildren == 0 ? 0 : unit_below(root->nchildren);

	while (i-- > 0)
		task = TAILQ_NEXT(task, sibling);
	return task == NULL ? 0 : task->id;
}

static uint64_t
random_recent(void)
{
	uint64_t most = last_id - 1 < RECENT ? last_id - 1 : RECENT;

	return last_id - unit_below(most);
}

static void
want_after(struct model *m, struct condition *after)
{
	struct task *task;
	size_t i, count = last_id < 2 ? 0 : unit_below(AFTER + 1);

	for (i = 0; i < count; i++) {
		task = task_find(tasks, random_recent());
		if (task == NULL)
			continue;
		m->ok[m->nafter] = unit_one_in(2);
		m->after[m->nafter] = task->id;
		after[m->nafter++] = (struct condition){
		    .task = task, .ok = m->ok[m->nafter - 1]};
	}
}

/* Those that have ended are known to at once, but for one that cancels it. */
static void
model_spawn(uint64_t id)
{
	struct model *m = &models[id];
	size_t i;

	m->step = AFTER_OTHERS;
	for (i = 0; i < m->nafter; i++) {
		const struct model *other = &models[m->after[i]];

		if (other->step == ENDED &&
		    (!m->ok[i] || other->state == TASK_DONE))
			m->after[i] = 0;
	}
	if (!model_waits(m))
		model_due(id);
	for (i = 0; i < m->nafter; i++)
		if (m->after[i] != 0 && models[m->after[i]].step == ENDED)
			news[nnews++] = m->after[i];
}

static struct spawn
random_spawn(struct model *m)
{
	struct spawn spawn = {
	    .function = &fn_actor, .parent = root, .timeout = -1};

	if (unit_one_in(3)) {
		m->retries = unit_below(3);
		spawn.recurrence = recur_new(RECUR_RETRY, 0);
		spawn.recurrence->times = m->retries;
		recur_prepare(scheduler, &spawn);
	}
	return spawn;
}

static void
spawn_random(void)
{
	struct model m = {.pool = (int)unit_below(POOLS + 1) - 1};
	struct spawn spawn = random_spawn(&m);
	struct condition after[AFTER];
	struct gate_wants wants = {.after = after};
	struct task *task;

	m.weight = 1 + unit_below(4);
	wants.weight = (uint32_t)m.weight;
	wants.pool = m.pool == -1 ? NULL : pool_name(m.pool);
	want_after(&m, after);
	wants.nafter = m.nafter;
	task = gates_spawn(gates, &spawn, &wants);
	unit_check(task->id == ++last_id);
	models[last_id] = m;
	model_spawn(last_id);
}

static void
finish_random(void)
{
	uint64_t id = random_live();
	bool fails = unit_one_in(3);
	struct model *m = &models[id];

	if (id == 0 || m->step != RUNS || task_find(tasks, id)->fresh)
		return;
	if (!fails)
		model_end(id, TASK_DONE);
	else if (m->retries == 0)
		model_end(id, TASK_FAILED);
	else
		m->retries--, model_due(id);
	scheduler_finish(scheduler, task_find(tasks, id),
	    fails ? TASK_FAILED : TASK_DONE, "1");
}

static void
cancel_random(void)
{
	uint64_t id = random_live();

	if (id == 0)
		return;
	model_end(id, TASK_CANCELLED);
	stage_cancel(task_find(tasks, id));
}

static void
pause_random(void)
{
	uint64_t id = random_live();

	if (id == 0)
		return;
	models[id].paused = true;
	scheduler_pause(scheduler, task_find(tasks, id), true, NULL, 0);
}

static void
resume_random(void)
{
	uint64_t id = random_live();

	if (id == 0)
		return;
	models[id].paused = false;
	if (models[id].step == HELD)
		model_due(id);
	scheduler_resume(scheduler, task_find(tasks, id), true, NULL, 0);
}

static void
resize_random(void)
{
	int pool = (int)unit_below(POOLS);

	sizes[pool] = unit_one_in(4) ? GATE_STAGE_SIZE : unit_below(7);
	pool_resize(gates_pools(gates), pool_name(pool), sizes[pool]);
}

static void
step(void)
{
	switch (unit_below(16)) {
	case 0:
	case 1:
		cancel_random();
		break;
	case 2:
		pause_random();
		break;
	case 3:
	case 4:
		resume_random();
		break;
	case 5:
		resize_random();
		break;
	case 6:
	case 7:
	case 8:
	case 9:
	case 10:
		if (root->nchildren < LIVE)
			spawn_random();
		break;
	default:
		finish_random();
	}
}

static void
setup(void)
{
	struct scheduler_limits limits = scheduler_default_limits;
	int pool;

	limits.retained = RETAINED;
	gate_stage_setup();
	gate_stage_restart(&limits);
	memset(models, 0, sizeof models);
	memset(nended, 0, sizeof nended);
	nnews = nread = nqueued = nalone = granted_late = 0;
	first_id = 2;
	last_id = 1;
	last_turn = 0;
	for (pool = 0; pool < POOLS; pool++)
		sizes[pool] = GATE_STAGE_SIZE;
}

START_TEST(gates_agree_with_a_naive_model)
{
	size_t i;

	for (i = 0; i < STEPS; i++) {
		step();
		settle_slowly();
	}
	for (i = TASK_DONE; i <= TASK_CANCELLED; i++)
		ck_assert_uint_gt(nended[i], STEPS / 200);
	ck_assert_uint_gt(nqueued, STEPS / 20);
	ck_assert_uint_gt(nalone, STEPS / 1000);
	ck_assert_uint_gt(granted_late, STEPS / 1000);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    gates_agree_with_a_naive_model,
	};

	return unit_run("gate_random", setup, gate_stage_teardown, tests,
	    sizeof tests / sizeof tests[0]);
}
