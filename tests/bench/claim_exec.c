/* Claims on commands: how many a second, and how fast their output goes. */
#include "config.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/xalloc.h"
#include "tests/bench/batch.h"
#include "tests/bench/claims.h"
#include "tests/bench/fail.h"
#include "tests/bench/link.h"
#include "tests/bench/place.h"
#include "tests/bench/programs.h"
#include "tests/bench/report.h"
#include "tests/bench/sample.h"
#include "tests/bench/server.h"

/* Short rounds, and many: the machine changes from one second to the next. */
#define ROUNDS	 60
#define COMMANDS 100 /* in a round */
#define AT_ONCE	 4
#define SLEEPERS 1000000
#define CLIENTS	 4000

#define OUTPUTS 15
#define BYTES	"104857600"

/* --- commands a second ---------------------------------------------------- */

static pid_t
start_true(void)
{
	pid_t pid = vfork();

	if (pid == -1)
		fail_errno("vfork");
	if (pid == 0) {
		execl("/bin/true", "true", (char *)NULL);
		_exit(127);
	}
	return pid;
}

/* As bare as it gets. Returns commands a second. */
static double
run_bare(void)
{
	double begin = link_clock();
	int running = 0, started = 0;

	while (started < COMMANDS || running > 0) {
		if (started < COMMANDS && running < AT_ONCE) {
			start_true();
			started++;
			running++;
		} else if (wait(NULL) > 0) {
			running--;
		}
	}
	return COMMANDS / (link_clock() - begin);
}

/* What keeps them at so many is a pool, as the loop does it for its own. */
static void
make_pool(struct link *link)
{
	struct batch batch = {0};

	batch_add(&batch, "pool", "{\"name\":\"bench\",\"size\":%d}", AT_ONCE);
	link_pipeline(link, &batch, 1, NULL);
	batch_destroy(&batch);
}

/* All are joined at the end, as the loop waits for them. */
static double
run_tasks(struct link *link)
{
	static size_t number;
	struct batch batch = {0};
	char *names = xstrdup(""), *before;
	double seconds;

	for (int i = 0; i < COMMANDS; i++) {
		number++;
		batch_add(&batch, "spawn",
		    "{\"function\":\"exec\",\"args\":[\"/bin/true\"],"
		    "\"name\":\"e%zu\",\"pool\":\"bench\"}",
		    number);
		before = names;
		names = xasprintf(
		    "%s%s\"e%zu\"", before, i == 0 ? "" : ",", number);
		free(before);
	}
	batch_add(&batch, "join", "{\"tasks\":[%s]}", names);
	free(names);
	seconds = link_pipeline(link, &batch, batch.count, NULL);
	batch_destroy(&batch);
	return COMMANDS / seconds;
}

static void
spawn_sleepers(struct link *link)
{
	struct batch batch = {0};

	for (size_t i = 0; i < SLEEPERS; i++)
		batch_add(&batch, "spawn",
		    "{\"function\":\"sleep\",\"args\":[%zu]}", 1000000 + i);
	link_pipeline(link, &batch, 100, NULL);
	batch_destroy(&batch);
}

static _Noreturn void
be_clients(const char *socket, int ready)
{
	struct rlimit limit;
	struct link link;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	for (size_t i = 0; i < CLIENTS; i++)
		if (link_open(&link, socket) == -1)
			fail_errno(socket);
	if (write(ready, "", 1) != 1)
		fail_errno("write");
	for (;;)
		pause();
}

/* In a process of their own: the loop's shall not have their descriptors.
   Returns its pid. */
static pid_t
start_clients(const char *socket)
{
	int ready[2];
	char byte;
	pid_t pid;

	if (pipe(ready) == -1)
		fail_errno("pipe");
	pid = fork();
	if (pid == -1)
		fail_errno("fork");
	if (pid == 0)
		be_clients(socket, ready[1]);
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		fail("the clients did not connect");
	close(ready[0]);
	return pid;
}

/* What else the server has to do with. */
enum company { ALONE, WITH_SLEEPERS, WITH_CLIENTS };

/* Both on one processor: over more, each is by chance a third faster in one
   round than in the next. */
