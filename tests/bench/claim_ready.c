/* The claim on a daemon that has 100,000 tasks ready at once. */
#include "config.h"

#include <signal.h>
#include <unistd.h>

#include "tests/bench/batch.h"
#include "tests/bench/claims.h"
#include "tests/bench/fail.h"
#include "tests/bench/link.h"
#include "tests/bench/place.h"
#include "tests/bench/programs.h"
#include "tests/bench/report.h"
#include "tests/bench/sample.h"
#include "tests/bench/server.h"

#define TASKS  100000
#define CHUNK  1000
#define DEPTH  100
#define ROUNDS 7
#define PINGS  2000

/* From the first spawn to the moment when all sleeps end. */
#define FILL_SECONDS 4.0

/* One daemon, and its connections. */
struct scene {
	struct server server;
	struct link filler;
	struct link pinger;
	struct link joiner;
	struct sample idle; /* p99 of each round, seconds */
	struct sample busy; /* likewise */
	struct sample worst;
	struct sample drain; /* seconds until all have run */
	size_t pings;
};

static void
sleep_until(double moment)
{
	double left = moment - link_clock();

	if (left > 0)
		usleep((useconds_t)(1e6 * left));
}

/* Spawns sleeps that all end at that moment, a few made at a time so that
   each asks for what is left by then. */
static void
fill(struct link *link, double moment)
{
	struct batch batch = {0};

	for (size_t done = 0; done < TASKS; done += CHUNK) {
		double left = moment - link_clock();

		if (left < 0.1)
			fail("100,000 spawns took over %.1f s", FILL_SECONDS);
		batch_clear(&batch);
		for (size_t i = 0; i < CHUNK; i++)
			batch_add(&batch, "spawn",
			    "{\"function\":\"sleep\",\"args\":[%.6f]}", left);
		link_pipeline(link, &batch, DEPTH, NULL);
	}
	batch_destroy(&batch);
}

/* Spawns a sleep that ends a little later than these, and so runs last, and
   joins it without waiting for the reply. */
static void
join_last(struct link *link, double moment)
{
	struct batch batch = {0};

	batch_add(&batch, "spawn",
	    "{\"function\":\"sleep\",\"args\":[%.6f],\"name\":\"last\"}",
	    moment - link_clock());
	link_pipeline(link, &batch, 1, NULL);
	batch_clear(&batch);
	batch_add(&batch, "join", "{\"task\":\"last\"}");
	link_send(link, &batch);
	batch_destroy(&batch);
}

/* Stops the daemon over the moment at which the sleeps end: when it goes on,
   all of them are ready at once, however fast it is. */
static void
pass_moment(const struct server *server, double moment)
{
	sleep_until(moment - 0.030);
	kill(server->pid, SIGSTOP);
	sleep_until(moment + 0.060);
	kill(server->pid, SIGCONT);
}

static void
ping_until_joined(struct scene *scene)
{
	struct sample seconds = {0};
	double begin = link_clock();

	while (!link_has_reply(&scene->joiner))
		sample_add(&seconds, link_ping(&scene->pinger));
	sample_add(&scene->drain, link_clock() - begin);
	sample_add(&scene->busy, sample_quantile(&seconds, 0.99));
	sample_add(&scene->worst, sample_worst(&seconds));
	scene->pings += seconds.count;
	sample_destroy(&seconds);
}

static void
ping_idle(struct scene *scene)
{
	struct sample seconds = {0};

	link_pings(&scene->pinger, PINGS, &seconds);
	sample_add(&scene->idle, sample_quantile(&seconds, 0.99));
	sample_destroy(&seconds);
}

static void
round_of(struct scene *scene)
{
	double moment;

	ping_idle(scene);
	moment = link_clock() + FILL_SECONDS;
	fill(&scene->filler, moment);
	join_last(&scene->joiner, moment + 0.030);
	pass_moment(&scene->server, moment);
	ping_until_joined(scene);
}

static void
open_links(struct scene *scene)
{
	struct link *links[] = {&scene->filler, &scene->pinger, &scene->joiner};

	for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
		if (link_open(links[i], scene->server.socket) == -1)
			fail_errno(scene->server.socket);
		link_ping(links[i]);
	}
}

/* Of the rounds, the middle one speaks for all. */
static void
report(struct scene *scene)
{
	if (scene->pings == 0)
		fail("all had run before a ping could be sent");
	report_above("ping's p99 with 100,000 tasks ready", REPORT_MILLISECONDS,
	    sample_median(&scene->busy), sample_median(&scene->idle), 0.005);
	report_note("%zu pings in %d rounds; the worst of a round %.2f ms, "
		    "of all %.2f ms; all tasks had run after %.0f ms",
	    scene->pings, ROUNDS, 1e3 * sample_median(&scene->worst),
	    1e3 * sample_worst(&scene->worst),
	    1e3 * sample_median(&scene->drain));
}

void
claim_ready(const struct programs *programs)
{
	struct scene scene = {0};

	place_apart();
	server_start(&scene.server, programs->daemon);
	open_links(&scene);
	for (int i = 0; i < ROUNDS; i++)
		round_of(&scene);
	report(&scene);
	link_close(&scene.filler);
	link_close(&scene.pinger);
	link_close(&scene.joiner);
	server_stop(&scene.server);
	sample_destroy(&scene.idle);
	sample_destroy(&scene.busy);
	sample_destroy(&scene.worst);
	sample_destroy(&scene.drain);
}
