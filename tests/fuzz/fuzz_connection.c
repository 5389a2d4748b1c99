/*
 * Connections: bytes in, replies out, on the real scheduler, waiters and
 * methods, with a clock that the input moves.
 *
 * A line of an input is sent, or, where it begins with '@', tells what else
 * happens:
 *
 *	@0 to @2  the next lines are of that client, which connects if need be
 *	@+N       N seconds go by
 *	@~N       from now on N bytes are sent at a time; 0: whole lines
 *	@&        from now on lines up to the next directive are sent at once
 *	@^        the next line is sent without its LF
 *	@.        turns of the loop go by
 *	@-  @=    it stops reading, it reads again
 *	@/        it shuts down its sending side
 *	@x        it closes
 *	@!        the daemon is told to shut down
 *
 * The last line is sent without LF where it has none.
 */
#include "config.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/event.h>

#include "daemon/conn_impl.h"
#include "daemon/daemon.h"
#include "daemon/fn_basic.h"
#include "daemon/gate.h"
#include "daemon/host_impl.h"
#include "daemon/log.h"
#include "daemon/events.h"
#include "daemon/mailbox.h"
#include "daemon/recur.h"
#include "daemon/scheduler.h"
#include "daemon/waiter.h"
#include "proto/xalloc.h"
#include "tests/fuzz/clock.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/peer.h"
#include "tests/gate_invariants.h"
#include "tests/invariants.h"
#include "tests/ledger.h"

enum { PEERS = 3 };

#define POOL_SIZE 2

/* Of each kind, so many in one turn: several turns are needed for much. */
#define BATCH 16

/* Turns that a directive takes, and those in which nothing is heard, after
   which nothing will be. */
enum { TURNS_BETWEEN = 3, TURNS_SILENT = 10, TURNS_MOST = 2000 };

/* Of one line that is sent. */
#define PIECES_MOST 32

/* The bounds are small, so that they bite. */
static const struct conn_limits conn_limits = {
    .message = 1500,
    .reply = 12 * 1024,
    .queued = 2048,
    .waiting = 20,
    .clients = PEERS,
    .clients_per_uid = PEERS - 1,
};

static const struct scheduler_limits scheduler_limits_small = {
    .tasks = 40,
    .retained = 12,
    .retained_bytes = 8 * 1024,
    .retained_age = 100,
    .output = 64,
};

/* The daemon as main makes it, but for its loop. */
static struct world {
	struct daemon daemon; /* first: methods know only that */
	struct event_base *base;
	struct timers *timers;
	struct tasks *tasks;
	struct conns *conns;
	bool is_told_to_shut_down, is_shutting_down;
	struct peer peers[PEERS];
	struct peer *peer; /* whose lines are being sent */
	size_t piece;
	bool at_once, without_lf;
} world;

static struct ledger ledger;

/* --- the daemon --------------------------------------------------------- */

static void
task_ended_hook(void *arg, struct task *task)
{
	(void)arg;
	ledger_task_ended(&ledger, task);
	waiters_task_ended(world.daemon.waiters, task);
	mailboxes_task_ended(world.daemon.mailboxes, task);
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
	(void)arg;
	events_note(world.daemon.events, world.daemon.scheduler, what, task);
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
	(void)daemon;
	world.is_told_to_shut_down = true;
}

static const struct caller *
find_speaker(
    struct daemon *daemon, const struct task *task, const struct caller *after)
{
	(void)daemon;
	return conns_speaker(world.conns, task, after);
}

