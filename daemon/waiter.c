/* Requests that wait: for the outcome of tasks, or for a time. */
#include "config.h"

#include "daemon/waiter.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/task_json.h"
#include "proto/error.h"
#include "proto/limits.h"
#include "proto/reply.h"
#include "proto/xalloc.h"

/* Bytes that count as one task waited for: of a request's id, and of outcomes
   that are kept for its reply. By default a client may have 64 MiB of those. */
#define ID_UNIT	     128
#define OUTCOME_UNIT 1024

/* One task that a request waits for. */
struct wait_link {
	LIST_ENTRY(wait_link) entry; /* while it has no outcome */
	struct waiter *waiter;
	uint64_t task;
	struct outcome *outcome;
};

struct waiter {
	struct timer timer;
	TAILQ_ENTRY(waiter) entry; /* of the caller's waiting or ready */
	struct caller *caller;
	struct address address;
	enum waiter_mode mode;
	bool ready;
	int64_t since;		 /* wall clock, microseconds */
	json_t *error;		 /* the reply, where it is an error */
	struct wait_link *first; /* WAIT_ANY: the one that finished first */
	size_t pending;		 /* links without an outcome */
	size_t count;
	size_t weight; /* of caller->nwaiting */

	/* WAIT_ANSWER: */
	const char *what;
	char *answer;
	struct waiter **slot; /* NULL once it is answered */
	void (*gone)(struct waiter **slot);

	struct wait_link links[];
};

/* A task that has ended, for those who waited for it. */
struct ending {
	STAILQ_ENTRY(ending) entry;
	struct outcome *outcome;
	struct wait_list links;
};

struct waiters {
	struct timers *timers;
	size_t reply; /* bytes of one, at most */
	void (*wake)(void *arg);
	void *wake_arg;
	STAILQ_HEAD(, ending) endings;
};

static timer_fire_fn expire_cb;

struct waiters *
waiters_new(
    struct timers *timers, size_t reply, void (*wake)(void *arg), void *arg)
{
	struct waiters *waiters = xcalloc(1, sizeof *waiters);

	waiters->timers = timers;
	waiters->reply = reply;
	waiters->wake = wake;
	waiters->wake_arg = arg;
	STAILQ_INIT(&waiters->endings);
	timers_handle(timers, TIMER_WAITER, expire_cb, waiters);
	return waiters;
}

static void
ending_delete(struct waiters *waiters, struct ending *ending)
{
	STAILQ_REMOVE(&waiters->endings, ending, ending, entry);
	outcome_unref(ending->outcome);
	free(ending);
}

void
waiters_delete(struct waiters *waiters)
{
	while (!STAILQ_EMPTY(&waiters->endings))
		ending_delete(waiters, STAILQ_FIRST(&waiters->endings));
	free(waiters);
}

/* --- waiting ------------------------------------------------------------ */

/* What the request counts for its caller's bound: a long id is as much memory
   as many tasks. */
static size_t
weigh(const struct waiter *waiter)
{
	return 1 + waiter->count +
	       json_string_length(waiter->address.id) / ID_UNIT;
}

static void
unlink_pending(struct waiter *waiter)
{
	size_t i;

	for (i = 0; waiter->pending > 0 && i < waiter->count; i++) {
		if (waiter->links[i].outcome != NULL)
			continue;
		LIST_REMOVE(&waiter->links[i], entry);
		waiter->pending--;
	}
}

static void
leave_slot(struct waiter *waiter)
{
	struct waiter **slot = waiter->slot;

	if (slot == NULL)
		return;
	*slot = NULL;
	waiter->slot = NULL;
	if (waiter->gone != NULL)
		waiter->gone(slot);
}

static void
make_ready(struct waiters *waiters, struct waiter *waiter)
{
	struct caller *caller = waiter->caller;

	leave_slot(waiter);

	timer_cancel(waiters->timers, &waiter->timer);
	TAILQ_REMOVE(&caller->waiting, waiter, entry);
	TAILQ_INSERT_TAIL(&caller->ready, waiter, entry);
	waiter->ready = true;
	caller->wake(caller);
}

