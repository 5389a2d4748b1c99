/* Programs that do one thing each, to be timed. */
#include "config.h"

#include "tests/bench/peer.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/fail.h"
#include "tests/bench/link.h"
#include "tests/bench/place.h"
#include "tests/bench/server.h"

/* Reads until the end of a line. Returns 0 where it is that one. */
static int
await(const struct peer *peer, const char *line)
{
	char text[64];
	size_t length = 0;

	while (length < sizeof text - 1 &&
	       read(peer->out, text + length, 1) == 1 && text[length] != '\n')
		length++;
	text[length] = '\0';
	return strcmp(text, line) == 0 ? 0 : -1;
}

/* In the child. Why a program is not there is of no interest. */
static void
run(const char *const argv[], const int in[2], const int out[2])
{
	int null = open("/dev/null", O_WRONLY);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	place_apart();
	signal(SIGPIPE, SIG_DFL);
	dup2(in[0], STDIN_FILENO);
	dup2(out[1], STDOUT_FILENO);
	if (null != -1)
		dup2(null, STDERR_FILENO);
	execv(argv[0], (char **)argv);
	_exit(127);
}

int
peer_start(struct peer *peer, const char *const argv[])
{
	int in[2], out[2];

	if (pipe2(in, O_CLOEXEC) == -1 || pipe2(out, O_CLOEXEC) == -1)
		fail_errno("pipe");
	peer->pid = fork();
	if (peer->pid == -1)
		fail_errno("fork");
	if (peer->pid == 0)
		run(argv, in, out);
	close(in[0]);
	close(out[1]);
	peer->in = in[1];
	peer->out = out[0];
	if (await(peer, "ready") == 0)
		return 0;
	peer_stop(peer);
	return -1;
}

void
peer_stop(struct peer *peer)
{
	close(peer->in);
	close(peer->out);
	kill(peer->pid, SIGKILL);
	waitpid(peer->pid, NULL, 0);
}

void
peer_run(struct peer *peer, struct peer_figures *figures)
{
	struct server server = {.pid = peer->pid};
	struct usage before, after;
	double begin;

	server_read_usage(&server, &before);
	begin = link_clock();
	if (write(peer->in, "\n", 1) != 1 || await(peer, "done") == -1)
		fail("a program that was to be measured failed");
	figures->seconds = link_clock() - begin;
	server_read_usage(&server, &after);
	figures->rss = after.rss - before.rss;
}
