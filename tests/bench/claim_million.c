/* Claims on a daemon with 1,000,000 sleeping tasks, beside an empty one. */
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

#define TASKS  1000000
#define CHUNK  50000
#define DEPTH  100
#define ROUNDS 15

/* A round goes in short turns, so that noise meets both daemons alike. */
#define TURNS 20
#define PINGS 200

#define PAGES	  50
#define PAGE_ROWS 1000
#define SKIP_ROWS 10000

/* Short tasks spawned and joined in a turn. */
#define SHORT_TASKS 500

/* Enough turns to fill what is retained of finished tasks. */
#define WARM_UP 24

/* A daemon and a connection to load it. The one that filled it stays, since
   the tasks are its children. */
struct pair {
	struct server server;
	struct link filler;
	struct link link;
};

static void
open_link(struct link *link, const struct server *server)
{
	if (link_open(link, server->socket) == -1)
		fail_errno(server->socket);
}

static void
start(struct pair *pair, const char *program)
{
	server_start(&pair->server, program);
	open_link(&pair->filler, &pair->server);
	open_link(&pair->link, &pair->server);
	link_ping(&pair->filler);
	link_ping(&pair->link);
}

/* Adds the seconds of each reply to *latency; returns the total. */
static double
spawn_million(struct link *link, const char *params, struct sample *latency)
{
	struct batch batch = {0};
	double seconds = 0;

	for (size_t done = 0; done < TASKS; done += CHUNK) {
		batch_clear(&batch);
		for (size_t i = done; i < done + CHUNK; i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
			batch_add(&batch, "spawn", params, TASKS + i);
#pragma GCC diagnostic pop
		}
		seconds += link_pipeline(link, &batch, DEPTH, latency);
	}
	batch_destroy(&batch);
	return seconds;
}

/* What a million more tasks brought. */
struct filling {
	double bytes; /* resident, of each */
	double seconds;
	double worst; /* until the slowest reply: did a table grow? */
};

static void
fill(struct pair *pair, const char *params, struct filling *filling)
{
	struct usage before, after;
	struct sample latency = {0};

	server_read_usage(&pair->server, &before);
	filling->seconds = spawn_million(&pair->filler, params, &latency);
	server_read_usage(&pair->server, &after);
	filling->bytes = (after.rss - before.rss) / TASKS;
	filling->worst = sample_worst(&latency);
	sample_destroy(&latency);
}

static void
note_filling(const struct filling *filling)
{
	report_note("spawned in %.1f s; the slowest reply took %.1f ms",
	    filling->seconds, 1e3 * filling->worst);
}

static void
compare_pings(struct pair *full, struct pair *empty)
{
	struct sample a = {0}, b = {0}, full_p99 = {0}, empty_p99 = {0};

	for (int i = 0; i < ROUNDS; i++) {
		sample_clear(&a);
		sample_clear(&b);
		for (int turn = 0; turn < TURNS; turn++) {
			link_pings(&full->link, PINGS, &a);
			link_pings(&empty->link, PINGS, &b);
		}
		sample_add(&full_p99, sample_quantile(&a, 0.99));
		sample_add(&empty_p99, sample_quantile(&b, 0.99));
	}
	report_ratio("ping's p99 with 1,000,000 tasks", REPORT_MICROSECONDS,
	    &full_p99, &empty_p99, REPORT_AT_MOST, 1.5);
	sample_destroy(&a);
	sample_destroy(&b);
	sample_destroy(&full_p99);
	sample_destroy(&empty_p99);
}

/* Asks for the page after *cursor (0: the first) and moves it on; returns
   the seconds it took. */
static double
read_page(struct link *link, size_t rows, json_int_t *cursor)
{
	struct batch batch = {0};
	json_t *reply, *result;
	const char *text;
	double seconds;

	if (*cursor == 0)
		batch_add(&batch, "tree", "{\"limit\":%zu}", rows);
	else
		batch_add(&batch, "tree",
		    "{\"limit\":%zu,\"after\":%" JSON_INTEGER_FORMAT "}", rows,
		    *cursor);
	text = link_call(link, &batch, &seconds);
	reply = json_loads(text, 0, NULL);
	result = json_object_get(reply, "result");
	*cursor = json_integer_value(json_object_get(result, "next"));
	if (json_array_size(json_object_get(result, "tasks")) != rows ||
	    *cursor == 0)
		fail("not a page of %zu rows: %.200s", rows, text);
	json_decref(reply);
	batch_destroy(&batch);
	return seconds;
}