static bool
is_satisfied(const struct waiter *waiter)
{
	if (waiter->mode == WAIT_ANY)
		return waiter->first != NULL;
	return (waiter->mode == WAIT_ONE || waiter->mode == WAIT_ALL) &&
	       waiter->pending == 0;
}

static void
add_weight(struct waiter *waiter, size_t weight)
{
	waiter->weight += weight;
	waiter->caller->nwaiting += weight;
}

static void
note_outcome(struct wait_link *link, struct outcome *outcome)
{
	struct waiter *waiter = link->waiter;

	link->outcome = outcome_ref(outcome);
	add_weight(waiter, strlen(outcome->text) / OUTCOME_UNIT);
	if (waiter->first == NULL ||
	    outcome->order < waiter->first->outcome->order)
		waiter->first = link;
}

static void
link_task(struct waiter *waiter, struct task *task)
{
	struct wait_link *link = &waiter->links[waiter->count++];

	link->waiter = waiter;
	link->task = task->id;
	if (!task_is_live(task)) {
		note_outcome(link, task->outcome);
		return;
	}
	LIST_INSERT_HEAD(&task->joiners, link, entry);
	waiter->pending++;
}

static struct waiter *
add_waiter(struct caller *caller, struct address *address,
    enum waiter_mode mode, size_t links)
{
	struct waiter *waiter =
	    xcalloc(1, sizeof *waiter + links * sizeof waiter->links[0]);

	waiter->timer.kind = TIMER_WAITER;
	waiter->caller = caller;
	waiter->address = *address;
	memset(address, 0, sizeof *address);
	waiter->mode = mode;
	waiter->since = task_wall_clock();
	TAILQ_INSERT_TAIL(&caller->waiting, waiter, entry);
	return waiter;
}

void
waiter_new_open(struct waiters *waiters, struct caller *caller,
    struct address *address, const char *what, double timeout,
    struct waiter **slot)
{
	struct waiter *waiter = add_waiter(caller, address, WAIT_ANSWER, 0);

	waiter->what = what;
	waiter->slot = slot;
	*slot = waiter;
	add_weight(waiter, weigh(waiter));
	if (timeout >= 0)
		timer_set(waiters->timers, &waiter->timer,
		    timers_after(waiters->timers, timeout));
}

void
waiter_answer(struct waiters *waiters, struct waiter *waiter, char *result)
{
	waiter->gone = NULL;
	waiter->answer = result;
	make_ready(waiters, waiter);
}

void
waiter_refuse(struct waiters *waiters, struct waiter *waiter, json_t *error)
{
	waiter->gone = NULL;
	waiter->error = error;
	make_ready(waiters, waiter);
}

void
waiter_watch(struct waiter *waiter, void (*gone)(struct waiter **slot))
{
	waiter->gone = gone;
}

void
waiter_new(struct waiters *waiters, struct caller *caller,
    struct address *address, enum waiter_mode mode, struct task *const tasks[],
    size_t count, double timeout)
{
	struct waiter *waiter = add_waiter(caller, address, mode, count);
	size_t i;

	for (i = 0; i < count; i++)
		link_task(waiter, tasks[i]);
	add_weight(waiter, weigh(waiter));
	if (is_satisfied(waiter))
		make_ready(waiters, waiter);
	else if (timeout >= 0)
		timer_set(waiters->timers, &waiter->timer,
		    timers_after(waiters->timers, timeout));
}

void
waiters_task_ended(struct waiters *waiters, struct task *task)
{
	struct ending *ending;
	struct wait_link *first = LIST_FIRST(&task->joiners);

	if (first == NULL)
		return;
	ending = xcalloc(1, sizeof *ending);
	ending->outcome = outcome_ref(task->outcome);
	LIST_INIT(&task->joiners);
	ending->links.lh_first = first;
	first->entry.le_prev = &ending->links.lh_first;
	if (STAILQ_EMPTY(&waiters->endings))
		waiters->wake(waiters->wake_arg);
	STAILQ_INSERT_TAIL(&waiters->endings, ending, entry);
}

static void
tell(struct waiters *waiters, struct wait_link *link, struct outcome *outcome)
{
	struct waiter *waiter = link->waiter;

	LIST_REMOVE(link, entry);
	waiter->pending--;
	note_outcome(link, outcome);
	if (!waiter->ready && is_satisfied(waiter))
		make_ready(waiters, waiter);
}

