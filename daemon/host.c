/* Programs that are connected, and the tasks that they host. */
#include "config.h"

#include "daemon/host_impl.h"

#include <inttypes.h>
#include <stdlib.h>

#include "daemon/caller.h"
#include "daemon/mailbox.h"
#include "daemon/quote.h"
#include "daemon/scheduler.h"
#include "proto/xalloc.h"

struct hosts *
hosts_new(struct scheduler *scheduler, struct waiters *waiters,
    struct mailboxes *mailboxes, void (*wake)(void *arg), void *arg)
{
	struct hosts *hosts = xcalloc(1, sizeof *hosts);

	hosts->scheduler = scheduler;
	hosts->waiters = waiters;
	hosts->mailboxes = mailboxes;
	hosts->wake = wake;
	hosts->wake_arg = arg;
	TAILQ_INIT(&hosts->gone);
	questions_handle_timers(hosts);
	return hosts;
}

struct host *
host_of(struct hosts *hosts, struct caller *caller)
{
	struct host *host = caller->host;

	if (host != NULL)
		return host;
	host = xcalloc(1, sizeof *host);
	host->hosts = hosts;
	host->caller = caller;
	LIST_INIT(&host->tasks);
	TAILQ_INIT(&host->untold);
	TAILQ_INIT(&host->unasked);
	TAILQ_INIT(&host->offers);
	caller->host = host;
	return host;
}

static void
host_delete(struct host *host)
{
	TAILQ_REMOVE(&host->hosts->gone, host, gone);
	free(host);
}

void
hosts_delete(struct hosts *hosts)
{
	while (!TAILQ_EMPTY(&hosts->gone))
		/* NOLINTNEXTLINE: that one was taken out */
		host_delete(TAILQ_FIRST(&hosts->gone));
	free(hosts);
}

/* --- a task in a program ------------------------------------------------ */

struct hosted *
hosted_of(const struct task *task)
{
	return task->function->stop == host_function.stop ? task->data : NULL;
}

static void
link_task(struct hosted *hosted, struct task *task)
{
	hosted->task = task;
	task->data = hosted;
	LIST_INSERT_HEAD(&hosted->host->tasks, hosted, entry);
}

static struct hosted *
hosted_new(struct host *host)
{
	struct hosted *hosted = xcalloc(1, sizeof *hosted);

	hosted->host = host;
	LIST_INIT(&hosted->questions);
	return hosted;
}

static void
hosted_delete(struct hosted *hosted)
{
	hosted->task->data = NULL;
	LIST_REMOVE(hosted, entry);
	if (hosted->queued)
		TAILQ_REMOVE(&hosted->host->untold, hosted, untold);
	free(hosted);
}

/* The program has no part in the task any more. */
static void
end_run(struct hosted *hosted, enum task_state state, const char *text)
{
	struct scheduler *scheduler = hosted->host->hosts->scheduler;
	struct task *task = hosted->task;
	struct question_list questions;

	questions_move(&hosted->questions, &questions);
	hosted_delete(hosted);
	scheduler_finish(scheduler, task, state, text);
	questions_end(&questions);
}

/* --- what is told ------------------------------------------------------- */

/* A run that is over before the program has heard of it is none to it. */
static bool
has_news(const struct hosted *hosted)
{
	if (hosted->run)
		return !hosted->task->stopping;
	return hosted->cancel || hosted->held != hosted->told_held ||
	       !mailbox_is_empty(hosted->host->hosts->mailboxes, hosted->task);
}

static void
note_news(struct hosted *hosted)
{
	struct host *host = hosted->host;

	if (hosted->queued || host->caller == NULL || !has_news(hosted))
		return;
	TAILQ_INSERT_TAIL(&host->untold, hosted, untold);
	hosted->queued = true;
	host->caller->wake(host->caller);
}

#define NOTIFICATION "{\"jsonrpc\":\"2.0\",\"method\":\"%s\",\"params\":"