static void
compare_commands(
    const struct programs *programs, const char *name, enum company company)
{
	struct sample tasks = {0}, bare = {0};
	pid_t clients = 0;
	struct server server;
	struct link link;

	server_start(&server, programs->daemon);
	place_together();
	if (link_open(&link, server.socket) == -1)
		fail_errno(server.socket);
	make_pool(&link);
	if (company == WITH_SLEEPERS)
		spawn_sleepers(&link);
	if (company == WITH_CLIENTS)
		clients = start_clients(server.socket);
	for (int i = 0; i < ROUNDS; i++) {
		sample_add(&tasks, run_tasks(&link));
		sample_add(&bare, run_bare());
	}
	report_ratio(
	    name, REPORT_PER_SECOND, &tasks, &bare, REPORT_AT_LEAST, 0.85);
	if (clients != 0) {
		kill(clients, SIGKILL);
		waitpid(clients, NULL, 0);
	}
	link_close(&link);
	server_stop(&server);
	sample_destroy(&tasks);
	sample_destroy(&bare);
}

/* --- output -------------------------------------------------------------- */

static double
run_shell(const char *command)
{
	double begin = link_clock();
	int status = system(command);

	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		fail("%s: status %d", command, status);
	return link_clock() - begin;
}

static double
run_captured(struct link *link)
{
	struct batch batch = {0};
	double seconds;

	batch_add(&batch, "spawn",
	    "{\"function\":\"exec\",\"name\":\"zeros\","
	    "\"args\":[\"head\",\"-c\",\"" BYTES "\",\"/dev/zero\"]}");
	batch_add(&batch, "join", "{\"task\":\"zeros\"}");
	seconds = link_pipeline(link, &batch, 2, NULL);
	batch_destroy(&batch);
	return seconds;
}

static void
compare_output(const struct programs *programs)
{
	struct sample captured = {0}, piped = {0};
	struct server server;
	struct link link;

	server_start(&server, programs->daemon);
	place_together();
	if (link_open(&link, server.socket) == -1)
		fail_errno(server.socket);
	for (int i = 0; i < OUTPUTS; i++) {
		sample_add(&captured, 100 / run_captured(&link));
		sample_add(&piped,
		    100 / run_shell(
			      "head -c " BYTES " /dev/zero | cat > /dev/null"));
	}
	report_ratio("MiB of output captured a second, beside cat",
	    REPORT_PER_SECOND, &captured, &piped, REPORT_AT_LEAST, 0.5);
	link_close(&link);
	server_stop(&server);
	sample_destroy(&captured);
	sample_destroy(&piped);
}

/* --- a shell loop -------------------------------------------------------- */

#define EACH "i=0; while [ $i -lt 1000 ]; do i=$((i + 1)); "

/* Seconds for 1,000 commands; negative where the program is not there. */
static double
run_loop(const char *needs, char *script)
{
	char *test = xasprintf("command -v %s >/dev/null", needs);
	double seconds = -1;

	if (system(test) == 0)
		seconds = run_shell(script);
	free(test);
	free(script);
	return seconds;
}

static double
loop_client(const struct programs *programs, const char *socket)
{
	return run_loop(programs->client,
	    xasprintf("export TASKLET_SOCKET=%s; ctl=%s; $ctl pool loop 4 "
		      ">/dev/null; " EACH "$ctl spawn -p --pool loop -- true "
		      ">/dev/null; done; $ctl wait true >/dev/null || "
		      "[ $? -eq 3 ]",
		socket, programs->client));
}

static double
loop_tsp(const char *socket)
{
	return run_loop(
	    "tsp", xasprintf("export TS_SOCKET=%s.tsp; tsp -S 4; " EACH
			     "tsp -n true >/dev/null; done; tsp -w; tsp -K",
		       socket));
}

/* Of no claim: they do not do the same. All processors are theirs, as people
   have them. */
static void
note_loops(const struct programs *programs)
{
	struct server server;

	server_start(&server, programs->daemon);
	place_freely(server.pid);
	place_freely(0);
	report_note("1,000 trues from a shell loop, 4 at a time: "
		    "tasklet-ctl %.2f s, tsp %.2f s, xargs -P4 %.2f s "
		    "(-1: not installed)",
	    loop_client(programs, server.socket), loop_tsp(server.socket),
	    run_loop("xargs", xstrdup("seq 1000 | xargs -P4 -n1 sh -c true")));
	server_stop(&server);
}

void
claim_exec(const struct programs *programs)
{
	compare_commands(programs, "exec true, 4 at a time", ALONE);
	compare_commands(programs, "the same, 1,000,000 asleep", WITH_SLEEPERS);
	compare_commands(programs, "the same, 4,000 clients", WITH_CLIENTS);
	compare_output(programs);
	note_loops(programs);
}
