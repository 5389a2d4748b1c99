/* Finished tasks are kept until the bounds let the oldest go. */
#include "config.h"

#include "daemon/scheduler_impl.h"

#include <string.h>

#include "daemon/function.h"
#include "daemon/output.h"

static size_t
length_of(const char *text)
{
	return text == NULL ? 0 : strlen(text);
}

static size_t
bytes_of_attempts(const struct recurrence *r)
{
	size_t bytes = 0, i;

	if (r->kind != RECUR_RETRY)
		return 0;
	for (i = 0; i < RECUR_ATTEMPTS; i++)
		bytes +=
		    sizeof r->attempts[i] + length_of(r->attempts[i].error);
	return bytes;
}

static size_t
bytes_of(const struct task *task)
{
	const struct recurrence *r = task->recurrence;
	size_t bytes = sizeof *task + strlen(task_name(task)) +
		       length_of(task->args) + length_of(task->options) +
		       sizeof *task->outcome + strlen(task->outcome->text);

	if (task->output != NULL)
		bytes += output_held(task->output);
	if (r != NULL)
		bytes += sizeof *r + length_of(r->last_error) +
			 length_of(r->last_result) + bytes_of_attempts(r);
	if (task->gate != NULL)
		bytes += sizeof *task->gate + strlen(task->gate->pool_name);
	return bytes;
}

static void
let_go(struct scheduler *s, struct task *task)
{
	TAILQ_REMOVE(&s->retained, task, queue);
	s->counts.retained--;
	s->counts.retained_bytes -= bytes_of(task);
	if (task->function->forget != NULL)
		task->function->forget(task);
	task_free(s->tasks, task);
}

/* In ns; what is more than the clock can hold is for ever. */
static int64_t
age_limit(const struct scheduler *s)
{
	const size_t most = (size_t)(INT64_MAX / 2 / NS_PER_SECOND);

	return (int64_t)(s->limits.retained_age < most ?
			     s->limits.retained_age :
			     most) *
	       NS_PER_SECOND;
}

/* Lets the oldest go until the bounds hold, and waits for the next one. */
static void
enforce_retention(struct scheduler *s)
{
	int64_t age = age_limit(s);
	int64_t now = timers_now(s->timers);
	struct task *oldest;

	while ((oldest = TAILQ_FIRST(&s->retained)) != NULL &&
	       (s->counts.retained > s->limits.retained ||
		   s->counts.retained_bytes > s->limits.retained_bytes ||
		   oldest->outcome->ended + age <= now))
		let_go(s, oldest);
	if (oldest == NULL)
		timer_cancel(s->timers, &s->retention);
	else if (!timer_is_set(&s->retention))
		timer_set(
		    s->timers, &s->retention, oldest->outcome->ended + age);
}

void
retention_cb(void *arg, struct timer *timer)
{
	(void)timer;
	enforce_retention(arg);
}

void
retain(struct scheduler *s, struct task *task)
{
	TAILQ_INSERT_TAIL(&s->retained, task, queue);
	s->counts.retained++;
	s->counts.retained_bytes += bytes_of(task);
	enforce_retention(s);
}

void
scheduler_forget(struct scheduler *s, struct task *task)
{
	let_go(s, task);
	enforce_retention(s);
}
