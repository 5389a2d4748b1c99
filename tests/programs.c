/* Programs that host tasks, on the stage: what they are told is looked at. */
#include "config.h"

#include "tests/programs.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/host_impl.h"
#include "daemon/mailbox.h"
#include "proto/xalloc.h"
#include "tests/unit.h"

static struct mailboxes *mailboxes;
struct hosts *hosts;
size_t hosts_wakes;
struct caller programs[2];
size_t program_wakes;

static void
wake_hosts(void *arg)
{
	++*(size_t *)arg;
}

static void
wake_program(struct caller *program)
{
	ck_assert(program == &programs[0] || program == &programs[1]);
	program_wakes++;
}

void
programs_setup(void)
{
	size_t i;

	asker_setup();
	mailboxes = mailboxes_new(waiters);
	hosts =
	    hosts_new(scheduler, waiters, mailboxes, wake_hosts, &hosts_wakes);
	memset(programs, 0, sizeof programs);
	for (i = 0; i < 2; i++) {
		programs[i].task = 1000 + i;
		programs[i].wake = wake_program;
	}
	hosts_wakes = program_wakes = 0;
}

void
programs_restart(const struct scheduler_limits *limits)
{
	hosts_delete(hosts);
	stage_restart(limits);
	hosts =
	    hosts_new(scheduler, waiters, mailboxes, wake_hosts, &hosts_wakes);
}

void
programs_teardown(void)
{
	drop_all();
	host_leave(&programs[0]);
	host_leave(&programs[1]);
	asker_teardown();
	hosts_delete(hosts);
	mailboxes_delete(mailboxes);
}

struct task *
host(size_t i, struct task *parent, enum task_scope scope, double timeout)
{
	struct spawn spawn = {
	    .parent = parent, .scope = scope, .timeout = timeout};

	return host_spawn(hosts, &programs[i], "work", &spawn);
}

struct task *
host_one(void)
{
	return host(0, root, SCOPE_DETACH, -1);
}

void
provide(size_t i, const char *name)
{
	struct provided provided = {
	    .name = xstrdup(name), .summary = xstrdup("Works.")};

	ck_assert_ptr_null(host_provide(hosts, &programs[i], &provided, 1));
}

struct task *
run_provided(const char *name)
{
	struct task *task = stage_spawn(
	    hosts_find_function(hosts, name), root, SCOPE_DETACH, "[1]");

	stage_run();
	return task;
}

void
expect_told(
    size_t i, const char *method, const struct task *task, const char *more)
{
	char *want = xasprintf("{\"jsonrpc\":\"2.0\",\"method\":\"%s\","
			       "\"params\":{\"task\":%lu%s}}",
	    method, (unsigned long)task->id, more);
	char *got = host_take_line(&programs[i]);

	ck_assert_ptr_nonnull(got);
	ck_assert_str_eq(got, want);
	free(got);
	free(want);
}

void
expect_told_nothing(size_t i)
{
	ck_assert_ptr_null(host_take_line(&programs[i]));
}

void
expect_state(const struct task *task, enum task_state state)
{
	ck_assert_str_eq(task_state_name(task->state), task_state_name(state));
}
