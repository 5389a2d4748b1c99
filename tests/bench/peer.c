/* Programs that do one thing each, to be timed. */
#include "config.h"

#include "tests/bench/peer.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/fail.h"
#include "tests/bench/link.h"
#include "tests/bench/place.h"
#include "tests/bench/server.h"

/* Seconds that a program may take to end. */
#define PATIENCE 2

/* Reads until the end of a line. Returns what follows that word in it, or NULL
   where it does not begin so. */
static const char *
await(const struct peer *peer, const char *word)
{
	static char line[64];
	size_t length = 0;

	while (length < sizeof line - 1 &&
	       read(peer->out, line + length, 1) == 1 && line[length] != '\n')
		length++;
	line[length] = '\0';
	length = strlen(word);
	return strncmp(line, word, length) == 0 ? line + length : NULL;
}

/* In the child. Why a program is not there is of no interest. */
static void
run(void (*place)(void), const char *const argv[], const int in[2],
    const int out[2])
{
	int null = open("/dev/null", O_WRONLY);

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	place();
	signal(SIGPIPE, SIG_DFL);
	dup2(in[0], STDIN_FILENO);
	dup2(out[1], STDOUT_FILENO);
	if (null != -1)
		dup2(null, STDERR_FILENO);
	execv(argv[0], (char **)argv);
	_exit(127);
}

int
peer_start(struct peer *peer, void (*place)(void), const char *const argv[])
{
	int in[2], out[2];
	const char *pid;

	if (pipe2(in, O_CLOEXEC) == -1 || pipe2(out, O_CLOEXEC) == -1)
		fail_errno("pipe");
	peer->pid = fork();
	if (peer->pid == -1)
		fail_errno("fork");
	if (peer->pid == 0)
		run(place, argv, in, out);
	close(in[0]);
	close(out[1]);
	peer->in = in[1];
	peer->out = out[0];
	pid = await(peer, "ready");
	if (pid == NULL) {
		peer_stop(peer);
		return -1;
	}
	peer->measured =
	    *pid == '\0' ? peer->pid : (pid_t)strtol(pid, NULL, 10);
	return 0;
}

/* It may have something to clean up. */
void
peer_stop(struct peer *peer)
{
	double begin = link_clock();

	kill(peer->pid, SIGTERM);
	close(peer->in);
	close(peer->out);
	while (waitpid(peer->pid, NULL, WNOHANG) != peer->pid) {
		if (link_clock() - begin > PATIENCE)
			kill(peer->pid, SIGKILL);
		usleep(1000);
	}
}

int
peer_run(struct peer *peer, struct peer_figures *figures)
{
	struct server server = {.pid = peer->measured};
	struct usage before, after;
	double begin;

	server_read_usage(&server, &before);
	begin = link_clock();
	if (write(peer->in, "\n", 1) != 1 || await(peer, "done") == NULL)
		return -1;
	figures->seconds = link_clock() - begin;
	server_read_usage(&server, &after);
	figures->rss = after.rss - before.rss;
	return 0;
}
