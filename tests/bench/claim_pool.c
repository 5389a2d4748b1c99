/* The claims on 100,000 tasks that wait: in one pool, and for one task. */
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

#define TASKS 100000
#define DEPTH 100

static json_int_t
call_for_id(struct link *link, const struct batch *batch)
{
	json_t *reply = json_loads(link_call(link, batch, NULL), 0, NULL);
	json_int_t id = json_integer_value(
	    json_object_get(json_object_get(reply, "result"), "id"));

	json_decref(reply);
	if (id == 0)
		fail("a task was not spawned");
	return id;
}

/* --- in one pool --------------------------------------------------------- */

#define ROUNDS 15

/* A round goes in short turns, so that noise meets both daemons alike. */
#define TURNS 40
#define SOME  100

/* A daemon with a pool of one slot, which is held. */
struct queue {
	struct server server;
	struct link link;
	json_int_t next; /* id */
	/* Of who has it, and of those who wait, in their order. */
	json_int_t ids[1 + TASKS + ROUNDS * TURNS * SOME];
	size_t first, end;
	struct sample spawned, cancelled, ended; /* each round, seconds */
};

static void
add_spawns(struct batch *batch, size_t count)
{
	for (size_t i = 0; i < count; i++)
		batch_add(batch, "spawn",
		    "{\"function\":\"sleep\",\"args\":[1000000],"
		    "\"pool\":\"p\"}");
}

static void
open_queue(struct queue *queue, const char *program)
{
	struct batch batch = {0};

	server_start(&queue->server, program);
	if (link_open(&queue->link, queue->server.socket) == -1)
		fail_errno(queue->server.socket);
	batch_add(&batch, "pool", "{\"name\":\"p\",\"size\":1}");
	link_call(&queue->link, &batch, NULL);
	batch_clear(&batch);
	add_spawns(&batch, 1);
	queue->next = call_for_id(&queue->link, &batch);
	queue->ids[queue->end++] = queue->next++;
	batch_destroy(&batch);
}

static void
close_queue(struct queue *queue)
{
	link_close(&queue->link);
	server_stop(&queue->server);
	sample_destroy(&queue->spawned);
	sample_destroy(&queue->cancelled);
	sample_destroy(&queue->ended);
}

static double
spawn(struct queue *queue, size_t count)
{
	struct batch batch = {0};
	double seconds;

	add_spawns(&batch, count);
	seconds = link_pipeline(&queue->link, &batch, DEPTH, NULL);
	queue->next += (json_int_t)count;
	batch_destroy(&batch);
	return seconds;
}

/* Those that were spawned last wait for their turn. */
static double
spawn_waiting(struct queue *queue, size_t count)
{
	for (size_t i = 0; i < count; i++)
		queue->ids[queue->end++] = queue->next + (json_int_t)i;
	return spawn(queue, count);
}

static double
cancel_last(struct queue *queue)
{
	struct batch batch = {0};
	double seconds;

	for (json_int_t id = queue->next - SOME; id < queue->next; id++)
		batch_add(&batch, "cancel",
		    "{\"task\":%" JSON_INTEGER_FORMAT "}", id);
	seconds = link_pipeline(&queue->link, &batch, DEPTH, NULL);
	batch_destroy(&batch);
	return seconds;
}

static double
cancel_first(struct queue *queue)
{
	struct batch batch = {0};
	double seconds;

	for (size_t i = 0; i < SOME; i++)
		batch_add(&batch, "cancel",
		    "{\"task\":%" JSON_INTEGER_FORMAT "}",
		    queue->ids[queue->first++]);
	seconds = link_pipeline(&queue->link, &batch, DEPTH, NULL);
	batch_destroy(&batch);
	return seconds;
}

/* Some are spawned, and cancelled while they wait. Others are spawned, and so
   many end that have the slot, each of which lets in the next. */
static void
turn(struct queue *queue, double *spawned, double *cancelled, double *ended)
{
	*spawned += spawn(queue, SOME);
	*cancelled += cancel_last(queue);
	*spawned += spawn_waiting(queue, SOME);
	*ended += cancel_first(queue);
}

static void
compare(struct queue *full, struct queue *empty)
{
	for (int round = 0; round < ROUNDS; round++) {
		struct queue *queues[] = {full, empty};
		double seconds[2][3] = {{0}};

		for (int i = 0; i < 2 * TURNS; i++)
			turn(queues[i % 2], &seconds[i % 2][0],
			    &seconds[i % 2][1], &seconds[i % 2][2]);
		for (int i = 0; i < 2; i++) {
			sample_add(&queues[i]->spawned, seconds[i][0]);
			sample_add(&queues[i]->cancelled, seconds[i][1]);
			sample_add(&queues[i]->ended, seconds[i][2]);
		}
	}
}

