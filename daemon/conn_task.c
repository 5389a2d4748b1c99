/* What a connection speaks for: a client task of its own, or the task that it
   attached to. */
#include "config.h"

#include "daemon/conn_impl.h"

#include <stdio.h>
#include <stdlib.h>

#include "daemon/daemon.h"
#include "daemon/function.h"
#include "daemon/scheduler.h"
#include "daemon/task.h"
#include "daemon/task_json.h"
#include "daemon/waiter.h"
#include "proto/hash.h"
#include "proto/xalloc.h"

/* The connections that speak for one task. */
struct attached {
	UT_hash_handle hh;
	uint64_t task;
	struct conn_list conns; /* by their `fellow` */
};

/* Cancelled from outside, not ended with its connection. */
static void
client_ended(struct scheduler *scheduler, struct task *task)
{
	struct conn *conn = task->data;

	(void)scheduler;
	if (conn == NULL)
		return;
	conn->task = NULL;
	conn_leave(conn, "the task of this connection was cancelled");
}

static void
client_wait(FILE *out, const struct task *task)
{
	const struct conn *conn = task->data;

	if (waiters_describe(out, &conn->caller))
		return;
	fputs("{\"for\":\"request\",\"since\":", out);
	task_json_time(out, task->started);
	fputc('}', out);
}

static const struct function fn_client = {
    .name = "client",
    .ended = client_ended,
    .wait = client_wait,
};

void
conn_spawn_client(struct conn *conn)
{
	struct scheduler *scheduler = conn->conns->daemon->scheduler;
	struct spawn spawn = {
	    .function = &fn_client,
	    .parent = task_find(scheduler_tasks(scheduler), TASK_ROOT_ID),
	    .timeout = -1,
	    .owner = conn->caller.uid,
	};

	conn->task = scheduler_spawn(scheduler, &spawn);
	conn->task->data = conn;
	conn->caller.task = conn->task->id;
	scheduler_set_state(scheduler, conn->task, TASK_WAITING);
}

static void
leave_fellows(struct conn *conn)
{
	struct attached *attached = conn->attached;

	LIST_REMOVE(conn, fellow);
	conn->attached = NULL;
	if (!LIST_EMPTY(&attached->conns))
		return;
	HASH_DEL(conn->conns->attached, attached);
	free(attached);
}

void
conn_leave_task(struct conn *conn)
{
	struct task *task = conn->task;

	if (conn->attached != NULL)
		leave_fellows(conn);
	if (task == NULL)
		return;
	conn->task = NULL;
	task->data = NULL;
	scheduler_finish(
	    conn->conns->daemon->scheduler, task, TASK_DONE, "null");
}

static struct attached *
find_attached(const struct conns *conns, uint64_t task)
{
	struct attached *attached;

	HASH_FIND(hh, conns->attached, &task, sizeof task, attached);
	return attached;
}

void
conn_attach(struct caller *caller, struct task *task)
{
	struct conn *conn = (struct conn *)caller;
	struct conns *conns = conn->conns;
	struct attached *attached;

	conn_leave_task(conn);
	attached = find_attached(conns, task->id);
	if (attached == NULL) {
		attached = xcalloc(1, sizeof *attached);
		attached->task = task->id;
		LIST_INIT(&attached->conns);
		HASH_ADD(
		    hh, conns->attached, task, sizeof attached->task, attached);
	}
	LIST_INSERT_HEAD(&attached->conns, conn, fellow);
	conn->attached = attached;
	caller->task = task->id;
}

/* A connection outlives the task that it spoke for: it is a client again. What
   it waited for as that task is no longer waited for where that was ended from
   outside. */
void
conns_task_ended(struct conns *conns, const struct task *task)
{
	struct attached *attached = find_attached(conns, task->id);
	bool is_cancelled = task->outcome->state == TASK_CANCELLED ||
			    task->outcome->state == TASK_TIMEOUT;
	struct conn *conn, *next;

	if (attached == NULL)
		return;
	for (conn = LIST_FIRST(&attached->conns); conn != NULL; conn = next) {
		next = LIST_NEXT(conn, fellow);
		leave_fellows(conn);
		if (is_cancelled)
			waiters_cancel(conns->daemon->waiters, &conn->caller,
			    "the task of this connection was cancelled");
		conn_spawn_client(conn);
	}
}

/* The first that is attached to the task, or the one after. */
static const struct conn *
find_fellow(const struct conns *conns, const struct task *task,
    const struct caller *after)
{
	const struct attached *attached;

	if (after != NULL)
		return LIST_NEXT((const struct conn *)after, fellow);
	attached = find_attached(conns, task->id);
	return attached == NULL ? NULL : LIST_FIRST(&attached->conns);
}

const struct caller *
conns_speaker(const struct conns *conns, const struct task *task,
    const struct caller *after)
{
	const struct conn *conn;

	if (task->function == &fn_client)
		conn = after == NULL ? task->data : NULL;
	else
		conn = find_fellow(conns, task, after);
	return conn == NULL ? NULL : &conn->caller;
}