bool
waiters_run(struct waiters *waiters, size_t most)
{
	struct ending *ending;
	struct wait_link *link;

	while ((ending = STAILQ_FIRST(&waiters->endings)) != NULL) {
		while ((link = LIST_FIRST(&ending->links)) != NULL) {
			if (most-- == 0)
				return true;
			tell(waiters, link, ending->outcome);
		}
		ending_delete(waiters, ending);
	}
	return false;
}

/* Ids of the tasks whose outcome is missing; `most` of them at most. */
static json_t *
pending_ids(const struct waiter *waiter, size_t most)
{
	json_t *ids = json_array();
	size_t i;

	for (i = 0; i < waiter->count && json_array_size(ids) < most; i++)
		if (waiter->links[i].outcome == NULL)
			json_array_append_new(ids,
			    json_integer((json_int_t)waiter->links[i].task));
	return ids;
}

static void
expire_cb(void *arg, struct timer *timer)
{
	struct waiter *waiter = (struct waiter *)timer;

	if (waiter->mode == WAIT_ANSWER) {
		waiter->error =
		    error_new(ERROR_TIMEOUT, "the time given ran out");
	} else if (waiter->mode != WAIT_SLEEP) {
		waiter->error = error_new(ERROR_TIMEOUT,
		    "the time given ran out, %zu of %zu tasks have not ended",
		    waiter->pending, waiter->count);
		error_set_data(waiter->error, "pending",
		    pending_ids(waiter, waiter->count));
	}
	make_ready(arg, waiter);
}

void
waiters_cancel(struct waiters *waiters, struct caller *caller, const char *why)
{
	struct waiter *waiter;

	while ((waiter = TAILQ_FIRST(&caller->waiting)) != NULL) {
		waiter->error = error_new(ERROR_CANCELLED, "%s", why);
		make_ready(waiters, waiter);
	}
}

static void
waiter_delete(struct waiters *waiters, struct waiter *waiter)
{
	struct caller *caller = waiter->caller;
	size_t i;

	timer_cancel(waiters->timers, &waiter->timer);
	unlink_pending(waiter);
	leave_slot(waiter);
	for (i = 0; i < waiter->count; i++)
		outcome_unref(waiter->links[i].outcome);
	TAILQ_REMOVE(
	    waiter->ready ? &caller->ready : &caller->waiting, waiter, entry);
	caller->nwaiting -= waiter->weight;
	json_decref(waiter->error);
	free(waiter->answer);
	free(waiter);
}

void
waiters_drop(struct waiters *waiters, struct caller *caller,
    void (*drop)(struct caller *caller, struct address *address))
{
	struct waiter *waiter;

	while ((waiter = TAILQ_FIRST(&caller->waiting)) != NULL ||
	       (waiter = TAILQ_FIRST(&caller->ready)) != NULL) {
		drop(caller, &waiter->address);
		waiter_delete(waiters, waiter);
	}
}

/* --- answering ---------------------------------------------------------- */

/* ": why" after what happened to the task, where that says more. */
static char *
why(enum task_state state, const json_t *cause)
{
	const json_t *data = json_object_get(cause, "data");

	if (state == TASK_FAILED || json_object_get(data, "reason") != NULL ||
	    json_object_get(data, "cause") != NULL)
		return xasprintf(": %s",
		    json_string_value(json_object_get(cause, "message")));
	return xstrdup("");
}

static json_t *
join_error(const struct wait_link *link)
{
	static const char *const how[] = {
	    [TASK_FAILED] = "failed",
	    [TASK_CANCELLED] = "was cancelled",
	    [TASK_TIMEOUT] = "timed out",
	};
	enum task_state state = link->outcome->state;
	json_t *cause = task_json_error(link->outcome);
	char *because = why(state, cause);
	json_t *error = error_new(ERROR_JOIN, "task %" PRIu64 " %s%s",
	    link->task, how[state], because);

	free(because);
	error_set_data(error, "task", json_integer((json_int_t)link->task));
	error_set_data(error, "state", json_string(task_state_name(state)));
	error_set_data(error, "cause", cause);
	return error;
}

