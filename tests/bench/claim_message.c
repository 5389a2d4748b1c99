/* Claims on messages to tasklets over the socket, against the baseline. */
#include "config.h"

#include <stdio.h>
#include <unistd.h>

#include "tests/bench/batch.h"
#include "tests/bench/claims.h"
#include "tests/bench/fail.h"
#include "tests/bench/link.h"
#include "tests/bench/peer.h"
#include "tests/bench/place.h"
#include "tests/bench/programs.h"
#include "tests/bench/report.h"
#include "tests/bench/sample.h"
#include "tests/bench/server.h"

#define ROUNDS	9
#define WARM_UP 2000
#define CALLS	20000
#define DEPTH	100 /* as many as tasklets.lua has calling at a time */

/* Calls per second, and what the baseline answers at the same depth. */
struct rates {
	struct sample client, script, baseline;
};

static void
add_call(struct batch *batch, size_t i)
{
	batch_add(batch, "call", "{\"task\":\"server\",\"body\":%zu}", i);
}

static void
add_ping(struct batch *batch, size_t i)
{
	(void)i;
	batch_add(batch, "ping", NULL);
}

static double
measure(struct link *link, void (*add)(struct batch *, size_t), size_t count)
{
	struct batch batch = {0};
	double seconds;

	for (size_t i = 0; i < count; i++)
		add(&batch, i);
	seconds = link_pipeline(link, &batch, DEPTH, NULL);
	batch_destroy(&batch);
	return (double)count / seconds;
}

static double
measure_client(const struct server *server, void (*add)(struct batch *, size_t))
{
	struct link link;
	double rate;

	if (link_open(&link, server->socket) == -1)
		fail_errno(server->socket);
	measure(&link, add, WARM_UP);
	rate = measure(&link, add, CALLS);
	link_close(&link);
	return rate;
}

static void
start_lua(const struct programs *programs, const struct server *server,
    const char *what, struct peer *peer)
{
	char number[16];

	snprintf(number, sizeof number, "%d", CALLS);
	if (peer_start(peer, place_apart,
		(const char *const[]){programs->lua, "--socket", server->socket,
		    BENCH_PEERS "/tasklets.lua", what, number, NULL}) == -1)
		fail("tasklets.lua did not start");
}

static double
measure_script(const struct programs *programs, const struct server *server)
{
	struct peer_figures figures;
	struct peer caller;

	start_lua(programs, server, "call", &caller);
	if (peer_run(&caller, &figures) == -1)
		fail("the program that calls failed");
	peer_stop(&caller);
	return CALLS / figures.seconds;
}

static void
run_daemon(const struct programs *programs, struct rates *rates)
{
	struct peer_figures ignored;
	struct server server;
	struct peer callee;

	server_start(&server, programs->daemon);
	start_lua(programs, &server, "serve", &callee);
	if (peer_run(&callee, &ignored) == -1)
		fail("the program that is called failed");
	sample_add(&rates->client, measure_client(&server, add_call));
	sample_add(&rates->script, measure_script(programs, &server));
	peer_stop(&callee);
	server_stop(&server);
}

static void
run_baseline(const struct programs *programs, struct rates *rates)
{
	struct server server;

	server_start(&server, programs->baseline);
	sample_add(&rates->baseline, measure_client(&server, add_ping));
	server_stop(&server);
}

void
claim_message(const struct programs *programs)
{
	struct rates rates = {0};

	if (access(programs->lua, X_OK) == -1) {
		report_note("tasklet-lua was not built: no message judged");
		return;
	}
	for (int i = 0; i < ROUNDS; i++) {
		run_daemon(programs, &rates);
		run_baseline(programs, &rates);
	}
	report_ratio("calls of a client to a tasklet", REPORT_PER_SECOND,
	    &rates.client, &rates.baseline, REPORT_AT_LEAST, 0.05);
	report_ratio("calls between two scripts", REPORT_PER_SECOND,
	    &rates.script, &rates.baseline, REPORT_AT_LEAST, 0.05);
	sample_destroy(&rates.client);
	sample_destroy(&rates.script);
	sample_destroy(&rates.baseline);
}
