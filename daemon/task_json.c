/* Tasks as the JSON that the wire shows. */
#include "config.h"

#include "daemon/task_json.h"

#include <errno.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdlib.h>

#include "daemon/function.h"
#include "daemon/gate.h"
#include "daemon/quote.h"
#include "daemon/recur.h"
#include "daemon/task.h"
#include "proto/error.h"
#include "proto/hash.h"
#include "proto/limits.h"
#include "proto/xalloc.h"

/* Where the name service failed it is asked again in so many ns: not for each
   row of a list. */
#define OWNER_PATIENCE INT64_C(1000000000)

/* The owner of a task as JSON, made once: to look a user up may take the name
   service long. */
struct owner {
	UT_hash_handle hh;
	uid_t uid;
	char *json;
	bool is_unsure; /* the name service failed: the user may be there */
	int64_t again;	/* then it is looked up again */
};

/* What getpwuid(3) has said of who was not found: whether there is none. */
static bool
is_nobody(int error)
{
	return error == 0 || error == ENOENT || error == ESRCH ||
	       error == EBADF || error == EPERM;
}

static void
look_up(struct owner *owner)
{
	const struct passwd *user;
	unsigned long uid = owner->uid;
	char *name;

	free(owner->json);
	errno = 0;
	user = getpwuid(owner->uid);
	owner->is_unsure = user == NULL && !is_nobody(errno);
	owner->again = timers_monotonic() + OWNER_PATIENCE;
	if (user == NULL) {
		owner->json = xasprintf("{\"uid\":%lu}", uid);
		return;
	}
	name = quote(user->pw_name);
	owner->json = xasprintf("{\"uid\":%lu,\"user\":%s}", uid, name);
	free(name);
}

static const char *
owner_json(uid_t uid)
{
	static struct owner *owners;
	struct owner *owner;

	HASH_FIND(hh, owners, &uid, sizeof uid, owner);
	if (owner == NULL) {
		owner = xcalloc(1, sizeof *owner);
		owner->uid = uid;
		HASH_ADD(hh, owners, uid, sizeof uid, owner);
		look_up(owner);
	} else if (owner->is_unsure && timers_monotonic() >= owner->again) {
		look_up(owner);
	}
	return owner->json;
}

void
task_json_time(FILE *out, int64_t microseconds)
{
	fprintf(out, "%" PRId64 ".%06" PRId64, microseconds / 1000000,
	    microseconds % 1000000);
}

static void
write_time(FILE *out, const char *key, int64_t microseconds)
{
	fprintf(out, ",\"%s\":", key);
	task_json_time(out, microseconds);
}

/* The wall clock at a deadline. */
static int64_t
wall_at(struct scheduler *scheduler, int64_t deadline)
{
	int64_t left = deadline - timers_now(scheduler_timers(scheduler));

	return task_wall_clock() + left / 1000;
}

static void
write_after(FILE *out, const struct gate *gate)
{
	uint64_t ids[LIMIT_ERROR_IDS];
	size_t i, count = gate_pending(gate, ids, LIMIT_ERROR_IDS);

	fputs(",\"wait\":{\"for\":\"after\",\"tasks\":[", out);
	for (i = 0; i < count; i++)
		fprintf(out, "%s%" PRIu64, i == 0 ? "" : ",", ids[i]);
	fprintf(out, "],\"count\":%zu", gate->pending);
	write_time(out, "since", gate->since);
	fputc('}', out);
}

/* Its place takes a walk along the queue. */
static void
write_queued(FILE *out, const struct gate *gate, bool full)
{
	char *pool = quote(gate->pool_name);

	fprintf(out, ",\"wait\":{\"for\":\"pool\",\"pool\":%s", pool);
	free(pool);
	if (full)
		fprintf(out, ",\"place\":%zu", pool_place(gate));
	write_time(out, "since", gate->since);
	fputc('}', out);
}

static bool
waits_at_gate(const struct task *task, enum gate_step step)
{
	return task->state == TASK_WAITING && task->gate != NULL &&
	       task->gate->step == step;
}

