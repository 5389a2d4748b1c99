/* Claims on tasklets in tasklet-lua, beside the light tasks of others. */
#include "config.h"

#include <stdio.h>
#include <unistd.h>

#include "tests/bench/claims.h"
#include "tests/bench/fail.h"
#include "tests/bench/peer.h"
#include "tests/bench/place.h"
#include "tests/bench/programs.h"
#include "tests/bench/report.h"
#include "tests/bench/sample.h"
#include "tests/bench/server.h"

#define ROUNDS 7

/* Of those that are slow, and not what most claims are on. */
#define FEW 3

/* Asleep at once; and how often each of two yields to the other. */
#define SLEEPERS 100000
#define YIELDS	 250000

/* Values through a channel; and messages to and fro. */
#define VALUES	 250000
#define MESSAGES 125000

enum peer_name { LUA, GO, ASYNCIO, GEVENT, ERLANG, PEERS };

/* As start.sh calls them. */
static const char *const names[PEERS] = {
    "tasklet-lua", "go", "asyncio", "gevent", "erlang"};

/* Of each, by round; empty where it is not installed. */
struct figures {
	struct sample seconds[PEERS], bytes[PEERS];
	struct sample daemon_bytes;
};

static void
destroy(struct figures *figures)
{
	for (int i = 0; i < PEERS; i++) {
		sample_destroy(&figures->seconds[i]);
		sample_destroy(&figures->bytes[i]);
	}
	sample_destroy(&figures->daemon_bytes);
}

static void
add(struct figures *figures, enum peer_name name, struct peer *peer,
    double count)
{
	struct peer_figures measured;

	if (peer_run(peer, &measured) == -1)
		fail("%s failed", names[name]);
	sample_add(&figures->seconds[name], measured.seconds / count);
	sample_add(&figures->bytes[name], measured.rss / count);
}

/* With a daemon of its own. */
static void
run_lua(const struct programs *programs, const char *what, const char *number,
    double count, struct figures *figures)
{
	struct usage before, after;
	struct server server;
	struct peer peer;

	server_start(&server, programs->daemon);
	if (peer_start(&peer, place_apart,
		(const char *const[]){programs->lua, "--socket", server.socket,
		    BENCH_PEERS "/tasklets.lua", what, number, NULL}) == 0) {
		server_read_usage(&server, &before);
		add(figures, LUA, &peer, count);
		server_read_usage(&server, &after);
		sample_add(
		    &figures->daemon_bytes, (after.rss - before.rss) / count);
		peer_stop(&peer);
	}
	server_stop(&server);
}

static void
run_peer(enum peer_name name, const char *what, const char *number,
    double count, struct figures *figures)
{
	struct peer peer;

	if (peer_start(&peer, place_apart,
		(const char *const[]){"/bin/sh", BENCH_PEERS "/start.sh",
		    server_folder(), names[name], what, number, NULL}) == -1)
		return;
	add(figures, name, &peer, count);
	peer_stop(&peer);
}

/* Each round has all of them, side by side. `share` is how many of what is
   counted one step of a program is. */
static void
run(const struct programs *programs, const char *what, int steps, double share,
    struct figures *figures)
{
	char number[16];

	snprintf(number, sizeof number, "%d", steps);
	for (int i = 0; i < ROUNDS; i++) {
		run_lua(programs, what, number, steps * share, figures);
		for (int name = GO; name < PEERS; name++)
			if (name == GO || i < FEW)
				run_peer(
				    name, what, number, steps * share, figures);
	}
}

static void
note(const char *what, const struct sample samples[PEERS], double scale,
    const char *unit)
{
	char text[PEERS][32] = {"", "-", "-", "-", "-"};

	for (int i = GO; i < PEERS; i++)
		if (samples[i].count > 0)
			snprintf(text[i], sizeof text[i], "%.0f %s",
			    scale * sample_median(&samples[i]), unit);
	report_note("%s: go %s, asyncio %s, gevent %s, erlang %s", what,
	    text[GO], text[ASYNCIO], text[GEVENT], text[ERLANG]);
}

static void
claim_sleepers(const struct programs *programs)
{
	struct figures figures = {0};

	run(programs, "sleep", SLEEPERS, 1, &figures);
	report_value("memory of a sleeping tasklet", REPORT_BYTES,
	    sample_median(&figures.bytes[LUA]), REPORT_AT_MOST, 1400);
	report_value("the same task, in the daemon", REPORT_BYTES,
	    sample_median(&figures.daemon_bytes), REPORT_AT_MOST, 400);
	note("the same of", figures.bytes, 1, "B");
	report_ratio("creating a tasklet, beside go", REPORT_NANOSECONDS,
	    &figures.seconds[LUA], &figures.seconds[GO], REPORT_AT_MOST, 2);
	note("the same of", figures.seconds, 1e9, "ns");
	destroy(&figures);
}

static void
claim_yield(const struct programs *programs)
{
	struct figures figures = {0};

	run(programs, "yield", YIELDS, 2, &figures);
	report_ratio("a tasklet's yield, beside go", REPORT_NANOSECONDS,
	    &figures.seconds[LUA], &figures.seconds[GO], REPORT_AT_MOST, 3);
	report_ratio("the same, beside gevent's sleep(0)", REPORT_NANOSECONDS,
	    &figures.seconds[LUA], &figures.seconds[GEVENT], REPORT_AT_MOST,
	    0.2);
	note("the same of", figures.seconds, 1e9, "ns");
	destroy(&figures);
}

/* What goes from one tasklet to another. */
static void
claim_between(const struct programs *programs, const char *what, int steps,
    double share, const char *name)
{
	struct figures figures = {0};

	run(programs, what, steps, share, &figures);
	report_ratio(name, REPORT_NANOSECONDS, &figures.seconds[LUA],
	    &figures.seconds[GEVENT], REPORT_AT_MOST, 0.2);
	note("the same of", figures.seconds, 1e9, "ns");
	destroy(&figures);
}

void
claim_lua(const struct programs *programs)
{
	if (access(programs->lua, X_OK) == -1) {
		report_note("tasklet-lua was not built: nothing of it judged");
		return;
	}
	claim_sleepers(programs);
	claim_yield(programs);
	claim_between(programs, "channel", VALUES, 1,
	    "a value by a channel, beside gevent's");
	claim_between(programs, "message", MESSAGES, 2,
	    "a message, beside gevent's queue");
}
