/* A connection that loads a server. */
#include "config.h"

#include "tests/bench/link.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "proto/xalloc.h"
#include "tests/bench/fail.h"

/* Room for replies to begin with; a longer one makes it grow. */
#define ROOM 1048576

/* "result" stands in this many bytes of a reply. */
#define HEAD 80

/* A server silent for so many seconds is stuck. */
#define SILENCE 30

static bool
is_result(const char *line, size_t length)
{
	static const char key[] = "\"result\":";

	return memmem(line, length < HEAD ? length : HEAD, key,
		   sizeof key - 1) != NULL;
}

static bool
is_no_error(const char *line, size_t length)
{
	return length > 0 && *line != '-';
}

const struct dialect link_json_rpc = {
    .ping = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\n",
    .is_result = is_result,
};

const struct dialect link_redis = {
    .ping = "*1\r\n$4\r\nPING\r\n",
    .is_result = is_no_error,
};

double
link_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

int
link_open(struct link *link, const char *socket_path)
{
	return link_open_as(link, socket_path, &link_json_rpc);
}

int
link_open_as(
    struct link *link, const char *socket_path, const struct dialect *dialect)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct timeval silence = {.tv_sec = SILENCE};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1)
		fail_errno("socket");
	strncpy(address.sun_path, socket_path, sizeof address.sun_path - 1);
	if (connect(fd, (struct sockaddr *)&address, sizeof address) == -1) {
		close(fd);
		return -1;
	}
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &silence, sizeof silence);
	*link = (struct link){
	    .dialect = dialect, .fd = fd, .data = xmalloc(ROOM), .room = ROOM};
	return 0;
}

void
link_close(struct link *link)
{
	close(link->fd);
	free(link->data);
	*link = (struct link){.fd = -1};
}

static void
send_all(struct link *link, const char *text, size_t size)
{
	while (size > 0) {
		ssize_t sent = write(link->fd, text, size);

		if (sent == -1)
			fail_errno("write to the server");
		text += sent;
		size -= (size_t)sent;
	}
}

static void
receive(struct link *link)
{
	ssize_t got;

	if (link->end == link->room) {
		link->room *= 2;
		link->data = xrealloc(link->data, link->room);
	}
	got = read(link->fd, link->data + link->end, link->room - link->end);
	if (got == 0)
		fail("the server closed the connection");
	if (got == -1 && errno == EAGAIN)
		fail("the server was silent for %d s", SILENCE);
	if (got == -1)
		fail_errno("read from the server");
	link->end += (size_t)got;
}

static void
check_reply(const struct link *link, const char *line, size_t length)
{
	if (!link->dialect->is_result(line, length))
		fail("not a result: %.*s", (int)length, line);
}

static size_t
id_of(const char *line)
{
	static const char key[] = "\"id\":";
	const char *at = memmem(line, HEAD, key, sizeof key - 1);

	return at == NULL ? 0 : strtoul(at + sizeof key - 1, NULL, 10);
}

/* Takes the whole replies that came; returns how many. */
static size_t
take_replies(struct link *link, void (*each)(void *arg, size_t id), void *arg)
{
	char *line = link->data, *end = link->data + link->end, *lf;
	size_t count = 0;

	while ((lf = memchr(line, '\n', (size_t)(end - line))) != NULL) {
		check_reply(link, line, (size_t)(lf - line));
		if (each != NULL)
			each(arg, id_of(line));
		line = lf + 1;
		count++;
	}
	link->end = (size_t)(end - line);
	memmove(link->data, line, link->end);
	return count;
}

static size_t
start_of(const struct batch *batch, size_t i)
{
	return i == 0 ? 0 : batch->end[i - 1];
}

static void
add_latencies(struct sample *latency, const double *sent_at, size_t count)
{
	double now = link_clock();

	for (size_t i = 0; i < count; i++)
		sample_add(latency, now - sent_at[i]);
}

double
link_pipeline(struct link *link, const struct batch *batch, size_t depth,
    struct sample *latency)
{
	double *sent_at = xmalloc((batch->count + 1) * sizeof *sent_at);
	double begin = link_clock();
	size_t sent = 0, done = 0, next, count;

	while (done < batch->count) {
		next =
		    done + depth < batch->count ? done + depth : batch->count;
		if (next > sent) {
			double now = link_clock();
			size_t from = start_of(batch, sent);

			send_all(link, batch->text + from,
			    start_of(batch, next) - from);
			while (sent < next)
				sent_at[sent++] = now;
		}
		receive(link);
		count = take_replies(link, NULL, NULL);
		if (latency != NULL)
			add_latencies(latency, sent_at + done, count);
		done += count;
	}
	begin = link_clock() - begin;
	free(sent_at);
	return begin;
}

double
link_ping(struct link *link)
{
	const char *ping = link->dialect->ping;
	double begin = link_clock();

	send_all(link, ping, strlen(ping));
	do
		receive(link);
	while (take_replies(link, NULL, NULL) == 0);
	return link_clock() - begin;
}

double
link_pings(struct link *link, size_t count, struct sample *latency)
{
	double begin = link_clock();

	while (count-- > 0) {
		double seconds = link_ping(link);

		if (latency != NULL)
			sample_add(latency, seconds);
	}
	return link_clock() - begin;
}

const char *
link_call(struct link *link, const struct batch *batch, double *seconds)
{
	double begin = link_clock();
	size_t looked = 0;

	send_all(link, batch->text, batch->size);
	link->end = 0;
	do {
		looked = link->end;
		receive(link);
	} while (memchr(link->data + looked, '\n', link->end - looked) == NULL);
	if (seconds != NULL)
		*seconds = link_clock() - begin;
	link->data[link->end - 1] = '\0';
	check_reply(link, link->data, link->end - 1);
	link->end = 0;
	return link->data;
}

void
link_send(struct link *link, const struct batch *batch)
{
	send_all(link, batch->text, batch->size);
}

bool
link_has_reply(struct link *link)
{
	struct pollfd poller = {.fd = link->fd, .events = POLLIN};

	if (poll(&poller, 1, 0) <= 0)
		return false;
	receive(link);
	return take_replies(link, NULL, NULL) > 0;
}

size_t
link_wait(struct link *link, void (*each)(void *arg, size_t id), void *arg)
{
	receive(link);
	return take_replies(link, each, arg);
}
