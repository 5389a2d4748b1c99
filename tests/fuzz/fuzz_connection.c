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

#include "daemon/host_impl.h"
#include "daemon/log.h"
#include "proto/xalloc.h"
#include "tests/fuzz/clock.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/peer.h"
#include "tests/fuzz/world.h"

enum { PEERS = WORLD_CLIENTS };

/* Turns that a directive takes, and those in which nothing is heard, after
   which nothing will be. */
enum { TURNS_BETWEEN = 3, TURNS_SILENT = 10, TURNS_MOST = 2000 };

/* Of one line that is sent. */
#define PIECES_MOST 32

static struct world world;
static struct peer peers[PEERS];

/* How what comes next is sent. */
static struct {
	struct peer *peer; /* by whom */
	size_t piece;
	bool at_once, without_lf;
} sender;

/* --- clients ------------------------------------------------------------ */

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
	const struct conn *conn = world_conn(&world, peer->daemon_fd);

	if (peer->fd == -1)
		return;
	if (conn == NULL)
		peer->lost |= world_has_cut(&world, peer->daemon_fd);
	else
		peer->lost |=
		    conn->state != CONN_OPEN || holds_unhandled(peer, conn);
}

/* The connection that had this descriptor is gone. */
static void
take_fd(int fd)
{
	size_t i;

	for (i = 0; i < PEERS; i++) {
		if (peers[i].daemon_fd != fd)
			continue;
		note_loss(&peers[i]);
		peers[i].daemon_fd = -1;
	}
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
	take_fd(fds[0]);
	world_connect(&world, fds[0]);
	peer_create(peer, fds[1], fds[0], world_limits.message);
	if (conns_count(world.conns) == before)
		peer_refused(peer);
}

static void
close_peer(struct peer *peer)
{
	peer->lost = true;
	peer_destroy(peer);
}

/* --- turns -------------------------------------------------------------- */

/* One turn of the daemon's loop, then the clients'. True where something was
   heard. */
static bool
turn(void)
{
	bool heard = false;
	size_t i;

	if (world.is_told_to_shut_down && !world.is_shutting_down) {
		for (i = 0; i < PEERS; i++)
			note_loss(&peers[i]);
		world_shut_down(&world);
	}
	world_turn(&world);
	for (i = 0; i < PEERS; i++)
		heard |= peer_receive(&peers[i]);
	world_check(&world);
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
	return conn->caller.nwaiting >= world_limits.waiting ||
	       conn->gathered >= world_limits.queued;
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
	const struct conn *conn = world_conn(&world, peer->daemon_fd);

	if (conn == NULL)
		return;
	fuzz_check(TAILQ_EMPTY(&conn->caller.telling));
	fuzz_check(TAILQ_EMPTY(&conn->caller.ready));
	fuzz_check(has_been_told(conn->caller.host));
	fuzz_check(evbuffer_get_length(conn->out) == 0);
	fuzz_check(conn->state != CONN_OPEN || is_paused(conn) ||
		   !holds_unhandled(peer, conn));
}

/* Until nothing is heard for some turns: then all is done that is due. Who
   follows what prints in a loop hears without end. */
static bool
fall_silent(void)
{
	size_t silent = 0, i;

	for (i = 0; i < TURNS_MOST && silent < TURNS_SILENT; i++)
		silent = turn() ? 0 : silent + 1;
	return silent == TURNS_SILENT;
}

/* What runs in a loop may write to a stream that nobody follows: who follows
   the other one is woken without end, and hears nothing. So it is held still
   before it is looked at who is due to be told. */
static void
settle(void)
{
	const struct task *task;
	bool is_silent = fall_silent();
	size_t i;

	world.is_still = true;
	turns(TURNS_SILENT);
	world.is_still = false;
	for (i = 0; i < PEERS && is_silent; i++)
		check_idle(&peers[i]);
	for (task = tasks_first(world.tasks); task != NULL;
	     task = TAILQ_NEXT(task, in_order))
		fuzz_check(!timer_is_set(&task->wake) ||
			   task->wake.deadline >= clock_ns);
}

/* --- the input ---------------------------------------------------------- */

static void
send_bytes(const char *bytes, size_t length)
{
	struct peer *peer = sender.peer;
	size_t piece = sender.piece, sent;

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
		peers[i].lost |= world.is_shutting_down;
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
	struct peer *peer = sender.peer;

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
		sender.at_once = true;
		break;
	case '^':
		sender.without_lf = true;
		break;
	case '~':
		sender.piece = n > 0 && n < 4096 ? (size_t)n : 0;
		break;
	case '!':
		world.is_told_to_shut_down = true;
		break;
	case '0':
	case '1':
	case '2':
		sender.peer = &peers[what - '0'];
		if (sender.peer->fd == -1)
			open_peer(sender.peer);
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
	bool cut = sender.without_lf && lines[length - 1] == '\n';

	sender.without_lf = false;
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
		if (sender.at_once)
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
		peers[i].deaf = false;
	settle();
	world.is_told_to_shut_down = true;
	settle();
	clock_advance(1);
	settle();
	fuzz_check(conns_count(world.conns) == 0);
	for (i = 0; i < PEERS; i++)
		peer_destroy(&peers[i]);
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

	world_create(&world);
	for (i = 0; i < PEERS; i++)
		peers[i] = (struct peer){.fd = -1, .daemon_fd = -1};
	memset(&sender, 0, sizeof sender);
	sender.peer = &peers[0];
	play((const char *)data, size);
	end();
	world_destroy(&world);
	return 0;
}
