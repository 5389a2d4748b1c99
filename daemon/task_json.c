/* Tasks as the JSON that the wire shows. */
#include "config.h"

#include "daemon/task_json.h"

#include <inttypes.h>
#include <pwd.h>
#include <stdlib.h>

#include <uthash.h>

#include "daemon/function.h"
#include "daemon/quote.h"
#include "daemon/recur.h"
#include "daemon/task.h"
#include "proto/error.h"
#include "proto/xalloc.h"

/* The owner of a task as JSON, made once: to look a user up may take the name
   service long. */
struct owner {
	UT_hash_handle hh;
	uid_t uid;
	char *json;
};

static char *
make_owner(uid_t uid)
{
	const struct passwd *user = getpwuid(uid);
	char *name, *json;

	if (user == NULL)
		return xasprintf("{\"uid\":%lu}", (unsigned long)uid);
	name = quote(user->pw_name);
	json = xasprintf("{\"uid\":%lu,\"user\":%s}", (unsigned long)uid, name);
	free(name);
	return json;
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
		owner->json = make_owner(uid);
		HASH_ADD(hh, owners, uid, sizeof uid, owner);
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
write_wait(FILE *out, struct scheduler *scheduler, const struct task *task)
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
write_recurrence(FILE *out, const struct recurrence *r)
{
	fprintf(
	    out, ",\"recurrence\":{\"kind\":\"%s\"", recur_kind_name(r->kind));
	if (r->kind != RECUR_LOOP)
		fprintf(out, ",\"%s\":%.17g",
		    r->kind == RECUR_RATE ? "hertz" : "seconds", r->every);
	if (r->immediate)
		fputs(",\"immediate\":true", out);
	if (r->max_runs != 0)
		fprintf(out, ",\"max_runs\":%" PRIu64, r->max_runs);
	if (r->max_failures != 0)
		fprintf(out, ",\"max_failures\":%" PRIu64, r->max_failures);
	fprintf(out, "},\"runs\":%" PRIu64 ",\"failures\":%" PRIu64, r->runs,
	    r->failures);
	if (r->kind == RECUR_RATE)
		fprintf(out, ",\"missed\":%" PRIu64, r->missed);
	if (r->last_error != NULL)
		fprintf(out, ",\"last_error\":%s", r->last_error);
}

void
task_json_row(FILE *out, struct scheduler *scheduler, const struct task *task)
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
	write_wait(out, scheduler, task);
	write_time(out, "created", task->created);
	if (task->started != 0)
		write_time(out, "started", task->started);
	if (!task_is_live(task))
		write_time(out, "finished", task->outcome->finished);
	if (task->limit != NULL)
		fprintf(out, ",\"timeout\":%.17g", task->limit->seconds);
	if (task->recurrence != NULL)
		write_recurrence(out, task->recurrence);
	fprintf(out, ",\"scope\":\"%s\",\"owner\":%s",
	    task_scope_name((enum task_scope)task->scope),
	    owner_json(task->owner));
}

/* The message of a task that was cancelled is the reason, if one was given. */
static json_t *
cancelled_error(const char *text)
{
	json_t *reason =
	    json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	json_t *error = error_new(ERROR_CANCELLED, "%s",
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
	task_json_row(out, scheduler, task);
	fprintf(out, ",\"args\":%s", task->args == NULL ? "[]" : task->args);
	if (task->function->describe != NULL)
		task->function->describe(out, task);
	if (!task_is_live(task)) {
		fputc(',', out);
		task_json_outcome(out, task->outcome);
	}
}
