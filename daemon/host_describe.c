/* What programs are asked: to describe a task that they host, for `show`. */
#include "config.h"

#include "daemon/host_impl.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/caller.h"
#include "daemon/scheduler.h"
#include "daemon/task_json.h"
#include "daemon/waiter.h"
#include "proto/compact.h"
#include "proto/error.h"
#include "proto/reply.h"
#include "proto/xalloc.h"

struct question {
	struct timer timer; /* first: a timer is its question */
	UT_hash_handle hh;
	TAILQ_ENTRY(question) unasked;
	LIST_ENTRY(question) of_task;
	struct host *host; /* it hosts the task */
	uint64_t task;
	uint64_t number;       /* 0: not asked yet */
	struct waiter *waiter; /* NULL: nobody waits for it any more */
};

/* --- the reply to who asked --------------------------------------------- */

/* The task in full; `description` is JSON, NULL where it is not hosted. */
static char *
show(struct hosts *hosts, const struct task *task, const char *description)
{
	char *text;
	size_t size;
	FILE *out = xopen_memstream(&text, &size);

	fputc('{', out);
	task_json_full(out, hosts->scheduler, task);
	if (description != NULL)
		fprintf(out, ",\"describe\":%s", description);
	fputc('}', out);
	fclose(out);
	return text;
}

/* Answers what waits for it, and frees it. */
static void
answer(struct question *question, const char *description)
{
	struct host *host = question->host;
	struct hosts *hosts = host->hosts;
	struct task *task =
	    task_find(scheduler_tasks(hosts->scheduler), question->task);

	timer_cancel(scheduler_timers(hosts->scheduler), &question->timer);
	LIST_REMOVE(question, of_task);
	if (question->number == 0)
		TAILQ_REMOVE(&host->unasked, question, unasked);
	else
		HASH_DEL(host->asked, question);
	if (question->waiter != NULL && task != NULL)
		waiter_answer(hosts->waiters, question->waiter,
		    show(hosts, task, description));
	else if (question->waiter != NULL)
		waiter_refuse(hosts->waiters, question->waiter,
		    error_new(ERROR_NO_SUCH_TASK, "no task has the id %" PRIu64,
			question->task));
	free(question);
}

static void
expire_cb(void *arg, struct timer *timer)
{
	(void)arg;
	answer((struct question *)timer, "null");
}

void
questions_handle_timers(struct hosts *hosts)
{
	timers_handle(scheduler_timers(hosts->scheduler), TIMER_DESCRIBE,
	    expire_cb, NULL);
}

void
questions_move(struct question_list *from, struct question_list *to)
{
	LIST_INIT(to);
	if (LIST_EMPTY(from))
		return;
	LIST_FIRST(to) = LIST_FIRST(from);
	LIST_FIRST(to)->of_task.le_prev = &LIST_FIRST(to);
	LIST_INIT(from);
}

void
questions_end(struct question_list *questions)
{
	while (!LIST_EMPTY(questions))
		/* NOLINTNEXTLINE: that one was taken out */
		answer(LIST_FIRST(questions), NULL);
}

/* --- asking ------------------------------------------------------------- */

bool
host_describe(struct caller *caller, struct address *address, struct task *task)
{
	struct hosted *hosted = hosted_of(task);
	struct question *question;
	struct host *host;

	if (hosted == NULL || hosted->host->caller == NULL)
		return false;
	host = hosted->host;
	question = xcalloc(1, sizeof *question);
	question->timer.kind = TIMER_DESCRIBE;
	question->host = host;
	question->task = task->id;
	LIST_INSERT_HEAD(&hosted->questions, question, of_task);
	TAILQ_INSERT_TAIL(&host->unasked, question, unasked);
	waiter_new_open(host->hosts->waiters, caller, address, "describe", -1,
	    &question->waiter);
	timer_set(scheduler_timers(host->hosts->scheduler), &question->timer,
	    timers_after(
		scheduler_timers(host->hosts->scheduler), HOST_DESCRIBE));
	host->caller->wake(host->caller);
	return true;
}

char *
question_take_line(struct host *host)
{
	struct question *question = TAILQ_FIRST(&host->unasked);

	if (question == NULL)
		return NULL;
	TAILQ_REMOVE(&host->unasked, question, unasked);
	question->number = ++host->last_question;
	HASH_ADD(hh, host->asked, number, sizeof question->number, question);
	return xasprintf(
	    "{\"jsonrpc\":\"2.0\",\"id\":\"d%" PRIu64
	    "\",\"method\":\"describe\",\"params\":{\"task\":%" PRIu64 "}}",
	    question->number, question->task);
}

/* --- the answer --------------------------------------------------------- */

/* The number of a question that was asked, 0 for any other id. */
static uint64_t
read_number(const struct host *host, const json_t *id)
{
	const char *text = json_string_value(id);
	char *end, again[32];
	uint64_t number;

	if (text == NULL || *text != 'd')
		return 0;
	number = strtoull(text + 1, &end, 10);
	snprintf(again, sizeof again, "d%" PRIu64, number);
	if (number > host->last_question || strcmp(again, text) != 0 ||
	    strlen(again) != json_string_length(id))
		return 0;
	return number;
}

bool
host_hear(struct caller *caller, json_t *value)
{
	struct host *host = caller->host;
	struct question *question;
	struct reply reply;
	uint64_t number;
	char *text;

	if (host == NULL || reply_read(&reply, value) == -1)
		return false;
	number = read_number(host, reply.id);
	if (number == 0)
		return false;
	HASH_FIND(hh, host->asked, &number, sizeof number, question);
	if (question == NULL) /* too late */
		return true;
	if (!json_is_object(reply.result)) {
		answer(question, "null");
		return true;
	}
	text = compact_text(reply.result);
	answer(question, text);
	free(text);
	return true;
}
