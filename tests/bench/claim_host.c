/* Claims on tasks that a program hosts, beside those of the daemon's own. */
#include "config.h"

#include <jansson.h>

#include "tests/bench/batch.h"
#include "tests/bench/claims.h"
#include "tests/bench/fail.h"
#include "tests/bench/link.h"
#include "tests/bench/place.h"
#include "tests/bench/programs.h"
#include "tests/bench/report.h"
#include "tests/bench/sample.h"
#include "tests/bench/server.h"

#define ROUNDS	15
#define TURNS	10
#define TASKS	5000 /* in a turn */
#define WARM_UP 3
#define DEPTH	100

/* As many as are hosted at once. */
#define HOSTED 100000

static void
start(struct server *server, struct link *link, const char *program)
{
	server_start(server, program);
	if (link_open(link, server->socket) == -1)
		fail_errno(server->socket);
}

static double
run(struct link *link, struct batch *batch)
{
	double seconds = link_pipeline(link, batch, DEPTH, NULL);

	batch_destroy(batch);
	return seconds;
}

/* --- starting ----------------------------------------------------------- */

static double
spawn_sleeps(struct link *link)
{
	struct batch batch = {0};

	for (size_t i = 0; i < TASKS; i++)
		batch_add(&batch, "spawn",
		    "{\"function\":\"sleep\",\"args\":[%zu]}", 1000000 + i);
	return run(link, &batch);
}

static double
host_tasks(struct link *link)
{
	struct batch batch = {0};

	for (size_t i = 0; i < TASKS; i++)
		batch_add(&batch, "host",
		    "{\"function\":\"work\",\"args\":[%zu]}", 1000000 + i);
	return run(link, &batch);
}

/* --- starting and ending ------------------------------------------------ */

static double
spawn_echoes(struct link *link)
{
	struct batch batch = {0};

	for (size_t i = 0; i < TASKS; i++)
		batch_add(&batch, "spawn",
		    "{\"function\":\"echo\",\"args\":[%zu]}", i);
	return run(link, &batch);
}

static json_int_t
host_one(struct link *link)
{
	struct batch batch = {0};
	json_t *reply;
	json_int_t id;

	batch_add(&batch, "host", "{}");
	reply = json_loads(link_call(link, &batch, NULL), 0, NULL);
	id = json_integer_value(
	    json_object_get(json_object_get(reply, "result"), "id"));
	json_decref(reply);
	batch_destroy(&batch);
	return id;
}

/* Ids rise by one, so each finish can follow its host at once; were one
   guessed wrong, it would fail. */
static double
host_and_finish(struct link *link)
{
	struct batch batch = {0};
	json_int_t id = host_one(link);

	for (size_t i = 0; i < TASKS; i++) {
		batch_add(&batch, "host",
		    "{\"function\":\"work\",\"args\":[%zu]}", i);
		batch_add(&batch, "finish",
		    "{\"task\":%" JSON_INTEGER_FORMAT ",\"result\":[%zu]}",
		    ++id, i);
	}
	return run(link, &batch);
}

/* Daemons are fresh in each round, and take short turns, so that noise meets
   both alike. */
static void
compare(const struct programs *programs, const char *name,
    double (*load)(struct link *link), double (*base)(struct link *link),
    double bound)
{
	struct sample rate = {0}, base_rate = {0};
	struct server server, base_server;
	struct link link, base_link;

	for (int i = 0; i < ROUNDS; i++) {
		double seconds = 0, base_seconds = 0;

		start(&server, &link, programs->daemon);
		start(&base_server, &base_link, programs->daemon);
		for (int turn = 0; turn < WARM_UP + TURNS; turn++) {
			double a = load(&link), b = base(&base_link);

			seconds += turn < WARM_UP ? 0 : a;
			base_seconds += turn < WARM_UP ? 0 : b;
		}
		sample_add(&rate, TASKS * TURNS / seconds);
		sample_add(&base_rate, TASKS * TURNS / base_seconds);
		link_close(&link);
		link_close(&base_link);
		server_stop(&server);
		server_stop(&base_server);
	}
	report_ratio(
	    name, REPORT_PER_SECOND, &rate, &base_rate, REPORT_AT_LEAST, bound);
	sample_destroy(&rate);
	sample_destroy(&base_rate);
}

/* --- many --------------------------------------------------------------- */

static void
fill(const struct server *server, struct link *link)
{
	struct usage before, after;

	host_tasks(link);
	server_read_usage(server, &before);
	for (int i = 0; i < HOSTED / TASKS; i++)
		host_tasks(link);
	server_read_usage(server, &after);
	report_value("memory of a hosted task", REPORT_BYTES,
	    (after.rss - before.rss) / HOSTED, REPORT_AT_MOST, 400);
}

/* Pings while the program goes and its tasks end, until all have. */
static void
claim_leaving(const struct programs *programs)
{
	struct sample seconds = {0};
	struct server server;
	struct link program, other;
	double begin;

	start(&server, &program, programs->daemon);
	fill(&server, &program);
	if (link_open(&other, server.socket) == -1)
		fail_errno(server.socket);
	link_ping(&other);
	link_close(&program);
	begin = link_clock();
	while (link_clock() - begin < 1)
		link_pings(&other, 1, &seconds);
	report_value("a program of 100,000 tasks goes: ping's worst",
	    REPORT_MILLISECONDS, sample_worst(&seconds), REPORT_AT_MOST, 0.050);
	sample_destroy(&seconds);
	link_close(&other);
	server_stop(&server);
}

void
claim_host(const struct programs *programs)
{
	place_apart();
	compare(programs, "host, to a spawn of a sleep", host_tasks,
	    spawn_sleeps, 0.9);
	compare(programs, "host and finish, to a spawn of an echo",
	    host_and_finish, spawn_echoes, 0.4);
	claim_leaving(programs);
}