static void
make_daemon(void)
{
	const struct scheduler_hooks hooks = {
	    .wake = ignore_hook,
	    .ended = task_ended_hook,
	    .happened = happened_hook,
	    .writes = task_writes_hook,
	    .run_ended = recur_run_ended,
	    .resumed = recur_resumed,
	    .begun = recur_begun,
	};
	struct daemon *daemon = &world.daemon;

	world.base = event_base_new();
	world.tasks = tasks_new();
	world.timers = timers_new(timers_monotonic, NULL, NULL);
	daemon->waiters =
	    waiters_new(world.timers, conn_limits.reply, ignore_hook, NULL);
	daemon->events = events_new();
	daemon->mailboxes = mailboxes_new(daemon->waiters);
	daemon->scheduler = scheduler_new(world.tasks, world.timers,
	    &scheduler_limits_small, &hooks, &fn_root);
	daemon->hosts = hosts_new(daemon->scheduler, daemon->waiters,
	    daemon->mailboxes, ignore_hook, NULL);
	daemon->gates =
	    gates_new(daemon->scheduler, POOL_SIZE, ignore_hook, NULL);
	daemon->started = timers_now(world.timers);
	daemon->shutdown = request_shutdown;
	daemon->speaker = find_speaker;
	memset(daemon->instance, '0', sizeof daemon->instance - 1);
	world.conns =
	    conns_new(daemon, world.base, &conn_limits, ignore_hook, NULL);
}

static void
delete_daemon(void)
{
	conns_delete(world.conns);
	gates_delete(world.daemon.gates);
	scheduler_delete(world.daemon.scheduler);
	events_delete(world.daemon.events);
	hosts_delete(world.daemon.hosts);
	mailboxes_delete(world.daemon.mailboxes);
	waiters_delete(world.daemon.waiters);
	tasks_delete(world.tasks);
	timers_delete(world.timers);
	event_base_free(world.base);
}

static void
shut_down(void)
{
	world.is_shutting_down = true;
	scheduler_cancel_all(world.daemon.scheduler,
	    &(struct cancel){.reason = "\"the daemon is shutting down\""});
	(void)waiters_run(world.daemon.waiters, SIZE_MAX);
	conns_shutdown(world.conns);
}

/* --- clients ------------------------------------------------------------ */

/* Its connection; NULL once that is gone. */
static struct conn *
conn_of(const struct peer *peer)
{
	struct conn *conn;

	LIST_FOREACH (conn, &world.conns->conns, entry)
		if (conn->caller.task == peer->task)
			return conn;
	return NULL;
}

/* The system's own buffer is as small as can be. */
static void
open_peer(struct peer *peer)
{
	size_t before = conns_count(world.conns);
	int fds[2], least = 1;

	if (world.is_shutting_down)
		return;
	fuzz_check(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
		fds) == 0);
	setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &least, sizeof least);
	conns_add(world.conns, fds[0]);
	peer_create(peer, fds[1], 0, conn_limits.message);
	if (conns_count(world.conns) > before)
		peer->task = LIST_FIRST(&world.conns->conns)->caller.task;
	else
		peer_refused(peer);
}

/* A whole line, or more of a batch, or an end that was not seen. */
static bool
holds_unhandled(const struct peer *peer, const struct conn *conn)
{
	const struct frame *in = &conn->in;
	int unread = 0;

	ioctl(conn->fd, FIONREAD, &unread);
	return unread > 0 || conn->requests != NULL ||
	       peer->finished != conn->eof ||
	       (in->end > in->begin && memchr(in->data + in->begin, '\n',
					   in->end - in->begin) != NULL);
}

/* Notes where a client lost its right to all its replies: it was cancelled,
   or the daemon did not read on. */
static void
note_loss(struct peer *peer)
{
	const struct conn *conn = conn_of(peer);

	if (peer->fd == -1)
		return;
	if (conn == NULL)
		peer->lost |= ledger.ended[peer->task] != TASK_DONE;
	else
		peer->lost |=
		    conn->state != CONN_OPEN || holds_unhandled(peer, conn);
}

static void
close_peer(struct peer *peer)
{
	peer->lost = true;
	peer_destroy(peer);
}

/* --- turns -------------------------------------------------------------- */

