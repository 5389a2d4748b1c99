/* A scheduler on a fake clock, and a function whose runs do as they are told.
 */
#include "config.h"

#include "tests/fake_loop.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "daemon/log.h"
#include "daemon/recur.h"
#include "proto/xalloc.h"
#include "tests/unit.h"

#define BEGIN INT64_C(123456789012345)

struct scheduler *scheduler;
struct timers *timers;
struct task *root;
struct job_run (*job_plan)(uint64_t run);
double job_starts[JOB_STARTS];
uint64_t job_count;
uint64_t paused[16];

static struct tasks *tasks;
static int64_t clock_ns;
static int64_t earliest;
static size_t nended;

static int64_t
fake_clock(void)
{
	return clock_ns;
}

static void
arm(void *arg, int64_t deadline)
{
	(void)arg;
	earliest = deadline;
}

static void
wake(void *arg)
{
	(void)arg;
}

static void
ended(void *arg, struct task *task)
{
	(void)arg;
	ck_assert(!task_is_live(task));
	nended++;
}

static const struct function fn_top = {.name = "top"};

void
fake_loop_setup(void)
{
	static const struct scheduler_hooks hooks = {.wake = wake,
	    .ended = ended,
	    .run_ended = recur_run_ended,
	    .resumed = recur_resumed,
	    .begun = recur_begun};

	log_set_level(LOG_ERROR); /* failed runs are warned of */
	clock_ns = BEGIN;
	earliest = INT64_MAX;
	nended = 0;
	job_plan = NULL;
	job_count = 0;
	timers = timers_new(fake_clock, arm, NULL);
	tasks = tasks_new();
	scheduler = scheduler_new(
	    tasks, timers, &scheduler_default_limits, &hooks, &fn_top);
	root = task_find(tasks, TASK_ROOT_ID);
}

void
fake_loop_teardown(void)
{
	check_counts();
	scheduler_delete(scheduler);
	tasks_delete(tasks);
	timers_delete(timers);
}

int64_t
ns_now(void)
{
	return clock_ns - BEGIN;
}

double
seconds_now(void)
{
	return (double)ns_now() / NS_PER_SECOND;
}

/* Also what that makes due. A task that never lets go is a bug. */
void
settle(void)
{
	size_t turns;

	for (turns = 0; turns < 1000; turns++) {
		bool more = scheduler_run(scheduler, 256);

		timers_run(timers, 256);
		if (!more && earliest > clock_ns &&
		    !scheduler_run(scheduler, 256))
			return;
	}
	ck_abort_msg("it goes on for ever");
}

void
go_on(double seconds)
{
	int64_t end = clock_ns + llrint(seconds * NS_PER_SECOND);

	settle();
	while (earliest <= end) {
		clock_ns = earliest;
		settle();
	}
	clock_ns = end;
}

void
suspend(double seconds)
{
	clock_ns += llrint(seconds * NS_PER_SECOND);
	settle();
}

/* --- jobs --------------------------------------------------------------- */

static struct job_run
plan_of(uint64_t run)
{
	static const struct job_run plain = {0};

	return job_plan == NULL ? plain : job_plan(run);
}

static void
end_job(struct scheduler *s, struct task *task)
{
	uint64_t run = (uint64_t)(uintptr_t)task->data;
	char *text = xasprintf("%" PRIu64, run);

	scheduler_finish(
	    s, task, plan_of(run).fails ? TASK_FAILED : TASK_DONE, text);
	free(text);
}

static void
start_job(struct scheduler *s, struct task *task)
{
	uint64_t run = job_count++;
	double takes = plan_of(run).takes;

	if (run < JOB_STARTS)
		job_starts[run] = seconds_now();
	task->data = (void *)(uintptr_t)run;
	if (takes > 0)
		scheduler_sleep(s, task, takes);
	else
		end_job(s, task);
}

static const struct function_arg no_args[] = {{.type = TYPE_END}};

const struct function fn_job = {
    .name = "job",
    .summary = "Does as it is told.",
    .args = no_args,
    .start = start_job,
    .wake = end_job,
};

struct spawn
job_spawn(struct task *parent)
{
	return (struct spawn){
	    .function = &fn_job, .parent = parent, .timeout = -1, .delay = -1};
}

/* --- checks ------------------------------------------------------------- */

void
check_starts(const double *starts, size_t count)
{
	size_t i;

	for (i = 0; i < count && i < job_count; i++)
		if (fabs(starts[i] - job_starts[i]) > 2e-9)
			ck_abort_msg("run %zu began at %.9f, not %.9f", i,
			    job_starts[i], starts[i]);
	ck_assert_uint_eq(job_count, count);
}

void
expect_state(const struct task *task, enum task_state state)
{
	ck_assert_str_eq(task_state_name(task->state), task_state_name(state));
	check_counts();
}

void
expect_end(const struct task *task, enum task_state state, const char *text,
    double when)
{
	ck_assert_str_eq(task_state_name(task->state), task_state_name(state));
	ck_assert_str_eq(task->outcome->text, text);
	ck_assert_double_eq_tol(
	    (double)(task->outcome->ended - BEGIN) / NS_PER_SECOND, when, 2e-9);
}

void
check_counts(void)
{
	const struct scheduler_counts *counts = scheduler_counts(scheduler);
	size_t found[TASK_TIMEOUT + 1] = {0}, live = 0, finished = 0;
	const struct task *task;
	enum task_state state;

	for (task = tasks_first(tasks); task != NULL;
	     task = TAILQ_NEXT(task, in_order))
		found[task->state]++;
	for (state = TASK_READY; state < TASK_DONE; state++) {
		ck_assert_uint_eq(counts->live[state], found[state]);
		live += found[state];
	}
	for (state = TASK_DONE; state <= TASK_TIMEOUT; state++)
		finished += counts->finished[state];
	ck_assert_uint_eq(live, tasks_live(tasks));
	ck_assert_uint_eq(finished, nended);
	ck_assert_uint_eq(counts->spawned, live + finished);
}

struct recurrence *job_recurrence;

struct spawn
job_recurring(enum recurrence_kind kind, double every)
{
	struct spawn spawn = job_spawn(root);

	job_recurrence = spawn.recurrence = recur_new(kind, every);
	return spawn;
}

struct task *
job_start(struct spawn *spawn)
{
	if (spawn->recurrence != NULL)
		recur_prepare(scheduler, spawn);
	return scheduler_spawn(scheduler, spawn);
}

struct task *
job_recur(enum recurrence_kind kind, double every)
{
	struct spawn spawn = job_recurring(kind, every);

	return job_start(&spawn);
}

struct job_run
job_fails(uint64_t run)
{
	(void)run;
	return (struct job_run){.fails = true};
}

struct job_run
job_takes_half_a_second(uint64_t run)
{
	(void)run;
	return (struct job_run){.takes = 0.5};
}

size_t
hold(struct task *task, bool only)
{
	return scheduler_pause(scheduler, task, only, paused, 16);
}

size_t
resume(struct task *task, bool only)
{
	return scheduler_resume(scheduler, task, only, NULL, 0);
}

void
pause_one(struct task *task)
{
	ck_assert_uint_eq(hold(task, ONLY), 1);
}

void
resume_one(struct task *task)
{
	ck_assert_uint_eq(resume(task, ONLY), 1);
}
