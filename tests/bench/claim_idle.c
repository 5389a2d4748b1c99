/* Claims on an idle daemon: wake-ups, memory, start. */
#include "config.h"

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

#define IDLE_SECONDS 10
#define STARTS	     20

/* After the last request, before the count begins. */
#define SETTLE_MICROSECONDS 200000

/* A client that says nothing and a task that sleeps on change nothing. */
static void
occupy(struct link *link, const struct server *server)
{
	struct batch batch = {0};

	if (link_open(link, server->socket) == -1)
		fail_errno(server->socket);
	batch_add(&batch, "spawn", "{\"function\":\"sleep\",\"args\":[1000]}");
	link_pipeline(link, &batch, 1, NULL);
	batch_destroy(&batch);
}

void
claim_idle(const struct programs *programs)
{
	struct usage before, after;
	struct server server;
	struct link link;

	server_start(&server, programs->daemon);
	occupy(&link, &server);
	usleep(SETTLE_MICROSECONDS);
	server_read_usage(&server, &before);
	sleep(IDLE_SECONDS);
	server_read_usage(&server, &after);
	report_value("idle, wake-ups in 10 s", REPORT_COUNT,
	    after.wakeups - before.wakeups, REPORT_AT_MOST, 0);
	report_note("processor time %.0f us, preempted %.0f times",
	    1e6 * (after.cpu - before.cpu),
	    after.preemptions - before.preemptions);
	report_value(
	    "idle, resident", REPORT_MEGABYTES, after.rss, REPORT_AT_MOST, 5e6);
	report_note("of its own (RssAnon) %.2f MB", 1e-6 * after.rss_anon);
	link_close(&link);
	server_stop(&server);
}

static void
time_starts(const char *program, struct sample *seconds)
{
	struct server server;

	sample_add(seconds, server_start(&server, program));
	server_stop(&server);
}

void
claim_start(const struct programs *programs)
{
	struct sample daemon = {0}, baseline = {0};

	place_apart();
	for (int i = 0; i < STARTS; i++) {
		time_starts(programs->daemon, &daemon);
		time_starts(programs->baseline, &baseline);
	}
	report_value("start, until a ping is answered", REPORT_MILLISECONDS,
	    sample_median(&daemon), REPORT_AT_MOST, 0.020);
	report_note("worst of %d %.2f ms; the baseline takes %.2f ms", STARTS,
	    1e3 * sample_worst(&daemon), 1e3 * sample_median(&baseline));
	sample_destroy(&daemon);
	sample_destroy(&baseline);
}