static void
check(const char *wrong)
{
	if (wrong == NULL)
		return;
	fprintf(stderr, "%s\n", wrong);
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

static void
check_all(void)
{
	const struct conn *conn;

	check(invariants_broken(world.daemon.scheduler));
	check(
	    gate_invariants_broken(world.daemon.gates, world.daemon.scheduler));
	check(ledger_broken(&ledger, world.daemon.scheduler));
	LIST_FOREACH (conn, &world.conns->conns, entry)
		check(conn_broken(conn));
	fuzz_check(conns_count(world.conns) == world.daemon.clients);
}

/* One turn of the daemon's loop, then the clients'. True where something was
   heard. */
static bool
turn(void)
{
	bool heard = false;
	size_t i;

	if (world.is_told_to_shut_down && !world.is_shutting_down) {
		for (i = 0; i < PEERS; i++)
			note_loss(&world.peers[i]);
		shut_down();
	}
	event_base_loop(world.base, EVLOOP_NONBLOCK);
	(void)gates_run(world.daemon.gates, BATCH);
	(void)scheduler_run(world.daemon.scheduler, BATCH);
	(void)waiters_run(world.daemon.waiters, BATCH);
	(void)hosts_run(world.daemon.hosts, BATCH);
	timers_run(world.timers, BATCH);
	for (i = 0; i < PEERS; i++)
		heard |= peer_receive(&world.peers[i]);
	check_all();
	return heard;
}

static void
turns(size_t count)
{
	while (count-- > 0)
		turn();
}

/* It may not be read from until something that waits has ended. */
static bool
is_paused(const struct conn *conn)
{
	return conn->caller.nwaiting >= conn_limits.waiting ||
	       conn->gathered >= conn_limits.queued;
}

/* What is ready to run may write, to a stream that is not followed too. */
static bool
may_write(void)
{
	return scheduler_counts(world.daemon.scheduler)->live[TASK_READY] > 0;
}

static bool
has_been_told(const struct host *host)
{
	return host == NULL ||
	       (TAILQ_EMPTY(&host->untold) && TAILQ_EMPTY(&host->unasked));
}

/* All is read, handled and answered, but for what waits. */
static void
check_idle(const struct peer *peer)
{
	const struct conn *conn = conn_of(peer);

	if (conn == NULL)
		return;
	fuzz_check(TAILQ_EMPTY(&conn->caller.telling) || may_write());
	fuzz_check(TAILQ_EMPTY(&conn->caller.ready));
	fuzz_check(has_been_told(conn->caller.host));
	fuzz_check(evbuffer_get_length(conn->out) == 0);
	fuzz_check(conn->state != CONN_OPEN || is_paused(conn) ||
		   !holds_unhandled(peer, conn));
}

/* Until nothing is heard for some turns: then all is done that is due. Who
   follows what prints in a loop hears without end. */
static void
settle(void)
{
	const struct task *task;
	size_t silent = 0, i;

	for (i = 0; i < TURNS_MOST && silent < TURNS_SILENT; i++)
		silent = turn() ? 0 : silent + 1;
	for (i = 0; i < PEERS && silent == TURNS_SILENT; i++)
		check_idle(&world.peers[i]);
	for (task = tasks_first(world.tasks); task != NULL;
	     task = TAILQ_NEXT(task, in_order))
		fuzz_check(!timer_is_set(&task->wake) ||
			   task->wake.deadline >= clock_ns);
}

/* --- the input ---------------------------------------------------------- */

static void
send_bytes(const char *bytes, size_t length)
{
	struct peer *peer = world.peer;
	size_t piece = world.piece, sent;

	if (peer->fd == -1)
		open_peer(peer);
	if (peer->fd == -1 || peer->finished)
		return;
	peer->lost |= world.is_shutting_down;
	if (piece == 0)
		piece = length;
	else if (length / piece >= PIECES_MOST)
		piece = length / PIECES_MOST + 1;
	for (sent = 0; sent < length; sent += piece) {
		if (piece > length - sent)
			piece = length - sent;
		peer_send(peer, bytes + sent, piece);
		turn();
	}
}

/* The number that follows the sign; the text ends at its LF or is cut. */
static double
number(const char *text, size_t length)
{
	char copy[32];

	if (length >= sizeof copy)
		length = sizeof copy - 1;
	memcpy(copy, text, length);
	copy[length] = '\0';
	return strtod(copy, NULL);
}

/* A shutdown may not wait for a client to read all it is owed. */
static void
advance(double seconds)
{
	size_t i;

	for (i = 0; i < PEERS; i++)
		world.peers[i].lost |= world.is_shutting_down;
	clock_advance(seconds);
}

/* That ends its last line. */
static void
finish_peer(struct peer *peer)
{
	peer->lost |= world.is_shutting_down;
	peer_finish(peer);
}

static void
direct_peer(char what)
{
	struct peer *peer = world.peer;

	if (peer->fd == -1)
		open_peer(peer);
	if (peer->fd == -1)
		return;
	if (what == '-' || what == '=')
		peer->deaf = what == '-';
	else if (what == '/')
		finish_peer(peer);
	else if (what == 'x')
		close_peer(peer);
}

/* What follows the '@'. */
static void
direct(const char *text, size_t length)
{
	double n = length == 0 ? 0 : number(text + 1, length - 1);
	char what = length == 0 ? '.' : text[0];

	switch (what) {
	case '+':
		advance(n);
		break;
	case '&':
		world.at_once = true;
		break;
	case '^':
		world.without_lf = true;
		break;
	case '~':
		world.piece = n > 0 && n < 4096 ? (size_t)n : 0;
		break;
	case '!':
		world.is_told_to_shut_down = true;
		break;
	case '0':
	case '1':
	case '2':
		world.peer = &world.peers[what - '0'];
		if (world.peer->fd == -1)
			open_peer(world.peer);
		break;
	default:
		direct_peer(what);
		break;
	}
	turns(TURNS_BETWEEN);
}

/* The line at the begin, with its LF where it has one. */
static size_t
line_length(const char *data, size_t size)
{
	const char *lf = memchr(data, '\n', size);

	return lf == NULL ? size : (size_t)(lf - data) + 1;
}

/* The lines up to the next directive. */
static size_t
lines_length(const char *data, size_t size)
{
	size_t length = 0;

	while (length < size && data[length] != '@')
		length += line_length(data + length, size - length);
	return length;
}

static void
send_lines(const char *lines, size_t length)
{
	bool cut = world.without_lf && lines[length - 1] == '\n';

	world.without_lf = false;
	send_bytes(lines, length - cut);
}

static void
play(const char *data, size_t size)
{
	size_t length;

	for (; size > 0; data += length, size -= length) {
		length = line_length(data, size);
		if (data[0] == '@') {
			direct(data + 1, length - 1);
			continue;
		}
		if (world.at_once)
			length = lines_length(data, size);
		send_lines(data, length);
	}
}

/* All is heard, all is answered, all clients go in time. */
static void
end(void)
{
	size_t i;

	for (i = 0; i < PEERS; i++)
		world.peers[i].deaf = false;
	settle();
	world.is_told_to_shut_down = true;
	settle();
	clock_advance(1);
	settle();
	fuzz_check(conns_count(world.conns) == 0);
	for (i = 0; i < PEERS; i++)
		peer_destroy(&world.peers[i]);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	signal(SIGPIPE, SIG_IGN);
	log_set_level(LOG_ERROR);
	json_set_alloc_funcs(xmalloc, free);
	json_object_seed(1);
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t i;

	memset(&world, 0, sizeof world);
	memset(&ledger, 0, sizeof ledger);
	clock_restart();
	make_daemon();
	for (i = 0; i < PEERS; i++)
		world.peers[i].fd = -1;
	world.peer = &world.peers[0];
	play((const char *)data, size);
	end();
	delete_daemon();
	return 0;
}