static void
read_pages(struct link *link, const char *name, json_int_t *cursor)
{
	struct sample seconds = {0};

	for (int i = 0; i < PAGES; i++)
		sample_add(&seconds, read_page(link, PAGE_ROWS, cursor));
	report_value(name, REPORT_MILLISECONDS, sample_median(&seconds),
	    REPORT_AT_MOST, 0.010);
	report_note("of %d pages the worst %.2f ms", PAGES,
	    1e3 * sample_worst(&seconds));
	sample_destroy(&seconds);
}

static void
walk_tree(struct pair *full)
{
	json_int_t cursor = 0;

	read_pages(&full->link, "tree, a page at the beginning", &cursor);
	for (size_t i = 0; i < TASKS / 2 / SKIP_ROWS; i++)
		read_page(&full->link, SKIP_ROWS, &cursor);
	read_pages(&full->link, "tree, a page in the middle", &cursor);
}

static json_int_t
spawn_one(struct link *link)
{
	struct batch batch = {0};
	json_t *reply;
	json_int_t id;

	batch_add(&batch, "spawn", "{\"function\":\"echo\",\"args\":[1]}");
	reply = json_loads(link_call(link, &batch, NULL), 0, NULL);
	id = json_integer_value(
	    json_object_get(json_object_get(reply, "result"), "id"));
	json_decref(reply);
	batch_destroy(&batch);
	return id;
}

/* The seconds of spawning and joining short tasks. Ids rise by one, so the
   join can follow its spawn at once; were one guessed wrong, it would fail. */
static double
run_short_tasks(struct link *link)
{
	struct batch batch = {0};
	json_int_t id = spawn_one(link);
	double seconds;

	for (size_t i = 0; i < SHORT_TASKS; i++) {
		batch_add(
		    &batch, "spawn", "{\"function\":\"echo\",\"args\":[1]}");
		batch_add(&batch, "join", "{\"task\":%" JSON_INTEGER_FORMAT "}",
		    ++id);
	}
	seconds = link_pipeline(link, &batch, DEPTH, NULL);
	batch_destroy(&batch);
	return seconds / SHORT_TASKS;
}

static void
compare_short_tasks(struct pair *full, struct pair *empty)
{
	struct sample a = {0}, b = {0};

	for (int i = 0; i < WARM_UP; i++) {
		run_short_tasks(&full->link);
		run_short_tasks(&empty->link);
	}
	for (int i = 0; i < ROUNDS; i++) {
		double x = 0, y = 0;

		for (int turn = 0; turn < TURNS; turn++) {
			x += run_short_tasks(&full->link);
			y += run_short_tasks(&empty->link);
		}
		sample_add(&a, x / TURNS);
		sample_add(&b, y / TURNS);
	}
	report_ratio("spawn and finish with 1,000,000 tasks",
	    REPORT_MICROSECONDS, &a, &b, REPORT_AT_MOST, 1.5);
	sample_destroy(&a);
	sample_destroy(&b);
}

static void
stop(struct pair *pair)
{
	link_close(&pair->link);
	link_close(&pair->filler);
	server_stop(&pair->server);
}

/* No claim is made on the tasks' parent going, but a stall would show. */
static void
note_leaving(struct pair *full)
{
	struct sample seconds = {0};

	link_close(&full->filler);
	link_pings(&full->link, PINGS, &seconds);
	report_note("a client with 1,000,000 children leaves: "
		    "ping's worst %.1f ms",
	    1e3 * sample_worst(&seconds));
	sample_destroy(&seconds);
	link_close(&full->link);
	report_note("shutdown with 1,000,000 tasks: %.2f s",
	    server_stop(&full->server));
}

void
claim_million(const struct programs *programs)
{
	struct filling filling;
	struct pair full, empty;

	place_apart();
	start(&full, programs->daemon);
	start(&empty, programs->daemon);
	fill(&full, "{\"function\":\"sleep\",\"args\":[%zu]}", &filling);
	report_value("memory of a sleeping task", REPORT_BYTES, filling.bytes,
	    REPORT_AT_MOST, 400);
	note_filling(&filling);
	place_together();
	compare_pings(&full, &empty);
	place_apart();
	walk_tree(&full);
	compare_short_tasks(&full, &empty);
	note_leaving(&full);
	stop(&empty);
}

void
claim_names(const struct programs *programs)
{
	struct filling filling;
	struct pair full;

	place_apart();
	start(&full, programs->daemon);
	fill(&full,
	    "{\"function\":\"sleep\",\"args\":[1000000],"
	    "\"name\":\"job-%zu\"}",
	    &filling);
	report_note("memory of a sleeping task with a name of its own: %.0f B",
	    filling.bytes);
	note_filling(&filling);
	stop(&full);
}