static void
write_wait(
    FILE *out, struct scheduler *scheduler, const struct task *task, bool full)
{
	if (task->state == TASK_SLEEPING) {
		fputs(",\"wait\":{\"for\":\"deadline\"", out);
		write_time(
		    out, "until", wall_at(scheduler, task->wake.deadline));
		fputc('}', out);
	} else if (task->state == TASK_WAITING && task->closing) {
		fputs(",\"wait\":{\"for\":\"children\"", out);
		write_time(out, "since", task->outcome->finished);
		fputc('}', out);
	} else if (task->state == TASK_PAUSED) {
		fputs(",\"wait\":{\"for\":\"resume\"", out);
		write_time(out, "since", task->pause->wall_since);
		fputc('}', out);
	} else if (waits_at_gate(task, GATE_AFTER)) {
		write_after(out, task->gate);
	} else if (waits_at_gate(task, GATE_QUEUED)) {
		write_queued(out, task->gate, full);
	} else if (task->state == TASK_WAITING) {
		fputs(",\"wait\":", out);
		task->function->wait(out, task);
	}
}

static uint64_t
parent_id(const struct task *task)
{
	if (!task_is_live(task))
		return task->parent_id;
	return task->parent == NULL ? 0 : task->parent->id;
}

static void
write_kind(FILE *out, const struct recurrence *r)
{
	static const char *const every[] = {
	    [RECUR_LATER] = "seconds",
	    [RECUR_INTERVAL] = "seconds",
	    [RECUR_RATE] = "hertz",
	    [RECUR_RETRY] = "backoff",
	};

	fprintf(
	    out, ",\"recurrence\":{\"kind\":\"%s\"", recur_kind_name(r->kind));
	if (r->kind != RECUR_LOOP)
		fprintf(out, ",\"%s\":%.17g", every[r->kind], r->every);
	if (r->kind == RECUR_RETRY)
		fprintf(out, ",\"times\":%" PRIu64 ",\"max_backoff\":%.17g",
		    r->times, r->max_backoff);
	if (r->immediate)
		fputs(",\"immediate\":true", out);
	if (r->max_runs != 0)
		fprintf(out, ",\"max_runs\":%" PRIu64, r->max_runs);
	if (r->max_failures != 0)
		fprintf(out, ",\"max_failures\":%" PRIu64, r->max_failures);
	fputc('}', out);
}

/* The attempt that runs or is next is one that has not ended yet. */
static void
write_recurrence(FILE *out, const struct recurrence *r, bool live)
{
	write_kind(out, r);
	fprintf(out, ",\"runs\":%" PRIu64 ",\"failures\":%" PRIu64, r->runs,
	    r->failures);
	if (r->kind == RECUR_RATE)
		fprintf(out, ",\"missed\":%" PRIu64, r->missed);
	if (r->kind == RECUR_RETRY)
		fprintf(out, ",\"attempt\":%" PRIu64, r->runs + live);
	if (r->last_error != NULL)
		fprintf(out, ",\"last_error\":%s", r->last_error);
}

static void
write_limits(FILE *out, const struct task *task)
{
	if (task->limit != NULL && task->limit->seconds >= 0)
		fprintf(out, ",\"timeout\":%.17g", task->limit->seconds);
	if (task->limit != NULL && task->limit->run_seconds >= 0)
		fprintf(
		    out, ",\"run_timeout\":%.17g", task->limit->run_seconds);
}

static void
write_pool(FILE *out, const struct gate *gate)
{
	char *name = quote(gate->pool_name);

	fprintf(out, ",\"pool\":%s,\"weight\":%" PRIu32, name, gate->weight);
	free(name);
}