static void
report_queues(const struct queue *full, const struct queue *empty)
{
	report_ratio("8,000 spawns, 100,000 in the pool", REPORT_MILLISECONDS,
	    &full->spawned, &empty->spawned, REPORT_AT_MOST, 1.5);
	report_ratio("4,000 cancels, 100,000 in the pool", REPORT_MILLISECONDS,
	    &full->cancelled, &empty->cancelled, REPORT_AT_MOST, 1.5);
	report_ratio("4,000 turns, 100,000 in the pool", REPORT_MILLISECONDS,
	    &full->ended, &empty->ended, REPORT_AT_MOST, 1.5);
}

void
claim_pool(const struct programs *programs)
{
	static struct queue full, empty;

	place_apart();
	open_queue(&full, programs->daemon);
	open_queue(&empty, programs->daemon);
	spawn_waiting(&full, TASKS);
	compare(&full, &empty);
	report_queues(&full, &empty);
	close_queue(&full);
	close_queue(&empty);
}

/* --- after one task ------------------------------------------------------ */

#define AFTER_ROUNDS 7
#define PINGS	     2000

struct scene {
	struct server server;
	struct link filler, pinger, joiner;
	struct sample idle, busy; /* the worst ping of each round, seconds */
	struct sample drain;	  /* seconds until all have begun */
	size_t pings;
};

/* Returns the id of the one that all the others come after. */
static json_int_t
fill(struct link *link)
{
	struct batch batch = {0};
	json_int_t first;

	batch_add(
	    &batch, "spawn", "{\"function\":\"sleep\",\"args\":[1000000]}");
	first = call_for_id(link, &batch);
	batch_clear(&batch);
	for (size_t i = 0; i < TASKS; i++)
		batch_add(&batch, "spawn",
		    "{\"function\":\"echo\",\"after\":%" JSON_INTEGER_FORMAT
		    "}",
		    first);
	link_pipeline(link, &batch, DEPTH, NULL);
	batch_destroy(&batch);
	return first;
}

/* The last one that comes after it is joined, and it ends. */
static void
let_go(struct scene *scene, json_int_t first)
{
	struct batch batch = {0};
	json_int_t last;

	batch_add(&batch, "spawn",
	    "{\"function\":\"echo\",\"after\":%" JSON_INTEGER_FORMAT "}",
	    first);
	last = call_for_id(&scene->joiner, &batch);
	batch_clear(&batch);
	batch_add(&batch, "join", "{\"task\":%" JSON_INTEGER_FORMAT "}", last);
	link_send(&scene->joiner, &batch);
	batch_clear(&batch);
	batch_add(
	    &batch, "cancel", "{\"task\":%" JSON_INTEGER_FORMAT "}", first);
	link_call(&scene->filler, &batch, NULL);
	batch_destroy(&batch);
}

static void
ping_until_joined(struct scene *scene)
{
	struct sample seconds = {0};
	double begin = link_clock();

	while (!link_has_reply(&scene->joiner))
		sample_add(&seconds, link_ping(&scene->pinger));
	sample_add(&scene->drain, link_clock() - begin);
	sample_add(&scene->busy, sample_worst(&seconds));
	scene->pings += seconds.count;
	sample_destroy(&seconds);
}

static void
ping_idle(struct scene *scene)
{
	struct sample seconds = {0};

	link_pings(&scene->pinger, PINGS, &seconds);
	sample_add(&scene->idle, sample_worst(&seconds));
	sample_destroy(&seconds);
}

static void
open_scene(struct scene *scene, const char *program)
{
	struct link *links[] = {&scene->filler, &scene->pinger, &scene->joiner};

	server_start(&scene->server, program);
	for (size_t i = 0; i < sizeof links / sizeof *links; i++)
		if (link_open(links[i], scene->server.socket) == -1)
			fail_errno(scene->server.socket);
}

static void
close_scene(struct scene *scene)
{
	link_close(&scene->filler);
	link_close(&scene->pinger);
	link_close(&scene->joiner);
	server_stop(&scene->server);
	sample_destroy(&scene->idle);
	sample_destroy(&scene->busy);
	sample_destroy(&scene->drain);
}

/* Of the rounds, the middle one speaks for all. */
void
claim_after(const struct programs *programs)
{
	struct scene scene = {0};

	place_apart();
	open_scene(&scene, programs->daemon);
	for (int i = 0; i < AFTER_ROUNDS; i++) {
		ping_idle(&scene);
		let_go(&scene, fill(&scene.filler));
		ping_until_joined(&scene);
	}
	if (scene.pings == 0)
		fail("all had begun before a ping could be sent");
	report_above("the worst ping as 100,000 tasks after one begin",
	    REPORT_MILLISECONDS, sample_median(&scene.busy),
	    sample_median(&scene.idle), 0.010);
	report_note("%zu pings in %d rounds; all tasks had run after %.0f ms",
	    scene.pings, AFTER_ROUNDS, 1e3 * sample_median(&scene.drain));
	close_scene(&scene);
}
