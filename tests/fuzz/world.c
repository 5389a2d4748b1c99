/* A daemon as main makes it, but for its loop, and what must hold in it. */
#include "config.h"

#include "tests/fuzz/world.h"

#include <string.h>

#include <event2/event.h>

#include "daemon/events.h"
#include "daemon/fn_basic.h"
#include "daemon/gate.h"
#include "daemon/host.h"
#include "daemon/mailbox.h"
#include "daemon/recur.h"
#include "daemon/scheduler.h"
#include "daemon/waiter.h"
#include "tests/fuzz/clock.h"
#include "tests/fuzz/fuzz.h"
#include "tests/gate_invariants.h"
#include "tests/invariants.h"

#define POOL_SIZE 2
#define PAGE	  10

/* Of each kind, so many in one turn: several turns are needed for much. */
#define BATCH 16

const struct conn_limits world_limits = {
    .message = 1500,
    .reply = 12 * 1024,
    .queued = 2048,
    .waiting = 20,
    .clients = WORLD_CLIENTS,
    .clients_per_uid = WORLD_CLIENTS - 1,
};

static const struct scheduler_limits task_limits = {
    .tasks = 40,
    .retained = 12,
    .retained_bytes = 8 * 1024,
    .retained_age = 100,
    .output = 64,
};

/* --- the daemon --------------------------------------------------------- */

/* Of a client that was cancelled, the connection goes soon. */
static void
note_cut(struct world *world, const struct task *task)
{
	const struct conn *conn;

	LIST_FOREACH (conn, &world->conns->conns, entry)
		if (task->data == conn && task->outcome->state != TASK_DONE)
			world->cut |= (uint64_t)1 << conn->fd;
}

static void
task_ended_hook(void *arg, struct task *task)
{
	struct world *world = arg;

	ledger_task_ended(&world->ledger, task);
	waiters_task_ended(world->daemon.waiters, task);
	mailboxes_task_ended(world->daemon.mailboxes, task);
	if (world->conns == NULL)
		return;
	conns_task_ended(world->conns, task);
	note_cut(world, task);
}

static void
task_writes_hook(void *arg, struct task *task, size_t length)
{
	(void)arg;
	waiters_task_writes(task, length);
}

static void
happened_hook(void *arg, enum scheduler_event what, struct task *task)
{
	struct world *world = arg;

	events_note(world->daemon.events, world->daemon.scheduler, what, task);
}

/* Each turn runs what is ready, told or not. */
static void
ignore_hook(void *arg)
{
	(void)arg;
}

static void
request_shutdown(struct daemon *daemon)
{
	((struct world *)daemon)->is_told_to_shut_down = true;
}

static const struct caller *
find_speaker(
    struct daemon *daemon, const struct task *task, const struct caller *after)
{
	return conns_speaker(((struct world *)daemon)->conns, task, after);
}

void
world_create(struct world *world)
{
	const struct scheduler_hooks hooks = {
	    .wake = ignore_hook,
	    .ended = task_ended_hook,
	    .happened = happened_hook,
	    .writes = task_writes_hook,
	    .run_ended = recur_run_ended,
	    .resumed = recur_resumed,
	    .begun = recur_begun,
	    .arg = world,
	};
	struct daemon *daemon = &world->daemon;

	memset(world, 0, sizeof *world);
	clock_restart();
	world->base = event_base_new();
	world->tasks = tasks_new();
	world->timers = timers_new(timers_monotonic, NULL, NULL);
	daemon->waiters =
	    waiters_new(world->timers, world_limits.reply, ignore_hook, NULL);
	daemon->events = events_new();
	daemon->mailboxes = mailboxes_new(daemon->waiters);
	daemon->scheduler = scheduler_new(
	    world->tasks, world->timers, &task_limits, &hooks, &fn_root);
	daemon->hosts = hosts_new(daemon->scheduler, daemon->waiters,
	    daemon->mailboxes, ignore_hook, NULL);
	daemon->gates =
	    gates_new(daemon->scheduler, POOL_SIZE, ignore_hook, NULL);
	daemon->started = timers_now(world->timers);
	daemon->shutdown = request_shutdown;
	daemon->speaker = find_speaker;
	daemon->page = PAGE;
	memset(daemon->instance, '0', sizeof daemon->instance - 1);
	world->conns =
	    conns_new(daemon, world->base, &world_limits, ignore_hook, NULL);
}

void
world_destroy(struct world *world)
{
	conns_delete(world->conns);
	world->conns = NULL;
	gates_delete(world->daemon.gates);
	scheduler_delete(world->daemon.scheduler);
	events_delete(world->daemon.events);
	hosts_delete(world->daemon.hosts);
	mailboxes_delete(world->daemon.mailboxes);
	waiters_delete(world->daemon.waiters);
	tasks_delete(world->tasks);
	timers_delete(world->timers);
	event_base_free(world->base);
}

void
world_shut_down(struct world *world)
{
	world->is_shutting_down = true;
	scheduler_cancel_all(world->daemon.scheduler,
	    &(struct cancel){.reason = "\"the daemon is shutting down\""});
	(void)waiters_run(world->daemon.waiters, SIZE_MAX);
	conns_shutdown(world->conns);
}

void
world_turn(struct world *world)
{
	struct daemon *daemon = &world->daemon;

	event_base_loop(world->base, EVLOOP_NONBLOCK);
	if (!world->is_still) {
		(void)gates_run(daemon->gates, BATCH);
		(void)scheduler_run(daemon->scheduler, BATCH);
		timers_run(world->timers, BATCH);
	}
	(void)waiters_run(daemon->waiters, BATCH);
	(void)hosts_run(daemon->hosts, BATCH);
}

void
world_connect(struct world *world, int fd)
{
	fuzz_check(fd < 64);
	world->cut &= ~((uint64_t)1 << fd);
	conns_add(world->conns, fd);
}

bool
world_has_cut(const struct world *world, int fd)
{
	return fd != -1 && (world->cut >> fd & 1) != 0;
}

const struct conn *
world_conn(const struct world *world, int fd)
{
	const struct conn *conn;

	LIST_FOREACH (conn, &world->conns->conns, entry)
		if (conn->fd == fd)
			return conn;
	return NULL;
}

/* --- what must hold ------------------------------------------------------ */

static void
check(const char *wrong)
{
	if (wrong == NULL)
		return;
	dprintf(STDERR_FILENO, "%s\n", wrong);
	abort();
}

/* What a connection says of itself. */
static const char *
conn_broken(const struct conn *conn)
{
	const struct caller *caller = &conn->caller;
	bool waits = !TAILQ_EMPTY(&caller->waiting) ||
		     !TAILQ_EMPTY(&caller->telling) ||
		     !TAILQ_EMPTY(&caller->ready);

	if (waits != (caller->nwaiting > 0))
		return "what a client waits for is not what is counted";
	if (!waits && conn->requests == NULL && conn->gathered > 0)
		return "there is no batch, but bytes of one";
	if (conn->task != NULL && conn->task->id != caller->task)
		return "a client's task is another's";
	return NULL;
}

void
world_check(const struct world *world)
{
	struct scheduler *scheduler = world->daemon.scheduler;
	const struct conn *conn;

	check(invariants_broken(scheduler));
	check(gate_invariants_broken(world->daemon.gates, scheduler));
	check(ledger_broken(&world->ledger, scheduler));
	LIST_FOREACH (conn, &world->conns->conns, entry)
		check(conn_broken(conn));
	fuzz_check(conns_count(world->conns) == world->daemon.clients);
}
