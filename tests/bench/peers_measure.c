/* Measures tasklet and its peers, each as its users would use it. */
#include "config.h"

#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/bench/batch.h"
#include "tests/bench/fail.h"
#include "tests/bench/link.h"
#include "tests/bench/load.h"
#include "tests/bench/peer.h"
#include "tests/bench/peers.h"
#include "tests/bench/place.h"
#include "tests/bench/programs.h"
#include "tests/bench/server.h"

#define ROUNDS	     3
#define JOINED	     50000
#define COMMANDS_RUN 200
#define AT_ONCE	     4
#define SPAWNS	     20000
#define PINGS	     5000
#define IDLE_SECONDS 10

/* What is needed to start one of them, in any round. */
struct context {
	const struct programs *programs;
	struct figures *figures;
};

const char *const peers_names[PEERS] = {
    [TASKLETD] = "taskletd",
    [TASKLET_LUA] = "tasklet-lua",
    [REDIS] = "redis",
    [GO] = "go",
    [ERLANG] = "erlang",
    [GEVENT] = "gevent",
    [ASYNCIO] = "asyncio",
    [TARANTOOL] = "tarantool",
    [SPOOLER] = "task-spooler",
    [SUPERVISORD] = "supervisord",
};

/* The most tasks, where that is less than all. */
static const size_t most[PEERS] = {
    [TARANTOOL] = 10000,
};

static bool
is_server(int name)
{
	return name == TASKLETD || name == REDIS;
}

static bool
runs_coroutines(int name)
{
	return name == TASKLET_LUA || (name >= GO && name <= TARANTOOL);
}

/* --- one of them --------------------------------------------------------- */

/* One that is running, whatever it is. */
struct running {
	bool is_server; /* else it is a peer, maybe with one */
	bool has_server;
	bool has_link;
	struct server server;
	struct peer peer;
	struct link link;
};

static pid_t
pid_of(const struct running *running)
{
	return running->is_server ? running->server.pid :
				    running->peer.measured;
}

static void
read_usage(const struct running *running, struct usage *usage)
{
	struct server server = {.pid = pid_of(running)};

	server_read_usage(&server, usage);
}

static void
stop(struct running *running)
{
	if (running->has_link)
		link_close(&running->link);
	if (!running->is_server)
		peer_stop(&running->peer);
	if (running->is_server || running->has_server)
		server_stop(&running->server);
}

static int
start_server(const struct context *context, int name, struct running *running)
{
	const struct dialect *dialect =
	    name == REDIS ? &link_redis : &link_json_rpc;

	if (name == REDIS && system("command -v redis-server >/dev/null") != 0)
		return -1;
	running->is_server = running->has_link = true;
	server_start_as(&running->server,
	    name == REDIS ? BENCH_PEERS "/redis.sh" : context->programs->daemon,
	    dialect);
	if (link_open_as(&running->link, running->server.socket, dialect) == -1)
		fail_errno(running->server.socket);
	return 0;
}

static int
start_lua(const struct context *context, const char *what, const char *argument,
    struct running *running)
{
	const char *lua = context->programs->lua;

	if (access(lua, X_OK) == -1)
		return -1;
	server_start(&running->server, context->programs->daemon);
	running->has_server = true;
	if (peer_start(&running->peer, place_server,
		(const char *const[]){lua, "--socket", running->server.socket,
		    BENCH_PEERS "/tasklets.lua", what, argument, NULL}) == 0)
		return 0;
	server_stop(&running->server);
	return -1;
}

/* Returns -1 where it is not to be had. */
static int
start(const struct context *context, int name, const char *what,
    const char *argument, struct running *running)
{
	*running = (struct running){0};
	if (is_server(name))
		return start_server(context, name, running);
	if (name == TASKLET_LUA)
		return start_lua(context, what, argument, running);
	return peer_start(&running->peer, place_server,
	    (const char *const[]){"/bin/sh", BENCH_PEERS "/start.sh",
		server_folder(), peers_names[name], what, argument, NULL});
}

/* Lets a peer do so many of that. Adds how many a second. */
static void
run_peer(const struct context *context, int name, const char *what,
    size_t count, struct sample *rate)
{
	struct peer_figures figures;
	struct running running;
	char number[24];

	snprintf(number, sizeof number, "%zu", count);
	if (start(context, name, what, number, &running) == -1)
		return;
	if (peer_run(&running.peer, &figures) == 0)
		sample_add(rate, (double)count / figures.seconds);
	stop(&running);
}

/* --- tasks that sleep ---------------------------------------------------- */

static void
add_point(struct figures *figures, int size, double count, double bytes,
    double seconds)
{
	sample_add(&figures->bytes[size], bytes / count);
	sample_add(&figures->seconds[size], seconds / count);
}

static void
fill_server(
    struct running *running, int name, size_t count, struct peer_figures *grown)
{
	struct usage before, after;

	read_usage(running, &before);
	grown->seconds = (name == REDIS ? load_delayed_jobs : load_spawns)(
	    &running->link, count, NULL);
	read_usage(running, &after);
	grown->rss = after.rss - before.rss;
}

static void
sleep_many(const struct context *context, int name, int size, size_t count)
{
	struct peer_figures grown;
	struct running running;
	char number[24];

	snprintf(number, sizeof number, "%zu", count);
	if (start(context, name, "sleep", number, &running) == -1)
		return;
	if (is_server(name))
		fill_server(&running, name, count, &grown);
	if (is_server(name) || peer_run(&running.peer, &grown) == 0)
		add_point(&context->figures[name], size, (double)count,
		    grown.rss, grown.seconds);
	stop(&running);
}

