/* The life of a task: spawn, run, sleep, end, cancel. */
#include "config.h"

#include "daemon/scheduler_impl.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/function.h"
#include "daemon/output.h"
#include "proto/xalloc.h"

const struct scheduler_limits scheduler_default_limits = {
    .tasks = 4000000,
    .retained = 10000,
    .retained_bytes = 64 * 1024 * 1024,
    .retained_age = 24 * 60 * 60,
    .output = 64 * 1024,
};

static timer_fire_fn wake_cb;

bool
is_internal(const struct function *function)
{
	return function->summary == NULL;
}

struct tasks *
scheduler_tasks(struct scheduler *s)
{
	return s->tasks;
}

struct timers *
scheduler_timers(struct scheduler *s)
{
	return s->timers;
}

const struct scheduler_limits *
scheduler_limits(const struct scheduler *s)
{
	return &s->limits;
}

const struct scheduler_counts *
scheduler_counts(const struct scheduler *s)
{
	return &s->counts;
}

void
scheduler_set_state(
    struct scheduler *s, struct task *task, enum task_state state)
{
	s->counts.live[task->state]--;
	task->state = (uint8_t)state;
	s->counts.live[task->state]++;
}

static void
note(struct scheduler *s, enum scheduler_event what, struct task *task)
{
	if (s->hooks.happened != NULL && !is_internal(task->function))
		s->hooks.happened(s->hooks.arg, what, task);
}

void
make_ready(struct scheduler *s, struct task *task)
{
	bool was_idle = s->runqueue.count == 0;

	if (task->pause != NULL)
		return;
	runqueue_push(&s->runqueue, task);
	if (was_idle)
		s->hooks.wake(s->hooks.arg);
}

struct scheduler *
scheduler_new(struct tasks *tasks, struct timers *timers,
    const struct scheduler_limits *limits, const struct scheduler_hooks *hooks,
    const struct function *root)
{
	struct scheduler *s = xcalloc(1, sizeof *s);
	struct spawn spawn = {
	    .function = root, .timeout = -1, .owner = geteuid()};

	s->tasks = tasks;
	s->timers = timers;
	s->limits = *limits;
	s->hooks = *hooks;
	runqueue_create(&s->runqueue);
	TAILQ_INIT(&s->retained);
	s->retention.kind = TIMER_RETENTION;
	timers_handle(timers, TIMER_WAKE, wake_cb, s);
	limits_handle(s);
	timers_handle(timers, TIMER_RETENTION, retention_cb, s);
	(void)scheduler_spawn(s, &spawn);
	return s;
}

void
scheduler_delete(struct scheduler *s)
{
	struct task *task;

	for (task = tasks_first(s->tasks); task != NULL;
	     task = TAILQ_NEXT(task, in_order))
		if (task->function->forget != NULL)
			task->function->forget(task);
	timer_cancel(s->timers, &s->retention);
	free(s);
}

void
scheduler_set_gates(struct scheduler *s, const struct scheduler_gates *gates)
{
	s->gates = *gates;
}

/* By its scope, or as its timeout covers all that it waits for. */
static bool
cancels_children(const struct task *task)
{
	return task->closing && (task->scope == SCOPE_CANCEL ||
				    task->outcome->state == TASK_TIMEOUT);
}

/* A task that cancels what is below it takes no more children. */
static struct task *
open_ancestor(struct task *task)
{
	while (task != NULL && cancels_children(task))
		task = task->parent;
	return task;
}

static void
begin(struct scheduler *s, struct task *task, const struct spawn *spawn)
{
	if (is_internal(task->function) || spawn->running) {
		task->started = task->created;
		task->fresh = false;
		scheduler_set_state(s, task, TASK_RUNNING);
	} else if (task->gate != NULL) {
		scheduler_set_state(s, task, TASK_WAITING);
	} else if (spawn->delay > 0) {
		scheduler_sleep(s, task, spawn->delay);
	} else {
		make_ready(s, task);
	}
	if (task->parent != NULL && pauses_children(task->parent))
		pause_task(s, task, true);
}

