/* One who asks: a caller on the stage, whose requests wait. */
#include "config.h"

#include "tests/asker.h"

#include <stdlib.h>
#include <string.h>

#include "proto/xalloc.h"
#include "tests/unit.h"

struct waiters *waiters;
size_t waiters_wakes;
struct caller caller;
size_t caller_wakes;
size_t ndropped;

static void
wake_waiters(void *arg)
{
	++*(size_t *)arg;
}

static void
wake_caller(struct caller *who)
{
	ck_assert_ptr_eq(who, &caller);
	caller_wakes++;
}

static bool
has_no_room(const struct caller *who)
{
	ck_assert_ptr_eq(who, &caller);
	return false;
}

static void
note_write(struct task *task, size_t length)
{
	waiters_task_writes(task, length);
}

static void
note_end(struct task *task)
{
	waiters_task_ended(waiters, task);
}

void
asker_setup(void)
{
	stage_setup();
	waiters =
	    waiters_new(timers, ASKER_REPLY, wake_waiters, &waiters_wakes);
	stage_ended = note_end;
	stage_writes = note_write;
	memset(&caller, 0, sizeof caller);
	TAILQ_INIT(&caller.waiting);
	TAILQ_INIT(&caller.telling);
	TAILQ_INIT(&caller.ready);
	caller.wake = wake_caller;
	caller.has_room = has_no_room;
	waiters_wakes = caller_wakes = 0;
}

static void
drop_address(struct caller *who, struct address *address)
{
	ck_assert_ptr_eq(who, &caller);
	ck_assert(json_is_integer(address->id));
	json_decref(address->id);
	ndropped++;
}

void
drop_all(void)
{
	ndropped = 0;
	waiters_drop(waiters, &caller, drop_address);
	ck_assert_uint_eq(caller.nwaiting, 0);
}

void
asker_teardown(void)
{
	drop_all();
	waiters_delete(waiters);
	stage_teardown();
}

struct task *
actor(void)
{
	return stage_actor(root, SCOPE_DETACH);
}

void
finish_with_id(struct task *task)
{
	char *text = xasprintf("%lu", (unsigned long)task->id);

	scheduler_finish(scheduler, task, TASK_DONE, text);
	free(text);
}

void
finish_failed(struct task *task)
{
	scheduler_finish(scheduler, task, TASK_FAILED,
	    "{\"code\":9,\"message\":\"boom\","
	    "\"data\":{\"type\":\"FunctionError\"}}");
}

void
wait_for(int id, enum waiter_mode mode, struct task *const *which, size_t count,
    double timeout)
{
	struct address address = {.id = json_integer(id)};

	waiter_new(waiters, &caller, &address, mode, which, count, timeout);
	ck_assert_ptr_null(address.id); /* taken over */
}

void
join_one(int id, struct task *task)
{
	wait_for(id, WAIT_ONE, &task, 1, -1);
}

void
tell_all(void)
{
	ck_assert(!waiters_run(waiters, STAGE_ALL));
}

char *
take_from(struct caller *who, struct address *address)
{
	char *text;

	memset(address, 0, sizeof *address);
	do {
		text = waiter_take_reply(waiters, who, address);
	} while (text == NULL &&
		 waiter_take_notification(waiters, who, &text) && text == NULL);
	return text;
}

/* The next reply, with its id, or that there is none. */
static char *
take_reply(int id)
{
	struct address address = {0};
	char *text = take_from(&caller, &address);

	if (text != NULL)
		ck_assert_int_eq(json_integer_value(address.id), id);
	json_decref(address.id);
	return text;
}

void
expect_nothing(void)
{
	ck_assert_ptr_null(take_reply(0));
}

void
expect_reply(int id, const char *kind, const char *want)
{
	char *text = xasprintf(
	    "{\"jsonrpc\":\"2.0\",\"id\":%d,\"%s\":%s}", id, kind, want);
	char *got = take_reply(id);

	ck_assert_ptr_nonnull(got);
	ck_assert_str_eq(got, text);
	free(got);
	free(text);
}

void
expect_result(int id, const char *want)
{
	expect_reply(id, "result", want);
}

json_t *
take_error(int id, enum error_code code)
{
	char *text = take_reply(id);
	json_t *reply = json_loads(text, 0, NULL);
	json_t *error = json_object_get(reply, "error");
	json_t *data = json_incref(json_object_get(error, "data"));

	ck_assert_int_eq(
	    json_integer_value(json_object_get(error, "code")), code);
	json_decref(reply);
	free(text);
	return data;
}

void
expect_data(const json_t *data, const char *key, const char *want)
{
	char *got = json_dumps(
	    json_object_get(data, key), JSON_COMPACT | JSON_ENCODE_ANY);

	ck_assert_str_eq(got, want);
	free(got);
}
