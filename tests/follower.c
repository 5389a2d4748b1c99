/* One who asks to follow the output of tasks on the stage. */
#include "config.h"

#include "tests/follower.h"

#include <stdlib.h>
#include <string.h>

#include "proto/xalloc.h"
#include "tests/unit.h"

const struct output_read all = {.part = OUTPUT_RUN, .text = true};

void
follow(int id, struct task *task, const struct output_read *read)
{
	struct address address = {.id = json_integer(id)};

	waiter_new_follow(waiters, &caller, &address, task,
	    scheduler_output(scheduler, task), read);
	ck_assert_ptr_null(address.id); /* taken over */
}

static void
write_to(struct task *task, enum output_stream stream, const char *text)
{
	scheduler_write(scheduler, task, stream, text, strlen(text));
}

void
write_out(struct task *task, const char *text)
{
	write_to(task, STREAM_STDOUT, text);
}

void
write_error(struct task *task, const char *text)
{
	write_to(task, STREAM_STDERR, text);
}

void
expect_output(const struct task *task, const char *params)
{
	struct address address = {0};
	char *got = take_from(&caller, &address);
	char *want =
	    xasprintf("{\"jsonrpc\":\"2.0\",\"method\":\"output\",\"params\":"
		      "{\"task\":%lu,%s}}",
		(unsigned long)task->id, params);

	ck_assert_ptr_nonnull(got);
	ck_assert_str_eq(got, want);
	ck_assert_ptr_null(address.id);
	ck_assert_ptr_null(address.batch);
	free(got);
	free(want);
}

void
expect_end(int id, unsigned next, unsigned lost)
{
	char *want =
	    xasprintf("{\"data\":\"\",\"next\":%u,\"lost\":%u}", next, lost);

	expect_result(id, want);
	free(want);
	ck_assert_uint_eq(caller.nwaiting, 0);
}

void
finish_and_tell(struct task *task)
{
	stage_finish(task);
	tell_all();
}