struct task *
scheduler_spawn(struct scheduler *s, const struct spawn *spawn)
{
	const struct function *function = spawn->function;
	bool internal = is_internal(function);
	struct task *task;

	if (!internal && tasks_live(s->tasks) >= s->limits.tasks) {
		free(spawn->args);
		free(spawn->options);
		recurrence_delete(spawn->recurrence);
		gate_delete(spawn->gate);
		return NULL;
	}
	task = task_new(s->tasks, open_ancestor(spawn->parent), function,
	    spawn->name != NULL ? spawn->name : function->name, spawn->args,
	    internal && spawn->parent != NULL);
	task->options = spawn->options;
	task->owner = spawn->owner;
	task->scope = (uint8_t)spawn->scope;
	task->recurrence = spawn->recurrence;
	task->gate = spawn->gate;
	task->data = spawn->data;
	if (function->remember != NULL)
		function->remember(task);
	s->counts.spawned++;
	s->counts.live[TASK_READY]++;
	s->counts.internal += internal;
	if (spawn->timeout >= 0)
		limit_task(s, task, spawn->timeout);
	if (spawn->limits_run)
		limit_runs(task, spawn->run_timeout);
	begin(s, task, spawn);
	if (task->gate == NULL)
		note(s, EVENT_CREATED, task);
	return task;
}

void
scheduler_note_gated(struct scheduler *s, struct task *task)
{
	note(s, EVENT_CREATED, task);
}

/* --- the end of a task -------------------------------------------------- */

void
end_task(struct scheduler *s, struct task *task)
{
	struct task *parent = task->parent;

	timer_cancel(s->timers, &task->wake);
	limit_ends(s, task);
	runqueue_remove(&s->runqueue, task);
	drop_pause(task);
	s->counts.live[task->state]--;
	if (task->closing)
		outcome_renew(s->tasks, task->outcome, timers_now(s->timers));
	task_finish(s->tasks, task, task->outcome);
	s->counts.finished[task->state]++;
	if (parent != NULL && parent->closing && parent->nchildren == 0)
		make_ready(s, parent);
	if (task->function->ended != NULL)
		task->function->ended(s, task);
	if (task->gate != NULL)
		s->gates.ended(s->gates.arg, task);
	s->hooks.ended(s->hooks.arg, task);
	if (task->state == TASK_TIMEOUT ||
	    (task->state == TASK_FAILED && task->recurrence == NULL))
		note(s, EVENT_FAILED, task);
	note(s, EVENT_FINISHED, task);
	if (is_internal(task->function)) {
		s->counts.internal--;
		task_free(s->tasks, task);
	} else {
		retain(s, task);
	}
}

void
set_outcome(struct scheduler *s, struct task *task, enum task_state state,
    const char *text)
{
	outcome_unref(task->outcome);
	task->outcome =
	    outcome_new(s->tasks, state, text, timers_now(s->timers));
}

/* Its function has ended, its children have not. */
static void
close_scope(struct scheduler *s, struct task *task)
{
	const struct cancel cancel = {0};

	unpause(s, task);
	timer_cancel(s->timers, &task->wake);
	runqueue_remove(&s->runqueue, task);
	scheduler_set_state(s, task, TASK_WAITING);
	task->closing = true;
	if (cancels_children(task))
		cancel_below(s, task, &cancel);
}

static void
close_or_end(struct scheduler *s, struct task *task)
{
	if (task->scope != SCOPE_DETACH && task->nchildren > 0)
		close_scope(s, task);
	else
		end_task(s, task);
}

/* What a run took it gives back, as it ends. */
static void
leave_run(struct scheduler *s, struct task *task)
{
	limit_run_ends(s, task);
	if (task->gate != NULL)
		s->gates.left(s->gates.arg, task);
}

void
scheduler_end(struct scheduler *s, struct task *task, enum task_state state,
    const char *text)
{
	leave_run(s, task);
	set_outcome(s, task, state, text);
	close_or_end(s, task);
}

static void
run_ended(struct scheduler *s, struct task *task, enum task_state state,
    const char *text)
{
	if (task->recurrence != NULL)
		s->hooks.run_ended(s, task, state, text);
	else
		scheduler_end(s, task, state, text);
}

/* A run that was stopped, because the task was to end or it alone was. */
static void
stopped_run_ended(struct scheduler *s, struct task *task)
{
	struct outcome *outcome = task->outcome;

	task->stopping = false;
	if (outcome->state != TASK_FAILED) {
		outcome_renew(s->tasks, outcome, timers_now(s->timers));
		close_or_end(s, task);
		return;
	}
	task->outcome = NULL;
	run_ended(s, task, outcome->state, outcome->text);
	outcome_unref(outcome);
}

