/* Random requests of several callers, who vanish at random, for tasks that end
   at random: each is answered once, by what a naive model says. */
#include "config.h"

#include "daemon/waiter.h"

#include <stdlib.h>
#include <string.h>

#include "proto/error.h"
#include "proto/xalloc.h"
#include "tests/asker.h"
#include "tests/unit.h"

#define STEPS	50000
#define CALLERS 5
#define ASKED	4 /* tasks of one request, at most */
#define MOST	40

static struct caller callers[CALLERS];

/* By id: the place of each task among those that ended, 0 while it lives. */
static size_t places[STEPS + 2];
static size_t nended;
static uint64_t last_task;

/* By id: what was asked, and whether it is settled. */
static struct {
	struct caller *caller;
	enum waiter_mode mode;
	uint64_t tasks[ASKED];
	size_t ntasks;
	int64_t deadline; /* INT64_MAX: none */
	bool settled;
} requests[STEPS];
static size_t nrequests;

static void
wake(struct caller *who)
{
	unit_check(!TAILQ_EMPTY(&who->ready));
}

static void
note_end(struct task *task)
{
	places[task->id] = ++nended;
	waiters_task_ended(waiters, task);
}

static void
setup(void)
{
	size_t i;

	asker_setup();
	stage_ended = note_end;
	memset(callers, 0, sizeof callers);
	for (i = 0; i < CALLERS; i++) {
		TAILQ_INIT(&callers[i].waiting);
		TAILQ_INIT(&callers[i].telling);
		TAILQ_INIT(&callers[i].ready);
		callers[i].wake = wake;
	}
	memset(places, 0, sizeof places);
	nended = nrequests = 0;
	last_task = TASK_ROOT_ID;
}

/* --- what a reply must be ----------------------------------------------- */

/* The one of those asked that ended first; 0 where none has. */
static uint64_t
first_of(size_t request)
{
	uint64_t first = 0, id;
	size_t i;

	for (i = 0; i < requests[request].ntasks; i++) {
		id = requests[request].tasks[i];
		if (places[id] != 0 &&
		    (first == 0 || places[id] < places[first]))
			first = id;
	}
	return first;
}

static bool
have_all_ended(size_t request)
{
	size_t i;

	for (i = 0; i < requests[request].ntasks; i++)
		if (places[requests[request].tasks[i]] == 0)
			return false;
	return true;
}

/* Each task's result is its id. */
static char *
want_all(size_t request)
{
	char *text, *part = xstrdup("[");
	size_t i;

	for (i = 0; i < requests[request].ntasks; i++) {
		unsigned long id = (unsigned long)requests[request].tasks[i];

		text = xasprintf(
		    "%s%s{\"task\":%lu,\"state\":\"done\",\"result\":%lu}",
		    part, i == 0 ? "" : ",", id, id);
		free(part);
		part = text;
	}
	text = xasprintf("%s]", part);
	free(part);
	return text;
}

static char *
want_result(size_t request)
{
	unsigned long first = (unsigned long)first_of(request);

	switch (requests[request].mode) {
	case WAIT_SLEEP:
		unit_check(requests[request].deadline <= now);
		return xstrdup("null");
	case WAIT_ONE:
		return xasprintf("%lu", first);
	case WAIT_ANY:
		return xasprintf(
		    "{\"task\":%lu,\"state\":\"done\",\"result\":%lu}", first,
		    first);
	default:
		unit_check(have_all_ended(request));
		return want_all(request);
	}
}

static void
check_reply(size_t request, const char *reply)
{
	char *result, *want;

	if (strstr(reply, "\"TimeoutError\"") != NULL) {
		unit_check(requests[request].mode != WAIT_SLEEP);
		unit_check(requests[request].deadline <= now);
		return;
	}
	result = want_result(request);
	want = xasprintf(
	    "{\"jsonrpc\":\"2.0\",\"id\":%zu,\"result\":%s}", request, result);
	unit_check(strcmp(reply, want) == 0);
	free(want);
	free(result);
}

/* --- steps -------------------------------------------------------------- */

