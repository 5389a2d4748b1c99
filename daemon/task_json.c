/* Tasks as the JSON that the wire shows. */
#include "config.h"

#include "daemon/task_json.h"

#include <pwd.h>

#include <uthash.h>

#include "daemon/function.h"
#include "daemon/task.h"
#include "daemon/waiter.h"
#include "proto/xalloc.h"

/* The name of a user is looked up once: that may take the name service long,
   and a page has a thousand rows. */
struct user {
	UT_hash_handle hh;
	uid_t uid;
	char *name; /* NULL: it has none */
};

static const char *
user_name(uid_t uid)
{
	static struct user *users;
	struct user *user;
	const struct passwd *entry;

	HASH_FIND(hh, users, &uid, sizeof uid, user);
	if (user == NULL) {
		entry = getpwuid(uid);
		user = xcalloc(1, sizeof *user);
		user->uid = uid;
		if (entry != NULL)
			user->name = xstrdup(entry->pw_name);
		HASH_ADD(hh, users, uid, sizeof uid, user);
	}
	return user->name;
}

static json_t *
owner_json(uid_t uid)
{
	json_t *owner = json_pack("{s:I}", "uid", (json_int_t)uid);
	json_t *name = json_string(user_name(uid)); /* NULL for NULL */

	if (name != NULL)
		json_object_set_new(owner, "user", name);
	return owner;
}

static json_t *
wall_json(int64_t microseconds)
{
	return json_real((double)microseconds / 1e6);
}

/* The wall clock at a deadline. */
static json_t *
until_json(struct scheduler *scheduler, int64_t deadline)
{
	int64_t left = deadline - timers_now(scheduler_timers(scheduler));

	return wall_json(task_wall_clock() + left / 1000);
}

static json_t *
wait_json(struct scheduler *scheduler, const struct task *task)
{
	if (task->state == TASK_SLEEPING)
		return json_pack("{s:s, s:o}", "for", "deadline", "until",
		    until_json(scheduler, task->wake.deadline));
	if (task->state != TASK_WAITING)
		return NULL;
	if (task->closing)
		return json_pack("{s:s, s:o}", "for", "children", "since",
		    wall_json(task->outcome->finished));
	return task->function->wait(task);
}

static json_int_t
parent_id(const struct task *task)
{
	if (!task_is_live(task))
		return (json_int_t)task->parent_id;
	return task->parent == NULL ? 0 : (json_int_t)task->parent->id;
}

json_t *
task_json_row(struct scheduler *scheduler, const struct task *task)
{
	json_t *row = json_pack("{s:I, s:s, s:s, s:i, s:s, s:s, s:o, s:o}",
	    "id", (json_int_t)task->id, "name", task_name(task), "function",
	    task->function->name, "children", (int)task->nchildren, "state",
	    task_state_name((enum task_state)task->state), "scope",
	    task_scope_name((enum task_scope)task->scope), "owner",
	    owner_json(task->owner), "created", wall_json(task->created));
	json_t *wait = wait_json(scheduler, task);

	if (parent_id(task) != 0)
		json_object_set_new(
		    row, "parent", json_integer(parent_id(task)));
	if (wait != NULL)
		json_object_set_new(row, "wait", wait);
	if (task->started != 0)
		json_object_set_new(row, "started", wall_json(task->started));
	if (!task_is_live(task))
		json_object_set_new(
		    row, "finished", wall_json(task->outcome->finished));
	if (task->limit != NULL)
		json_object_set_new(
		    row, "timeout", json_real(task->limit->seconds));
	return row;
}

json_t *
task_json_full(struct scheduler *scheduler, const struct task *task)
{
	json_t *full = task_json_row(scheduler, task);

	json_object_set_new(full, "args", function_args(task));
	if (task->state == TASK_DONE)
		json_object_set_new(full, "result",
		    json_loads(task->outcome->text,
			JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL));
	else if (!task_is_live(task))
		json_object_set_new(
		    full, "error", outcome_error(task->outcome));
	return full;
}