static char *
run_line(const struct task *task)
{
	char *name = quote(task->function->name);
	char *line = xasprintf(NOTIFICATION
	    "{\"task\":%" PRIu64
	    ",\"function\":%s,\"args\":%s,\"options\":%s}}",
	    "run", task->id, name, task->args == NULL ? "[]" : task->args,
	    task->options == NULL ? "{}" : task->options);

	free(name);
	return line;
}

/* JSON, or NULL where none was given. */
static const char *
reason_of(const struct outcome *outcome)
{
	if (outcome->state == TASK_TIMEOUT)
		return "\"the task's timeout ran out\"";
	return *outcome->text == '\0' ? NULL : outcome->text;
}

static char *
cancel_line(struct hosts *hosts, const struct task *task)
{
	struct timers *timers = scheduler_timers(hosts->scheduler);
	int64_t left = task->wake.deadline - timers_now(timers);
	const char *reason = reason_of(task->outcome);

	return xasprintf(NOTIFICATION "{\"task\":%" PRIu64
				      "%s%s,\"grace\":%.3f}}",
	    "cancel", task->id,
	    reason == NULL ? "" : ",\"reason\":", reason == NULL ? "" : reason,
	    left > 0 ? (double)left / NS_PER_SECOND : 0.0);
}

static char *
message_line(const struct hosted *hosted)
{
	char *message =
	    mailbox_take(hosted->host->hosts->mailboxes, hosted->task);
	char *line = xasprintf(NOTIFICATION "{\"task\":%" PRIu64 ",%s}",
	    "message", hosted->task->id, message + 1);

	free(message);
	return line;
}

/* One line of its news. */
static char *
tell(struct hosted *hosted)
{
	const struct task *task = hosted->task;

	if (hosted->run) {
		hosted->run = false;
		return run_line(task);
	}
	if (hosted->held != hosted->told_held) {
		hosted->told_held = hosted->held;
		return xasprintf(NOTIFICATION "{\"task\":%" PRIu64 "}}",
		    hosted->held ? "pause" : "resume", task->id);
	}
	if (!hosted->cancel)
		return message_line(hosted);
	hosted->cancel = false;
	return cancel_line(hosted->host->hosts, task);
}

char *
host_take_line(struct caller *caller)
{
	struct host *host = caller->host;
	struct hosted *hosted;

	if (host == NULL)
		return NULL;
	while ((hosted = TAILQ_FIRST(&host->untold)) != NULL) {
		if (has_news(hosted))
			return tell(hosted);
		TAILQ_REMOVE(&host->untold, hosted, untold);
		hosted->queued = false;
	}
	return question_take_line(host);
}

/* --- as a function ------------------------------------------------------ */

static void
foreign_remember(struct task *task)
{
	((struct foreign *)task->function)->tasks++;
	if (task->data != NULL)
		link_task(task->data, task);
}

static void
foreign_forget(struct task *task)
{
	struct foreign *foreign = (struct foreign *)task->function;
	struct hosted *hosted = task->data;

	/* Only where it is live, as the scheduler goes. */
	if (hosted != NULL) {
		questions_end(&hosted->questions);
		hosted_delete(hosted);
	}
	foreign->tasks--;
	foreign_drop(foreign);
}

static void
foreign_start(struct scheduler *scheduler, struct task *task)
{
	struct host *host = foreign_take_turn((struct foreign *)task->function);
	struct hosted *hosted;

	if (host == NULL) {
		function_fail(scheduler, task,
		    "no program provides the function \"%s\" any more",
		    task->function->name);
		return;
	}
	hosted = hosted_new(host);
	hosted->run = true;
	link_task(hosted, task);
	note_news(hosted);
}

/* The grace of a cancel is over. */
static void
foreign_wake(struct scheduler *scheduler, struct task *task)
{
	(void)scheduler;
	end_run(task->data, TASK_CANCELLED, NULL);
}

/* While it stops the task's own sleep is the grace: a hosted task never
   sleeps. */