static void
write_row(
    FILE *out, struct scheduler *scheduler, const struct task *task, bool full)
{
	char *name = quote(task_name(task));
	char *function = quote(task->function->name);

	fprintf(out, "\"id\":%" PRIu64 ",\"name\":%s,\"function\":%s", task->id,
	    name, function);
	free(name);
	free(function);
	if (parent_id(task) != 0)
		fprintf(out, ",\"parent\":%" PRIu64, parent_id(task));
	fprintf(out, ",\"children\":%" PRIu32 ",\"state\":\"%s\"",
	    task->nchildren, task_state_name((enum task_state)task->state));
	write_wait(out, scheduler, task, full);
	write_time(out, "created", task->created);
	if (task->started != 0)
		write_time(out, "started", task->started);
	if (!task_is_live(task))
		write_time(out, "finished", task->outcome->finished);
	write_limits(out, task);
	if (task->gate != NULL && task->gate->pool_name[0] != '\0')
		write_pool(out, task->gate);
	if (task->recurrence != NULL)
		write_recurrence(out, task->recurrence, task_is_live(task));
	fprintf(out, ",\"scope\":\"%s\",\"owner\":%s",
	    task_scope_name((enum task_scope)task->scope),
	    owner_json(task->owner));
}

void
task_json_row(FILE *out, struct scheduler *scheduler, const struct task *task)
{
	write_row(out, scheduler, task, false);
}

static void
write_attempt(FILE *out, const struct attempt *attempt)
{
	fputs("{\"started\":", out);
	task_json_time(out, attempt->started);
	write_time(out, "finished", attempt->finished);
	if (attempt->error != NULL)
		fprintf(out, ",\"error\":%s", attempt->error);
	fputc('}', out);
}

static void
write_attempts(FILE *out, const struct recurrence *r)
{
	uint64_t first = recur_first_attempt(r), i;

	fputs(",\"attempts\":[", out);
	for (i = first; i < r->runs; i++) {
		fputs(i == first ? "" : ",", out);
		write_attempt(out, &r->attempts[i % RECUR_ATTEMPTS]);
	}
	fputc(']', out);
}

/* Of a task that was to come after another, which did not end done. */
static json_t *
cause_error(json_t *cause)
{
	json_t *error = error_new(ERROR_CANCELLED,
	    "task %" JSON_INTEGER_FORMAT ", which it was to come after, ended "
	    "%s",
	    json_integer_value(json_object_get(cause, "task")),
	    json_string_value(json_object_get(cause, "state")));

	error_set_data(error, "cause", cause);
	return error;
}

/* The message of a task that was cancelled is the reason, if one was given. */
static json_t *
cancelled_error(const char *text)
{
	json_t *reason =
	    json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	json_t *error;

	if (json_is_object(reason))
		return cause_error(reason);
	error = error_new(ERROR_CANCELLED, "%s",
	    reason == NULL ? "cancelled" : json_string_value(reason));
	if (reason != NULL)
		error_set_data(error, "reason", reason);
	return error;
}

json_t *
task_json_error(const struct outcome *outcome)
{
	switch (outcome->state) {
	case TASK_FAILED:
		return json_loads(outcome->text, JSON_ALLOW_NUL, NULL);
	case TASK_TIMEOUT:
		return error_new(ERROR_TIMEOUT, "the task's timeout ran out");
	default:
		return cancelled_error(outcome->text);
	}
}

void
task_json_outcome(FILE *out, const struct outcome *outcome)
{
	json_t *error;

	if (outcome->state == TASK_DONE) {
		fprintf(out, "\"result\":%s", outcome->text);
		return;
	}
	error = task_json_error(outcome);
	fputs("\"error\":", out);
	json_dumpf(error, out, JSON_COMPACT);
	json_decref(error);
}

void
task_json_full(FILE *out, struct scheduler *scheduler, const struct task *task)
{
	write_row(out, scheduler, task, true);
	if (task->recurrence != NULL && task->recurrence->kind == RECUR_RETRY)
		write_attempts(out, task->recurrence);
	fprintf(out, ",\"args\":%s", task->args == NULL ? "[]" : task->args);
	if (task->function->describe != NULL)
		task->function->describe(out, task);
	if (!task_is_live(task)) {
		fputc(',', out);
		task_json_outcome(out, task->outcome);
	}
}