/* The table has what there is for 100,000, or the most there are. */
static void
choose_bytes(struct figures *figures)
{
	for (int size = SIZES - 2; size >= 0; size--)
		if (figures->bytes[size].count > 0) {
			sample_add(&figures->cells[TASK_BYTES],
			    sample_median(&figures->bytes[size]));
			return;
		}
}

static void
measure_sleepers(const struct context *context, int name)
{
	size_t count = FIRST_SIZE;

	for (int size = 0; size < SIZES; size++, count *= 10)
		if (most[name] == 0 || count <= most[name])
			sleep_many(context, name, size, count);
	choose_bytes(&context->figures[name]);
}

/* --- spawn and join, commands -------------------------------------------- */

/* Starts and joins so many of what the params say. Adds how many a second. */
static void
run_tasks(const struct context *context, const char *function, size_t count,
    size_t depth, struct sample *rate)
{
	struct batch batch = {0};
	struct running running;

	if (start(context, TASKLETD, "", "", &running) == -1)
		return;
	for (size_t i = 0; i < count; i++) {
		batch_add(&batch, "spawn",
		    "{\"function\":%s,\"name\":\"t%zu\"}", function, i);
		batch_add(&batch, "join", "{\"task\":\"t%zu\"}", i);
	}
	sample_add(rate,
	    (double)count / link_pipeline(&running.link, &batch, depth, NULL));
	batch_destroy(&batch);
	stop(&running);
}

static void
measure_joins(const struct context *context, int name)
{
	struct sample *rate = &context->figures[name].cells[JOINS];

	if (name == TASKLETD)
		run_tasks(context, "\"echo\"", JOINED, LOAD_DEPTH, rate);
	else if (runs_coroutines(name))
		run_peer(context, name, "join", JOINED, rate);
}

static void
measure_commands(const struct context *context, int name)
{
	struct sample *rate = &context->figures[name].cells[COMMANDS];

	if (name == TASKLETD)
		run_tasks(context, "\"exec\",\"args\":[\"/bin/true\"]",
		    COMMANDS_RUN, AT_ONCE, rate);
	else if (name != REDIS)
		run_peer(context, name, "exec", COMMANDS_RUN, rate);
}

/* --- requests, and doing nothing ----------------------------------------- */

/* A server, or one that a peer's users would write. */
static int
serve(const struct context *context, int name, struct running *running)
{
	static int number;
	char path[128];

	snprintf(path, sizeof path, "%s/peer-%d", server_folder(), number++);
	if (start(context, name, name == TASKLET_LUA ? "join" : "listen",
		name == TASKLET_LUA ? "1" : path, running) == -1)
		return -1;
	if (!running->is_server && runs_coroutines(name) &&
	    name != TASKLET_LUA) {
		if (link_open(&running->link, path) == -1)
			fail_errno(path);
		running->has_link = true;
	}
	return 0;
}

static void
measure_requests(const struct context *context, int name)
{
	struct sample *cells = context->figures[name].cells;
	struct running running;

	if (serve(context, name, &running) == -1)
		return;
	if (running.has_link) {
		place_apart();
		sample_add(&cells[PIPELINED],
		    SPAWNS / (name == REDIS ? load_sets : load_spawns)(
				 &running.link, SPAWNS, NULL));
		place_together();
		sample_add(&cells[SINGLE],
		    PINGS / load_pings(&running.link, PINGS, NULL));
		place_apart();
	}
	stop(&running);
}

/* All side by side, as they do nothing. */
static void
measure_idle(const struct context *context)
{
	struct running running[PEERS];
	bool runs[PEERS];
	struct usage before[PEERS], after;

	for (int name = 0; name < PEERS; name++)
		runs[name] = serve(context, name, &running[name]) == 0;
	sleep(1);
	for (int name = 0; name < PEERS; name++)
		if (runs[name])
			read_usage(&running[name], &before[name]);
	sleep(IDLE_SECONDS);
	for (int name = 0; name < PEERS; name++) {
		struct sample *cells = context->figures[name].cells;

		if (!runs[name])
			continue;
		read_usage(&running[name], &after);
		sample_add(&cells[IDLE_CPU], after.cpu - before[name].cpu);
		sample_add(
		    &cells[IDLE_WAKEUPS], after.wakeups - before[name].wakeups);
		sample_add(&cells[IDLE_BYTES], after.rss);
		stop(&running[name]);
	}
}

/* --- all of it ----------------------------------------------------------- */

static void
measure(const struct context *context, const char *what, int rounds,
    void (*one)(const struct context *context, int name))
{
	for (int i = 0; i < rounds; i++)
		for (int name = 0; name < PEERS; name++) {
			fprintf(stderr, "%s: %s\n", what, peers_names[name]);
			one(context, name);
		}
}

static void
measure_sleepers_of(const struct context *context, int name)
{
	if (is_server(name) || runs_coroutines(name))
		measure_sleepers(context, name);
}

void
peers_measure(const struct programs *programs, struct figures *figures)
{
	const struct context context = {programs, figures};

	place_apart();
	measure(&context, "sleep", 1, measure_sleepers_of);
	measure(&context, "spawn and join", ROUNDS, measure_joins);
	measure(&context, "requests", ROUNDS, measure_requests);
	measure(&context, "commands", ROUNDS, measure_commands);
	fprintf(stderr, "idle\n");
	measure_idle(&context);
}
