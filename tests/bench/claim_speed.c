/* Claims on requests per second, against the baseline. */
#include "config.h"

#include "tests/bench/batch.h"
#include "tests/bench/claims.h"
#include "tests/bench/fail.h"
#include "tests/bench/link.h"
#include "tests/bench/place.h"
#include "tests/bench/report.h"
#include "tests/bench/sample.h"
#include "tests/bench/server.h"

#define ROUNDS	25
#define TURNS	10
#define WARM_UP 2000
#define SPAWNS	6000 /* in a turn */
#define PINGS	500
#define DEPTH	100

/* What the rounds of one server gave. */
struct speed {
	struct sample rate;
	struct sample cpu; /* processor seconds of the server per request */
	struct sample latency;
};

/* Loads a server over a connection; returns seconds. */
typedef double (*load_fn)(
    struct link *link, size_t count, struct sample *latency);

static double
load_spawns(struct link *link, size_t count, struct sample *latency)
{
	struct batch batch = {0};
	double seconds;

	for (size_t i = 0; i < count; i++)
		batch_add(&batch, "spawn",
		    "{\"function\":\"sleep\",\"args\":[%zu]}", 1000000 + i);
	seconds = link_pipeline(link, &batch, DEPTH, latency);
	batch_destroy(&batch);
	return seconds;
}

static double
load_pings(struct link *link, size_t count, struct sample *latency)
{
	return link_pings(link, count, latency);
}

/* A server in one round. */
struct runner {
	struct server server;
	struct link link;
	struct usage before;
	double seconds;
	struct speed *speed;
};

static void
begin(struct runner *runner, const char *program, load_fn load)
{
	struct sample ignored = {0};

	runner->seconds = 0;
	server_start(&runner->server, program);
	if (link_open(&runner->link, runner->server.socket) == -1)
		fail_errno(runner->server.socket);
	load(&runner->link, WARM_UP, &ignored);
	server_read_usage(&runner->server, &runner->before);
	sample_destroy(&ignored);
}

static void
turn(struct runner *runner, load_fn load, size_t count)
{
	runner->seconds += load(&runner->link, count, &runner->speed->latency);
}

static void
end(struct runner *runner, double count)
{
	struct usage after;

	server_read_usage(&runner->server, &after);
	sample_add(&runner->speed->rate, count / runner->seconds);
	sample_add(
	    &runner->speed->cpu, (after.cpu - runner->before.cpu) / count);
	link_close(&runner->link);
	server_stop(&runner->server);
}

/* Servers are fresh in each round, since how their memory happens to lie
   differs too, and take short turns, so that noise meets both alike. */
static void
round_of(const struct programs *programs, load_fn load, size_t count,
    struct runner *daemon, struct runner *baseline)
{
	begin(daemon, programs->daemon, load);
	begin(baseline, programs->baseline, load);
	for (int i = 0; i < TURNS; i++) {
		turn(i % 2 == 0 ? daemon : baseline, load, count);
		turn(i % 2 == 0 ? baseline : daemon, load, count);
	}
	end(daemon, (double)count * TURNS);
	end(baseline, (double)count * TURNS);
}

static void
note_speed(const char *name, const struct speed *speed)
{
	report_note("%s: p50 %.1f us, p99 %.1f us, worst %.1f us; "
		    "processor %.2f us a request",
	    name, 1e6 * sample_median(&speed->latency),
	    1e6 * sample_quantile(&speed->latency, 0.99),
	    1e6 * sample_worst(&speed->latency),
	    1e6 * sample_median(&speed->cpu));
}

static void
destroy_speed(struct speed *speed)
{
	sample_destroy(&speed->rate);
	sample_destroy(&speed->cpu);
	sample_destroy(&speed->latency);
}

static void
compare(const struct programs *programs, const char *name, load_fn load,
    size_t count, double bound)
{
	struct speed daemon = {0}, baseline = {0};
	struct runner a = {.speed = &daemon}, b = {.speed = &baseline};

	for (int i = 0; i < ROUNDS; i++)
		round_of(programs, load, count, &a, &b);
	report_ratio(name, REPORT_PER_SECOND, &daemon.rate, &baseline.rate,
	    REPORT_AT_LEAST, bound);
	note_speed("taskletd", &daemon);
	note_speed("baseline", &baseline);
	destroy_speed(&daemon);
	destroy_speed(&baseline);
}

void
claim_spawn(const struct programs *programs)
{
	place_apart();
	compare(programs, "spawn of a sleep, 100 pipelined", load_spawns,
	    SPAWNS, 0.8);
}

void
claim_ping(const struct programs *programs)
{
	place_together();
	compare(programs, "ping, one at a time", load_pings, PINGS, 0.95);
}