static void
settle(struct caller *who, struct address *address)
{
	size_t request = (size_t)json_integer_value(address->id);

	unit_check(request < nrequests);
	unit_check(requests[request].caller == who);
	unit_check(!requests[request].settled);
	requests[request].settled = true;
	json_decref(address->id);
}

static void
take_replies(struct caller *who)
{
	struct address address;
	char *reply;

	while ((reply = take_from(who, &address)) != NULL) {
		check_reply((size_t)json_integer_value(address.id), reply);
		settle(who, &address);
		free(reply);
	}
}

static struct task *
random_live(void)
{
	struct task *task = TAILQ_FIRST(&root->children);
	size_t i = root->nchildren == 0 ? 0 : unit_below(root->nchildren);

	while (i-- > 0)
		task = TAILQ_NEXT(task, sibling);
	return task;
}

/* One that lives, or one of the last ones, which are all retained. */
static struct task *
random_task(void)
{
	uint64_t recent = last_task > MOST ? last_task - MOST : TASK_ROOT_ID;

	if (root->nchildren > 0 && unit_one_in(2))
		return random_live();
	return task_find(tasks, recent + 1 + unit_below(last_task - recent));
}

static void
ask(struct caller *who, enum waiter_mode mode, double seconds)
{
	struct task *which[ASKED];
	size_t most = mode == WAIT_SLEEP ? 0 :
		      mode == WAIT_ONE	 ? 1 :
					   1 + unit_below(ASKED);
	size_t count = 0;
	struct address address = {.id = json_integer((json_int_t)nrequests)};

	for (; count < most; count++) {
		which[count] = random_task();
		requests[nrequests].tasks[count] = which[count]->id;
	}
	requests[nrequests].caller = who;
	requests[nrequests].mode = mode;
	requests[nrequests].ntasks = count;
	requests[nrequests].settled = false;
	requests[nrequests].deadline =
	    seconds < 0 ? INT64_MAX : timers_after(timers, seconds);
	nrequests++;
	waiter_new(waiters, who, &address, mode, which, count, seconds);
}

static void
ask_random(void)
{
	enum waiter_mode mode = unit_below(4);
	double seconds = unit_one_in(3) || mode == WAIT_SLEEP ?
			     (double)unit_below(3000) / 1000 :
			     -1;

	if (last_task == TASK_ROOT_ID)
		return; /* no task yet */
	ask(&callers[unit_below(CALLERS)], mode, seconds);
}

static void
end_random(void)
{
	struct task *task = random_live();

	if (task != NULL)
		finish_with_id(task);
}

static void
step(void)
{
	switch (unit_below(12)) {
	case 0:
		waiters_drop(waiters, &callers[unit_below(CALLERS)], settle);
		break;
	case 1:
	case 2:
		take_replies(&callers[unit_below(CALLERS)]);
		break;
	case 3:
		stage_advance((double)unit_below(500) / 1000);
		break;
	case 4:
	case 5:
		(void)waiters_run(waiters, unit_below(6));
		break;
	case 6:
	case 7:
		if (tasks_live(tasks) < MOST)
			last_task = actor()->id;
		break;
	case 8:
		end_random();
		break;
	default:
		ask_random();
	}
}

START_TEST(each_request_is_answered_once_and_rightly)
{
	size_t i;

	for (i = 0; i < STEPS; i++)
		step();
	for (i = TASK_ROOT_ID + 1; i <= last_task; i++)
		if (places[i] == 0)
			finish_with_id(task_find(tasks, i));
	tell_all();
	stage_advance(3);
	for (i = 0; i < CALLERS; i++) {
		take_replies(&callers[i]);
		ck_assert_uint_eq(callers[i].nwaiting, 0);
	}
	for (i = 0; i < nrequests; i++)
		unit_check(requests[i].settled);
	ck_assert_uint_gt(nrequests, STEPS / 10);
	ck_assert_uint_gt(nended, STEPS / 50);
	ck_assert_uint_eq(timers_count(timers), nended > 0);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    each_request_is_answered_once_and_rightly,
	};

	return unit_run("waiter_random", setup, asker_teardown, tests,
	    sizeof tests / sizeof tests[0]);
}