static void
write_outcome(FILE *out, const struct wait_link *link)
{
	fprintf(out, "{\"task\":%" PRIu64 ",\"state\":\"%s\",", link->task,
	    task_state_name(link->outcome->state));
	task_json_outcome(out, link->outcome);
	fputc('}', out);
}

/* Whether the results are small enough to be put in one reply. */
static bool
fits_reply(const struct waiters *waiters, const struct waiter *waiter)
{
	size_t i, bytes = 0;

	if (waiter->mode == WAIT_ANY)
		return strlen(waiter->first->outcome->text) <= waiters->reply;
	for (i = 0; i < waiter->count; i++)
		bytes += strlen(waiter->links[i].outcome->text);
	return bytes <= waiters->reply;
}

static char *
reply_outcomes(const struct waiter *waiter)
{
	char *result, *reply;
	size_t size, i;
	FILE *out = xopen_memstream(&result, &size);

	if (waiter->mode == WAIT_ANY) {
		write_outcome(out, waiter->first);
	} else {
		fputc('[', out);
		for (i = 0; i < waiter->count; i++) {
			fputs(i == 0 ? "" : ",", out);
			write_outcome(out, &waiter->links[i]);
		}
		fputc(']', out);
	}
	fclose(out);
	reply = reply_new_result(waiter->address.id, result);
	free(result);
	return reply;
}

static char *
reply_error(const json_t *id, json_t *error)
{
	char *reply = reply_new_error(id, error);

	json_decref(error);
	return reply;
}

static char *
reply_to(const struct waiters *waiters, const struct waiter *waiter)
{
	const json_t *id = waiter->address.id;

	if (waiter->error != NULL)
		return reply_new_error(id, waiter->error);
	switch (waiter->mode) {
	case WAIT_SLEEP:
		return reply_new_result(id, "null");
	case WAIT_ANSWER:
		return reply_new_result(id, waiter->answer);
	case WAIT_ONE:
		if (waiter->first->outcome->state != TASK_DONE)
			return reply_error(id, join_error(waiter->first));
		return reply_new_result(id, waiter->first->outcome->text);
	default:
		if (!fits_reply(waiters, waiter))
			return reply_error(
			    id, error_new_limit("reply", waiters->reply));
		return reply_outcomes(waiter);
	}
}

char *
waiter_take_reply(
    struct waiters *waiters, struct caller *caller, struct address *address)
{
	struct waiter *waiter = TAILQ_FIRST(&caller->ready);
	char *text;

	if (waiter == NULL)
		return NULL;
	text = reply_to(waiters, waiter);
	*address = waiter->address;
	waiter_delete(waiters, waiter);
	return text;
}

bool
waiters_describe(FILE *out, const struct caller *caller)
{
	const struct waiter *waiter = TAILQ_FIRST(&caller->waiting);
	json_t *ids;

	if (waiter == NULL)
		return false;
	if (waiter->mode == WAIT_SLEEP) {
		fputs("{\"for\":\"sleep\"", out);
	} else if (waiter->mode == WAIT_ANSWER) {
		fprintf(out, "{\"for\":\"%s\"", waiter->what);
	} else {
		ids = pending_ids(waiter, LIMIT_ERROR_IDS);
		fputs("{\"for\":\"join\",\"tasks\":", out);
		json_dumpf(ids, out, JSON_COMPACT);
		fprintf(out, ",\"count\":%zu", waiter->pending);
		json_decref(ids);
	}
	fputs(",\"since\":", out);
	task_json_time(out, waiter->since);
	fputc('}', out);
	return true;
}

static bool
needs_all(const struct waiter *waiter)
{
	return !timer_is_set(&waiter->timer) &&
	       (waiter->mode != WAIT_ANY || waiter->pending == 1);
}

bool
waiters_each_join(const struct caller *caller,
    bool (*visit)(void *arg, uint64_t task), void *arg)
{
	const struct waiter *waiter;
	size_t i;

	TAILQ_FOREACH (waiter, &caller->waiting, entry)
		for (i = 0; needs_all(waiter) && i < waiter->count; i++)
			if (waiter->links[i].outcome == NULL &&
			    !visit(arg, waiter->links[i].task))
				return false;
	return true;
}
