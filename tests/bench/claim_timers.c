/* Claims on tasks that wake: how late, and what each costs among many. */
#include "config.h"

#include <stdlib.h>
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

#define MANY   1000000
#define FEW    10000
#define RATE   100000 /* wake in a second, of many and of few */
#define CHUNK  1000
#define DEPTH  100
#define ROUNDS 3

/* A machine that is busy may be so much slower than it was a moment ago. */
#define MARGIN 2

/* Fleets of few in a round. */
#define FLEETS 10

/* One in so many is joined: enough for a p99, too few to be the load. */
#define STEP 50

/* A daemon, and the tasks of one round in it. */
struct fleet {
	struct server server;
	struct link filler;
	struct link joiner;
	size_t count;
	double spawn_seconds; /* that spawning one may take */
	double first;	      /* of the deadlines, all at random */
	double *deadline;
	double spawn_cpu, wake_cpu; /* processor seconds of a task */
	struct sample lateness;	    /* of those that are joined */
};

static void
start(struct fleet *fleet, const char *program, size_t count,
    double spawn_seconds)
{
	*fleet = (struct fleet){.count = count, .spawn_seconds = spawn_seconds};
	fleet->deadline = xcalloc(count, sizeof *fleet->deadline);
	server_start(&fleet->server, program);
	if (link_open(&fleet->filler, fleet->server.socket) == -1 ||
	    link_open(&fleet->joiner, fleet->server.socket) == -1)
		fail_errno(fleet->server.socket);
}

static void
stop(struct fleet *fleet)
{
	link_close(&fleet->filler);
	link_close(&fleet->joiner);
	server_stop(&fleet->server);
	sample_destroy(&fleet->lateness);
	free(fleet->deadline);
}

/* The same in each run. When the first is over, all are spawned; task 0 is the
   last to wake. */
static void
choose_deadlines(struct fleet *fleet)
{
	double count = (double)fleet->count, span = count / RATE;

	fleet->first = link_clock() + 0.2 + count * fleet->spawn_seconds;
	for (size_t i = 0; i < fleet->count; i++)
		fleet->deadline[i] =
		    fleet->first + span * (double)random() / RAND_MAX;
	fleet->deadline[0] = fleet->first + span;
}

static void
add_spawn(struct batch *batch, size_t i, double left)
{
	if (left < 0)
		fail("a task was due before all were spawned");
	if (i % STEP == 0)
		batch_add(batch, "spawn",
		    "{\"function\":\"sleep\",\"args\":[%.6f],"
		    "\"name\":\"joined-%zu\"}",
		    left, i);
	else
		batch_add(batch, "spawn",
		    "{\"function\":\"sleep\",\"args\":[%.6f]}", left);
}

/* A few made at a time, so that each asks for what is left by then. What is
   spent until the daemon has it counts as lateness. */
static void
spawn_all(struct fleet *fleet)
{
	struct batch batch = {0};

	for (size_t done = 0; done < fleet->count; done += CHUNK) {
		batch_clear(&batch);
		for (size_t i = done; i < done + CHUNK; i++)
			add_spawn(&batch, i, fleet->deadline[i] - link_clock());
		link_pipeline(&fleet->filler, &batch, DEPTH, NULL);
	}
	batch_destroy(&batch);
}

static void
join_some(struct fleet *fleet)
{
	struct batch batch = {0};

	for (size_t i = 0; i < fleet->count; i += STEP)
		batch_add(&batch, "join", "{\"task\":\"joined-%zu\"}", i);
	link_send(&fleet->joiner, &batch);
	link_ping(&fleet->joiner);
	batch_destroy(&batch);
}

static void
note_reply(void *arg, size_t id)
{
	struct fleet *fleet = arg;

	sample_add(
	    &fleet->lateness, link_clock() - fleet->deadline[(id - 1) * STEP]);
}

static void
await_joined(struct fleet *fleet)
{
	size_t left = fleet->count / STEP;
	double until = fleet->first - link_clock();

	sample_clear(&fleet->lateness);
	if (until > 0)
		usleep((useconds_t)(1e6 * until));
	while (left > 0)
		left -= link_wait(&fleet->joiner, note_reply, fleet);
}

static double
cpu_of(const struct fleet *fleet)
{
	struct usage usage;

	server_read_usage(&fleet->server, &usage);
	return usage.cpu;
}

static void
run(struct fleet *fleet)
{
	double begin = cpu_of(fleet), asleep, clock = link_clock();

	choose_deadlines(fleet);
	spawn_all(fleet);
	fleet->spawn_seconds =
	    MARGIN * (link_clock() - clock) / (double)fleet->count;
	fleet->spawn_cpu = (cpu_of(fleet) - begin) / (double)fleet->count;
	join_some(fleet);
	asleep = cpu_of(fleet);
	await_joined(fleet);
	fleet->wake_cpu = (cpu_of(fleet) - asleep) / (double)fleet->count;
}

/* Of each round; a task's, in seconds. */
struct costs {
	struct sample spawn, wake;
};

static void
run_few(struct fleet *fleet, struct costs *costs)
{
	struct sample spawn = {0}, wake = {0};

	for (int i = 0; i < FLEETS; i++) {
		run(fleet);
		sample_add(&spawn, fleet->spawn_cpu);
		sample_add(&wake, fleet->wake_cpu);
	}
	sample_add(&costs->spawn, sample_median(&spawn));
	sample_add(&costs->wake, sample_median(&wake));
	sample_destroy(&spawn);
	sample_destroy(&wake);
}

/* In a daemon of its own. */
static void
run_many(const char *program, double spawn_seconds, struct costs *costs,
    struct sample *p99, struct sample *worst)
{
	struct fleet fleet;

	start(&fleet, program, MANY, spawn_seconds);
	run(&fleet);
	sample_add(&costs->spawn, fleet.spawn_cpu);
	sample_add(&costs->wake, fleet.wake_cpu);
	sample_add(p99, sample_quantile(&fleet.lateness, 0.99));
	sample_add(worst, sample_worst(&fleet.lateness));
	stop(&fleet);
}

static void
destroy_costs(struct costs *costs)
{
	sample_destroy(&costs->spawn);
	sample_destroy(&costs->wake);
}

void
claim_timers(const struct programs *programs)
{
	struct costs many = {0}, few = {0};
	struct sample p99 = {0}, worst = {0};
	struct fleet small;

	place_apart();
	start(&small, programs->daemon, FEW, MARGIN * 20e-6);
	run(&small); /* fills what is retained of finished tasks */
	for (int i = 0; i < ROUNDS; i++) {
		run_few(&small, &few);
		run_many(
		    programs->daemon, small.spawn_seconds, &many, &p99, &worst);
	}
	stop(&small);
	report_value("p99 lateness, 1,000,000 wake in 10 s",
	    REPORT_MILLISECONDS, sample_median(&p99), REPORT_AT_MOST, 0.020);
	report_note("the worst %.2f ms, of all %d rounds",
	    1e3 * sample_worst(&worst), ROUNDS);
	report_ratio("a wake, 1,000,000 beside 10,000", REPORT_MICROSECONDS,
	    &many.wake, &few.wake, REPORT_AT_MOST, 2);
	report_ratio("its spawn", REPORT_MICROSECONDS, &many.spawn, &few.spawn,
	    REPORT_AT_MOST, 2);
	destroy_costs(&many);
	destroy_costs(&few);
	sample_destroy(&p99);
	sample_destroy(&worst);
}