void
scheduler_finish(struct scheduler *s, struct task *task, enum task_state state,
    const char *text)
{
	leave_run(s, task);
	if (task->stopping)
		stopped_run_ended(s, task);
	else
		run_ended(s, task, state, text);
}

/* --- running ------------------------------------------------------------ */

static void
run_one(struct scheduler *s, struct task *task)
{
	if (task->closing) {
		if (task->nchildren == 0)
			end_task(s, task);
		return;
	}
	scheduler_set_state(s, task, TASK_RUNNING);
	if (task->started == 0) {
		task->started = task_wall_clock();
		note(s, EVENT_STARTED, task);
	}
	if (task->fresh) {
		task->fresh = false;
		if (task->recurrence != NULL)
			task->recurrence->run_started = task_wall_clock();
		limit_run_begins(s, task);
		task->function->start(s, task);
	} else {
		task->function->wake(s, task);
	}
}

bool
scheduler_run(struct scheduler *s, size_t most)
{
	struct task *task;

	while (most-- > 0 && (task = runqueue_pop(&s->runqueue)) != NULL)
		run_one(s, task);
	return s->runqueue.count > 0;
}

void
scheduler_sleep(struct scheduler *s, struct task *task, double seconds)
{
	scheduler_set_state(s, task, TASK_SLEEPING);
	timer_set(s->timers, &task->wake, timers_after(s->timers, seconds));
}

void
scheduler_pass(struct scheduler *s, struct task *task)
{
	scheduler_set_state(s, task, TASK_READY);
	make_ready(s, task);
}

/* It is time for a run: at once, or when its gates let it. */
static void
become_due(struct scheduler *s, struct task *task)
{
	if (task->gate == NULL) {
		scheduler_pass(s, task);
		return;
	}
	scheduler_set_state(s, task, TASK_WAITING);
	s->gates.due(s->gates.arg, task);
}

void
scheduler_note_failure(struct scheduler *s, struct task *task)
{
	note(s, EVENT_FAILED, task);
}

void
scheduler_run_again(struct scheduler *s, struct task *task, int64_t deadline)
{
	int64_t left = deadline - timers_now(s->timers);

	task->fresh = true;
	if (task->pause != NULL) {
		task->pause->state = TASK_SLEEPING;
		task->pause->wake_left = left > 0 ? left : 0;
	} else if (left > 0) {
		scheduler_set_state(s, task, TASK_SLEEPING);
		timer_set(s->timers, &task->wake, deadline);
	} else {
		become_due(s, task);
	}
}

void
scheduler_begin(struct scheduler *s, struct task *task, double delay)
{
	int64_t now = timers_now(s->timers);

	/* What it waited while it was paused does not count twice. */
	if (task->recurrence != NULL)
		s->hooks.begun(
		    task, task->pause != NULL ? task->pause->since : now);
	scheduler_run_again(
	    s, task, delay > 0 ? timers_after(s->timers, delay) : now);
}

static void
wake_cb(void *arg, struct timer *timer)
{
	struct scheduler *s = arg;
	struct task *task =
	    (struct task *)(void *)((char *)timer -
				    offsetof(struct task, wake));

	if (task->fresh)
		become_due(s, task);
	else
		scheduler_pass(s, task);
}

struct output *
scheduler_output(struct scheduler *s, struct task *task)
{
	if (task->output == NULL)
		task->output = output_new(s->limits.output);
	return task->output;
}

void
scheduler_write(struct scheduler *s, struct task *task,
    enum output_stream stream, const char *data, size_t length)
{
	struct output *output = scheduler_output(s, task);

	size_t some;

	/* By halves, so that a character that is cut by the end of one is
	   still there with the next. */
	while (length > 0 && !TAILQ_EMPTY(output_followers(output))) {
		some = output_keeps(output) / 2 + 1;
		if (some > length)
			some = length;
		s->hooks.writes(s->hooks.arg, task, some);
		output_write(output, stream, data, some);
		data += some;
		length -= some;
	}
	output_write(output, stream, data, length);
	note(s, EVENT_OUTPUT, task);
}