static void
foreign_stop(
    struct scheduler *scheduler, struct task *task, const struct stop *stop)
{
	struct timers *timers = scheduler_timers(scheduler);
	struct hosted *hosted = task->data;
	double grace = stop->grace >= 0 ? stop->grace : HOST_GRACE;
	int64_t deadline = timers_after(timers, hosted->run ? 0 : grace);

	/* Else its grace is over, and it is ended from the run queue. */
	if (task->state != TASK_RUNNING)
		return;
	if (!timer_is_set(&task->wake) || deadline < task->wake.deadline)
		timer_set(timers, &task->wake, deadline);
	hosted->cancel = true;
	note_news(hosted);
}

static void
hold(struct task *task, bool held)
{
	struct hosted *hosted = task->data;

	if (hosted == NULL) /* its run has just ended */
		return;
	hosted->held = held;
	note_news(hosted);
}

static void
foreign_pause(struct scheduler *scheduler, struct task *task)
{
	(void)scheduler;
	hold(task, true);
}

static void
foreign_resume(struct scheduler *scheduler, struct task *task)
{
	(void)scheduler;
	hold(task, false);
}

static void
foreign_mail(struct task *task)
{
	struct hosted *hosted = hosted_of(task);

	if (hosted != NULL) /* else it is between two runs */
		note_news(hosted);
}

static void
foreign_describe(FILE *out, const struct task *task)
{
	const struct hosted *hosted = hosted_of(task);

	if (hosted != NULL && hosted->host->caller != NULL)
		fprintf(out, ",\"host\":%" PRIu64, hosted->host->caller->task);
}

const struct function host_function = {
    .any_options = true,
    .remember = foreign_remember,
    .start = foreign_start,
    .wake = foreign_wake,
    .stop = foreign_stop,
    .pause = foreign_pause,
    .resume = foreign_resume,
    .forget = foreign_forget,
    .mail = foreign_mail,
    .describe = foreign_describe,
};

/* --- from the program --------------------------------------------------- */

struct task *
host_spawn(struct hosts *hosts, struct caller *caller, const char *function,
    struct spawn *spawn)
{
	struct foreign *foreign = foreign_get(hosts, function);
	struct hosted *hosted = hosted_new(host_of(hosts, caller));
	struct task *task;

	spawn->function = &foreign->function;
	spawn->running = true;
	spawn->data = hosted;
	task = scheduler_spawn(hosts->scheduler, spawn);
	if (task == NULL) {
		free(hosted);
		foreign_drop(foreign);
	}
	return task;
}

bool
host_runs(const struct caller *caller, const struct task *task)
{
	const struct hosted *hosted = hosted_of(task);

	return hosted != NULL && hosted->host->caller == caller;
}

int
host_finish(struct caller *caller, struct task *task, enum task_state state,
    const char *text)
{
	if (!host_runs(caller, task))
		return -1;
	end_run(hosted_of(task), state, text);
	return 0;
}

/* --- the end of a program ----------------------------------------------- */

void
host_leave(struct caller *caller)
{
	struct host *host = caller->host;

	if (host == NULL)
		return;
	caller->host = NULL;
	host->caller = NULL;
	offers_withdraw(&host->offers);
	TAILQ_INSERT_TAIL(&host->hosts->gone, host, gone);
	host->hosts->wake(host->hosts->wake_arg);
}

static const char gone_text[] =
    "{\"code\":9,\"message\":\"the program that hosted it went away\","
    "\"data\":{\"type\":\"FunctionError\"}}";

bool
hosts_run(struct hosts *hosts, size_t most)
{
	struct host *host;
	struct hosted *hosted;

	while ((host = TAILQ_FIRST(&hosts->gone)) != NULL) {
		while ((hosted = LIST_FIRST(&host->tasks)) != NULL) {
			if (most-- == 0)
				return true;
			/* NOLINTNEXTLINE: that one was taken out */
			end_run(hosted, TASK_FAILED, gone_text);
		}
		host_delete(host);
	}
	return false;
}
