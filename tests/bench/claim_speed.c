/* Claims on requests per second, against the baseline and against Redis. */
#include "config.h"

#include <stdlib.h>
#include <time.h>

#include <jansson.h>

#include "tests/bench/batch.h"
#include "tests/bench/claims.h"
#include "tests/bench/fail.h"
#include "tests/bench/link.h"
#include "tests/bench/load.h"
#include "tests/bench/place.h"
#include "tests/bench/programs.h"
#include "tests/bench/report.h"
#include "tests/bench/sample.h"
#include "tests/bench/server.h"

#define ROUNDS	25
#define TURNS	10
#define WARM_UP 2000
#define SPAWNS	6000 /* in a turn */
#define PINGS	500

/* What the rounds of one server gave. */
struct speed {
	struct sample rate;
	struct sample cpu; /* processor seconds of the server per request */
	struct sample latency;
};

/* What is started, and what it is asked. */
struct side {
	const char *name;
	const char *program;
	const struct dialect *dialect;
	load_fn *load;
};

/* A server in one round. */
struct runner {
	struct side side;
	struct server server;
	struct link link;
	struct usage before;
	double seconds;
	struct speed *speed;
};

static void
begin(struct runner *runner)
{
	const struct side *side = &runner->side;
	struct sample ignored = {0};

	runner->seconds = 0;
	server_start_as(&runner->server, side->program, side->dialect);
	if (link_open_as(&runner->link, runner->server.socket, side->dialect) ==
	    -1)
		fail_errno(runner->server.socket);
	side->load(&runner->link, WARM_UP, &ignored);
	server_read_usage(&runner->server, &runner->before);
	sample_destroy(&ignored);
}

static void
turn(struct runner *runner, size_t count)
{
	runner->seconds +=
	    runner->side.load(&runner->link, count, &runner->speed->latency);
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
round_of(size_t count, struct runner *daemon, struct runner *baseline)
{
	begin(daemon);
	begin(baseline);
	for (int i = 0; i < TURNS; i++) {
		turn(i % 2 == 0 ? daemon : baseline, count);
		turn(i % 2 == 0 ? baseline : daemon, count);
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

/* Returns the processor seconds that a request costs the first. */
static double
compare(const char *name, const struct side *side, const struct side *other,
    size_t count, double bound)
{
	struct speed daemon = {0}, baseline = {0};
	struct runner a = {.side = *side, .speed = &daemon};
	struct runner b = {.side = *other, .speed = &baseline};
	double cpu;

	for (int i = 0; i < ROUNDS; i++)
		round_of(count, &a, &b);
	report_ratio(name, REPORT_PER_SECOND, &daemon.rate, &baseline.rate,
	    REPORT_AT_LEAST, bound);
	note_speed(side->name, &daemon);
	note_speed(other->name, &baseline);
	cpu = sample_median(&daemon.cpu);
	destroy_speed(&daemon);
	destroy_speed(&baseline);
	return cpu;
}

static struct side
daemon_side(const struct programs *programs, load_fn *load)
{
	return (struct side){
	    "taskletd", programs->daemon, &link_json_rpc, load};
}

static struct side
baseline_side(const struct programs *programs, load_fn *load)
{
	return (struct side){
	    "baseline", programs->baseline, &link_json_rpc, load};
}

static struct side
redis_side(load_fn *load)
{
	return (struct side){
	    "redis", BENCH_PEERS "/redis.sh", &link_redis, load};
}

/* Reads such requests as the daemon does, and frees them. Returns the
   processor seconds of each. */
static double
parse(void)
{
	struct timespec begin, end;
	struct batch batch = {0};
	size_t from = 0;

	for (size_t i = 0; i < SPAWNS; i++)
		batch_add(&batch, "spawn",
		    "{\"function\":\"sleep\",\"args\":[%zu]}", 1000000 + i);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
	for (size_t i = 0; i < SPAWNS; i++) {
		json_decref(json_loadb(batch.text + from, batch.end[i] - from,
		    JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL,
		    NULL));
		from = batch.end[i];
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	batch_destroy(&batch);
	return ((double)(end.tv_sec - begin.tv_sec) +
		   1e-9 * (double)(end.tv_nsec - begin.tv_nsec)) /
	       SPAWNS;
}

/* Of a request's cost, what no daemon of ours can save. */
static void
note_parser(double cpu)
{
	struct sample seconds = {0};

	for (int i = 0; i < ROUNDS; i++)
		sample_add(&seconds, parse());
	report_note("of taskletd's, jansson alone takes %.2f us: %.0f %%",
	    1e6 * sample_median(&seconds), 100 * sample_median(&seconds) / cpu);
	sample_destroy(&seconds);
}

void
claim_spawn(const struct programs *programs)
{
	const struct side daemon = daemon_side(programs, load_spawns);
	const struct side baseline = baseline_side(programs, load_spawns);

	place_apart();
	note_parser(compare("spawn of a sleep, 100 pipelined", &daemon,
	    &baseline, SPAWNS, 0.8));
}

void
claim_ping(const struct programs *programs)
{
	const struct side daemon = daemon_side(programs, load_pings);
	const struct side baseline = baseline_side(programs, load_pings);

	place_together();
	compare("ping, one at a time", &daemon, &baseline, PINGS, 0.95);
}

void
claim_redis(const struct programs *programs)
{
	struct side daemon = daemon_side(programs, load_spawns);
	struct side redis = redis_side(load_sets);

	if (system("command -v redis-server >/dev/null") != 0) {
		report_note("redis-server is not installed: nothing judged "
			    "beside it");
		return;
	}
	place_apart();
	note_parser(compare(
	    "spawn, beside SET, 100 pipelined", &daemon, &redis, SPAWNS, 0.5));
	daemon.load = redis.load = load_pings;
	place_together();
	compare("ping, beside PING", &daemon, &redis, PINGS, 0.95);
}
