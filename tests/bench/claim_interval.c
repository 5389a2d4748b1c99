/* The claim on 100,000 interval tasks of a second: their times, their cost. */
#include "config.h"

#include <unistd.h>

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

#define TASKS	100000
#define DEPTH	100
#define SAMPLED 500 /* tasks that are looked at, evenly among all */
#define ROUNDS	20  /* looks at each, one a second */

/* A task as a look found it: how often it had run, and when it is due. */
struct look {
	double runs;
	double due; /* Unix seconds */
};

struct scene {
	struct server server;
	struct link filler; /* the tasks are its children */
	struct link link;
	json_int_t first; /* its id; the others follow */
	struct look last[SAMPLED];
	struct sample late;  /* seconds; of this round */
	struct sample p99;   /* of each round */
	struct sample worst; /* likewise */
	size_t runs;
};

static json_t *
call(struct link *link, const struct batch *batch)
{
	json_t *reply = json_loads(link_call(link, batch, NULL), 0, NULL);
	json_t *result = json_incref(json_object_get(reply, "result"));

	json_decref(reply);
	return result;
}

/* The id of a task that ends at once: the next one's is one more. */
static json_int_t
spawn_one(struct link *link)
{
	struct batch batch = {0};
	json_t *result;
	json_int_t id;

	batch_add(&batch, "spawn", "{\"function\":\"echo\"}");
	result = call(link, &batch);
	id = json_integer_value(json_object_get(result, "id"));
	json_decref(result);
	batch_destroy(&batch);
	return id;
}

static void
fill(struct scene *scene)
{
	struct batch batch = {0};
	double seconds;

	scene->first = spawn_one(&scene->filler) + 1;
	for (size_t i = 0; i < TASKS; i++)
		batch_add(&batch, "interval",
		    "{\"function\":\"echo\",\"seconds\":1}");
	seconds = link_pipeline(&scene->filler, &batch, DEPTH, NULL);
	report_note(
	    "100,000 interval tasks of 1 s, spawned within %.2f s", seconds);
	batch_destroy(&batch);
}

/* False where it is not asleep: in the run queue or in its run. */
static bool
look_at(struct scene *scene, size_t which, struct look *look)
{
	struct batch batch = {0};
	json_t *result, *wait;

	batch_add(&batch, "show", "{\"task\":%" JSON_INTEGER_FORMAT "}",
	    scene->first + (json_int_t)(which * (TASKS / SAMPLED)));
	result = call(&scene->link, &batch);
	wait = json_object_get(result, "wait");
	look->runs = json_number_value(json_object_get(result, "runs"));
	look->due = json_number_value(json_object_get(wait, "until"));
	json_decref(result);
	batch_destroy(&batch);
	return wait != NULL;
}

/*
 * A run that ends moves the deadline by a second, and by as much more as the
 * run ended after its own deadline. Where there were several runs since the
 * last look, the whole lateness of all stands for each, so that none is made
 * to look better than it was.
 */
static void
compare(struct scene *scene, const struct look *before, const struct look *now)
{
	double runs = now->runs - before->runs;
	double late = now->due - before->due - runs;

	for (double run = 0; run < runs; run++)
		sample_add(&scene->late, late);
}

static void
look_around(struct scene *scene)
{
	struct look look;

	for (size_t i = 0; i < SAMPLED; i++) {
		if (!look_at(scene, i, &look))
			continue;
		if (scene->last[i].due != 0)
			compare(scene, &scene->last[i], &look);
		scene->last[i] = look;
	}
}

static void
end_round(struct scene *scene)
{
	if (scene->late.count == 0)
		return;
	sample_add(&scene->p99, sample_quantile(&scene->late, 0.99));
	sample_add(&scene->worst, sample_worst(&scene->late));
	scene->runs += scene->late.count;
	sample_clear(&scene->late);
}

/* Returns the part of a processor that the daemon had. */
static double
watch(struct scene *scene)
{
	struct usage before, after;
	double begin, next;

	server_read_usage(&scene->server, &before);
	next = begin = link_clock();
	for (int round = 0; round < ROUNDS; round++) {
		look_around(scene);
		end_round(scene);
		next += 1;
		if (next > link_clock())
			usleep((useconds_t)(1e6 * (next - link_clock())));
	}
	server_read_usage(&scene->server, &after);
	return (after.cpu - before.cpu) / (link_clock() - begin);
}

/* Of the rounds, the middle one speaks for all: one that the machine stood
   still in would speak of the machine. */
static void
report(const struct scene *scene, double cpu)
{
	if (scene->runs < (size_t)SAMPLED * ROUNDS / 2)
		fail("only %zu runs were seen", scene->runs);
	report_value("100,000 intervals, p99 of lateness", REPORT_MILLISECONDS,
	    sample_median(&scene->p99), REPORT_AT_MOST, 0.020);
	report_note("from its deadline to the end of a run, of %zu runs of %d "
		    "tasks in %zu rounds; p99 of the worst round %.2f ms, "
		    "the worst of all %.2f ms",
	    scene->runs, SAMPLED, scene->p99.count,
	    1e3 * sample_worst(&scene->p99), 1e3 * sample_worst(&scene->worst));
	report_value("100,000 intervals, of a processor", REPORT_PERCENT, cpu,
	    REPORT_AT_MOST, 0.5);
}

void
claim_interval(const struct programs *programs)
{
	struct scene scene = {0};
	double cpu;

	place_apart();
	server_start(&scene.server, programs->daemon);
	if (link_open(&scene.filler, scene.server.socket) == -1 ||
	    link_open(&scene.link, scene.server.socket) == -1)
		fail_errno(scene.server.socket);
	link_ping(&scene.link);
	fill(&scene);
	sleep(2); /* until each has run */
	cpu = watch(&scene);
	report(&scene, cpu);
	link_close(&scene.filler);
	link_close(&scene.link);
	server_stop(&scene.server);
	sample_destroy(&scene.late);
	sample_destroy(&scene.p99);
	sample_destroy(&scene.worst);
}
