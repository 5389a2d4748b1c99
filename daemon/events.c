/* What happens to tasks, told to those who subscribed to it. */
#include "config.h"

#include "daemon/events.h"

#include <fnmatch.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "daemon/caller.h"
#include "daemon/task.h"
#include "daemon/task_json.h"
#include "proto/xalloc.h"

/* How far up a task is looked for: no event may take long. */
#define DEPTH_MOST 1000

/* Shared by all who are told of it. */
struct happening {
	uint32_t refs;
	enum scheduler_event what;
	uint64_t task;
	char *text; /* members of the params */
};

struct queued {
	TAILQ_ENTRY(queued) entry;
	struct happening *happening;
};

/* Its events are numbered from 1; those queued are the last ones. */
struct subscription {
	LIST_ENTRY(subscription) entry;
	struct caller *caller;
	struct event_filter filter;
	char *name;
	TAILQ_HEAD(queue, queued) queue;
	size_t count;
	uint64_t last;	 /* number of the last event */
	uint64_t missed; /* that went before they were read, and not told yet */
};

struct events {
	LIST_HEAD(, subscription) subscriptions;
	size_t count;
};

static const char *const names[] = {
    [EVENT_CREATED] = "created",
    [EVENT_STARTED] = "started",
    [EVENT_FINISHED] = "finished",
    [EVENT_FAILED] = "failed",
    [EVENT_OUTPUT] = "output",
};

struct events *
events_new(void)
{
	struct events *events = xcalloc(1, sizeof *events);

	LIST_INIT(&events->subscriptions);
	return events;
}

void
events_delete(struct events *events)
{
	free(events);
}

static void
release(struct happening *happening)
{
	if (--happening->refs > 0)
		return;
	free(happening->text);
	free(happening);
}

static void
drop_first(struct subscription *subscription)
{
	struct queued *queued = TAILQ_FIRST(&subscription->queue);

	TAILQ_REMOVE(&subscription->queue, queued, entry);
	subscription->count--;
	release(queued->happening);
	free(queued);
}

void
events_unsubscribe(struct events *events, struct caller *caller)
{
	struct subscription *subscription = caller->subscription;

	if (subscription == NULL)
		return;
	caller->subscription = NULL;
	while (!TAILQ_EMPTY(&subscription->queue))
		drop_first(subscription);
	LIST_REMOVE(subscription, entry);
	events->count--;
	free(subscription->name);
	free(subscription);
}

int
events_subscribe(struct events *events, struct caller *caller,
    const struct event_filter *filter)
{
	struct subscription *subscription;

	if (caller->subscription == NULL &&
	    events->count >= EVENTS_SUBSCRIPTIONS)
		return -1;
	events_unsubscribe(events, caller);
	subscription = xcalloc(1, sizeof *subscription);
	subscription->caller = caller;
	subscription->filter = *filter;
	if (filter->name != NULL)
		subscription->name = xstrdup(filter->name);
	TAILQ_INIT(&subscription->queue);
	LIST_INSERT_HEAD(&events->subscriptions, subscription, entry);
	events->count++;
	caller->subscription = subscription;
	return 0;
}

/* --- what happens -------------------------------------------------------- */

static bool
is_below(
    const struct scheduler *scheduler, const struct task *task, uint64_t top)
{
	struct tasks *tasks = scheduler_tasks((struct scheduler *)scheduler);
	int steps;

	for (steps = 0; task != NULL && steps < DEPTH_MOST; steps++) {
		if (task->id == top)
			return true;
		task = task_is_live(task) ? task->parent :
					    task_find(tasks, task->parent_id);
	}
	return false;
}

/* One who was not yet told of a task's output is not told of more. */
static bool
is_known(const struct subscription *subscription, enum scheduler_event what,
    const struct task *task)
{
	const struct queued *last = TAILQ_LAST(&subscription->queue, queue);

	return what == EVENT_OUTPUT && last != NULL &&
	       last->happening->what == what &&
	       last->happening->task == task->id;
}

static bool
wants(const struct subscription *subscription, struct scheduler *scheduler,
    enum scheduler_event what, const struct task *task)
{
	const struct event_filter *filter = &subscription->filter;

	return (filter->what & 1U << what) != 0 &&
	       (subscription->name == NULL ||
		   fnmatch(subscription->name, task_name(task), 0) == 0) &&
	       (filter->task == 0 || is_below(scheduler, task, filter->task)) &&
	       !is_known(subscription, what, task);
}

static struct happening *
happening_new(struct scheduler *scheduler, enum scheduler_event what,
    const struct task *task)
{
	struct happening *happening = xcalloc(1, sizeof *happening);
	size_t size;
	FILE *out = xopen_memstream(&happening->text, &size);

	happening->what = what;
	happening->task = task->id;
	happening->refs = 1;
	fprintf(out, "\"what\":\"%s\",\"time\":", names[what]);
	task_json_time(out, task_wall_clock());
	fputs(",\"task\":{", out);
	task_json_row(out, scheduler, task);
	fputc('}', out);
	fclose(out);
	return happening;
}

static void
push(struct subscription *subscription, struct happening *happening)
{
	struct queued *queued = xcalloc(1, sizeof *queued);

	queued->happening = happening;
	happening->refs++;
	TAILQ_INSERT_TAIL(&subscription->queue, queued, entry);
	subscription->last++;
	if (++subscription->count > EVENTS_QUEUED) {
		drop_first(subscription);
		subscription->missed++;
	}
	subscription->caller->wake(subscription->caller);
}

void
events_note(struct events *events, struct scheduler *scheduler,
    enum scheduler_event what, const struct task *task)
{
	struct subscription *subscription;
	struct happening *happening = NULL;

	LIST_FOREACH (subscription, &events->subscriptions, entry) {
		if (!wants(subscription, scheduler, what, task))
			continue;
		if (happening == NULL)
			happening = happening_new(scheduler, what, task);
		push(subscription, happening);
	}
	if (happening != NULL)
		release(happening);
}

/* --- what is told -------------------------------------------------------- */

#define NOTIFICATION "{\"jsonrpc\":\"2.0\",\"method\":\"event\",\"params\":{"

char *
events_take(struct caller *caller)
{
	struct subscription *subscription = caller->subscription;
	uint64_t first;
	char *text;

	if (subscription == NULL || subscription->count == 0)
		return NULL;
	first = subscription->last - subscription->count + 1;
	if (subscription->missed > 0) {
		text = xasprintf(NOTIFICATION
		    "\"what\":\"missed\",\"from\":%" PRIu64 ",\"to\":%" PRIu64
		    "}}",
		    first - subscription->missed, first - 1);
		subscription->missed = 0;
		return text;
	}
	text = xasprintf(NOTIFICATION "\"number\":%" PRIu64 ",%s}}", first,
	    TAILQ_FIRST(&subscription->queue)->happening->text);
	drop_first(subscription);
	return text;
}

bool
events_wait(const struct caller *caller)
{
	return caller->subscription != NULL && caller->subscription->count > 0;
}
