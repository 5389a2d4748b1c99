/* Private servers: started in a folder of their own, ended by pid. */
#include "config.h"

#include "tests/bench/server.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/fail.h"
#include "tests/bench/link.h"
#include "tests/bench/place.h"

/* Servers at once, at most. */
#define MAX_SERVERS 8

static char folder[64];
static volatile pid_t running[MAX_SERVERS];

static void
remove_folder(void)
{
	char path[sizeof folder + NAME_MAX + 2];
	struct dirent *entry;
	DIR *dir = opendir(folder);

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		unlink(path);
	}
	if (dir != NULL)
		closedir(dir);
	rmdir(folder);
}

static void
clean_up(void)
{
	for (size_t i = 0; i < MAX_SERVERS; i++)
		if (running[i] > 0) {
			kill(running[i], SIGKILL);
			waitpid(running[i], NULL, 0);
		}
	remove_folder();
}

/* Not safe against every moment; a second signal ends it all the same. */
static void
on_signal(int number)
{
	exit(128 + number);
}

static void
catch_signals(void)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction action = {0};

	action.sa_handler = on_signal;
	action.sa_flags = (int)SA_RESETHAND;
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		sigaction(numbers[i], &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

void
server_set_up(void)
{
	const char *base = getenv("TMPDIR");

	snprintf(folder, sizeof folder, "%s/tasklet-bench-XXXXXX",
	    base == NULL || strlen(base) > 32 ? "/tmp" : base);
	if (mkdtemp(folder) == NULL)
		fail_errno(folder);
	atexit(clean_up);
	catch_signals();
}

const char *
server_folder(void)
{
	return folder;
}

/* In the child. What it says goes to a file beside its socket. */
static void
run(const char *program, char *socket)
{
	char *argv[] = {(char *)program, (char *)"--socket", socket, NULL};
	char log[sizeof folder + 16];
	int fd;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	place_server();
	signal(SIGPIPE, SIG_DFL);
	snprintf(log, sizeof log, "%s/%d.log", folder, (int)getpid());
	fd = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd != -1) {
		dup2(fd, STDOUT_FILENO);
		dup2(fd, STDERR_FILENO);
		close(fd);
	}
	execv(program, argv);
	_exit(127);
}

/* Says what the server said before it went. */
static void
show_log(const struct server *server)
{
	char log[sizeof folder + 16], text[512];
	size_t length;
	FILE *file;

	snprintf(log, sizeof log, "%s/%d.log", folder, (int)server->pid);
	file = fopen(log, "r");
	while (file != NULL && (length = fread(text, 1, sizeof text, file)) > 0)
		fwrite(text, 1, length, stderr);
	if (file != NULL)
		fclose(file);
}

static void
remember(pid_t old, pid_t pid)
{
	for (size_t i = 0; i < MAX_SERVERS; i++)
		if (running[i] == old) {
			running[i] = pid;
			return;
		}
	fail("more than %d servers", MAX_SERVERS);
}

double
server_start(struct server *server, const char *program)
{
	return server_start_as(server, program, &link_json_rpc);
}

double
server_start_as(
    struct server *server, const char *program, const struct dialect *dialect)
{
	static int number;
	double begin;
	struct link link;

	snprintf(
	    server->socket, sizeof server->socket, "%s/%d", folder, ++number);
	server->dialect = dialect;
	begin = link_clock();
	server->pid = fork();
	if (server->pid == -1)
		fail_errno("fork");
	if (server->pid == 0)
		run(program, server->socket);
	remember(0, server->pid);
	while (link_open_as(&link, server->socket, dialect) == -1) {
		if (waitpid(server->pid, NULL, WNOHANG) == server->pid ||
		    link_clock() - begin > 10) {
			show_log(server);
			fail("%s did not start", program);
		}
		usleep(100);
	}
	link_ping(&link);
	begin = link_clock() - begin;
	link_close(&link);
	return begin;
}

double
server_stop(struct server *server)
{
	double begin = link_clock();

	kill(server->pid, SIGTERM);
	while (waitpid(server->pid, NULL, WNOHANG) != server->pid) {
		if (link_clock() - begin > 10)
			kill(server->pid, SIGKILL);
		usleep(1000);
	}
	remember(server->pid, 0);
	unlink(server->socket);
	return link_clock() - begin;
}

/* The number after `key` in a file of "key: number" lines. */
static double
number_in(const char *path, const char *key)
{
	char line[256];
	double value = 0;
	FILE *file = fopen(path, "r");

	while (file != NULL && fgets(line, sizeof line, file) != NULL)
		if (strncmp(line, key, strlen(key)) == 0)
			value = strtod(line + strlen(key), NULL);
	if (file != NULL)
		fclose(file);
	return value;
}

static double
cpu_of(pid_t pid)
{
	struct timespec used;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) != 0 ||
	    clock_gettime(clock, &used) == -1)
		fail("the processor time of %d is not to be had", (int)pid);
	return (double)used.tv_sec + 1e-9 * (double)used.tv_nsec;
}

void
server_read_usage(const struct server *server, struct usage *usage)
{
	char path[64 + NAME_MAX];
	struct dirent *entry;
	DIR *dir;

	*usage = (struct usage){.cpu = cpu_of(server->pid)};
	snprintf(path, sizeof path, "/proc/%d/status", (int)server->pid);
	usage->rss = 1024 * number_in(path, "VmRSS:");
	usage->rss_anon = 1024 * number_in(path, "RssAnon:");
	snprintf(path, sizeof path, "/proc/%d/task", (int)server->pid);
	dir = opendir(path);
	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		snprintf(path, sizeof path, "/proc/%d/task/%s/status",
		    (int)server->pid, entry->d_name);
		usage->wakeups += number_in(path, "voluntary_ctxt_switches:");
		usage->preemptions +=
		    number_in(path, "nonvoluntary_ctxt_switches:");
	}
	if (dir != NULL)
		closedir(dir);
}
