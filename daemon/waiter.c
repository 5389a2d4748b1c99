/* Requests that wait: for the outcome of tasks, or for a time. */
#include "config.h"

#include "daemon/waiter_impl.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/follow.h"
#include "proto/error.h"
#include "proto/xalloc.h"

/* Bytes that count as one task waited for: of a request's id, and of outcomes
   that are kept for its reply. By default a client may have 64 MiB of those. */
#define ID_UNIT	     128
#define OUTCOME_UNIT 1024

/* Bytes of output that one notification tells, where a reply may be as long as
   these in JSON: each byte may take six. */
#define FOLLOW_MOST  16384
#define FOLLOW_LEAST 4
#define FOLLOW_SHARE 8

/* Notifications that one write makes, so that it takes no long time. */
#define TOLD_AT_ONCE 64

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

/* To the end of that list of its caller's. */
static void
move_to(struct waiter *waiter, struct waiter_list *list)
{
	TAILQ_REMOVE(waiter->list, waiter, entry);
	TAILQ_INSERT_TAIL(list, waiter, entry);
	waiter->list = list;
}

static void
make_ready(struct waiters *waiters, struct waiter *waiter)
{
	leave_slot(waiter);
	if (waiter->follow != NULL)
		follow_unlisten(waiter->follow);
	timer_cancel(waiters->timers, &waiter->timer);
	move_to(waiter, &waiter->caller->ready);
	waiter->caller->wake(waiter->caller);
}

static void
make_telling(struct waiter *waiter)
{
	follow_unlisten(waiter->follow);
	move_to(waiter, &waiter->caller->telling);
	waiter->caller->wake(waiter->caller);
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
	if (waiter->follow != NULL)
		add_weight(waiter, follow_held(waiter->follow) / OUTCOME_UNIT);
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
	waiter->list = &caller->waiting;
	TAILQ_INSERT_TAIL(waiter->list, waiter, entry);
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

static size_t
notification_size(const struct waiters *waiters)
{
	size_t size = waiters->reply / FOLLOW_SHARE;

	if (size > FOLLOW_MOST)
		return FOLLOW_MOST;
	return size < FOLLOW_LEAST ? FOLLOW_LEAST : size;
}

void
waiter_new_follow(struct waiters *waiters, struct caller *caller,
    struct address *address, struct task *task, struct output *output,
    const struct output_read *read)
{
	struct waiter *waiter = add_waiter(caller, address, WAIT_FOLLOW, 1);
	struct output_read first = *read;

	first.limit = notification_size(waiters);
	waiter->follow = follow_new(task->id, output, &first, waiter);
	link_task(waiter, task);
	add_weight(waiter, weigh(waiter));
	make_telling(waiter);
}

/* False where there is no room, or nothing that could be told. */
static bool
tell_now(struct waiter *waiter)
{
	struct caller *caller = waiter->caller;
	char *text = NULL;

	if (waiter->list != &caller->ready && caller->has_room(caller))
		text = follow_take(waiter->follow, false);
	if (text != NULL)
		caller->tell(caller, text);
	return text != NULL;
}

void
waiters_task_writes(struct task *task, size_t length)
{
	struct follow *follow;
	size_t left = TOLD_AT_ONCE;

	while ((follow = follow_listener(task->output)) != NULL)
		make_telling(follow->waiter);
	TAILQ_FOREACH (follow, output_followers(task->output), entry)
		while (left > 0 && follow_loses(follow, length) &&
		       tell_now(follow->waiter))
			left--;
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
	if (waiter->list != &waiter->caller->waiting)
		return;
	if (waiter->mode == WAIT_FOLLOW)
		make_telling(waiter);
	else if (is_satisfied(waiter))
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

static void
cancel(struct waiters *waiters, struct waiter *waiter, const char *why)
{
	waiter->error = error_new(ERROR_CANCELLED, "%s", why);
	make_ready(waiters, waiter);
}

/* Who follows what has ended is told the rest of it. */
void
waiters_cancel(struct waiters *waiters, struct caller *caller, const char *why)
{
	struct waiter *waiter, *next;

	while ((waiter = TAILQ_FIRST(&caller->waiting)) != NULL)
		cancel(waiters, waiter, why);
	for (waiter = TAILQ_FIRST(&caller->telling); waiter != NULL;
	     waiter = next) {
		next = TAILQ_NEXT(waiter, entry);
		if (waiter->pending > 0)
			cancel(waiters, waiter, why);
	}
}

static void
waiter_delete(struct waiters *waiters, struct waiter *waiter)
{
	size_t i;

	timer_cancel(waiters->timers, &waiter->timer);
	unlink_pending(waiter);
	leave_slot(waiter);
	for (i = 0; i < waiter->count; i++)
		outcome_unref(waiter->links[i].outcome);
	TAILQ_REMOVE(waiter->list, waiter, entry);
	waiter->caller->nwaiting -= waiter->weight;
	json_decref(waiter->error);
	free(waiter->answer);
	follow_delete(waiter->follow);
	free(waiter);
}

void
waiters_drop(struct waiters *waiters, struct caller *caller,
    void (*drop)(struct caller *caller, struct address *address))
{
	struct waiter *waiter;

	while ((waiter = TAILQ_FIRST(&caller->waiting)) != NULL ||
	       (waiter = TAILQ_FIRST(&caller->telling)) != NULL ||
	       (waiter = TAILQ_FIRST(&caller->ready)) != NULL) {
		drop(caller, &waiter->address);
		waiter_delete(waiters, waiter);
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
waiter_take_notification(
    struct waiters *waiters, struct caller *caller, char **text)
{
	struct waiter *waiter = TAILQ_FIRST(&caller->telling);

	if (waiter == NULL)
		return false;
	*text = follow_take(waiter->follow, waiter->pending == 0);
	if (*text != NULL) {
		move_to(waiter, &caller->telling);
	} else if (waiter->pending == 0) {
		make_ready(waiters, waiter);
	} else {
		move_to(waiter, &caller->waiting);
		follow_listen(waiter->follow);
	}
	return true;
}

static bool
needs_all(const struct waiter *waiter)
{
	if (timer_is_set(&waiter->timer))
		return false;
	if (waiter->mode == WAIT_ANY)
		return waiter->pending == 1;
	return waiter->mode == WAIT_ONE || waiter->mode == WAIT_ALL;
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
