/* What servers are loaded with, over a connection. */
#include "config.h"

#include "tests/bench/load.h"

#include "tests/bench/batch.h"

/* Requests made at a time. */
#define CHUNK 50000

/* Keys of Redis are of this length, and new for so long. */
#define KEY  "task:%07zu"
#define KEYS 10000000

typedef void add_fn(struct batch *batch, size_t number);

static double
pipeline(struct link *link, size_t count, struct sample *latency, add_fn *add)
{
	static size_t number;
	struct batch batch = {0};
	double seconds = 0;

	while (count > 0) {
		batch_clear(&batch);
		for (; count > 0 && batch.count < CHUNK; count--)
			add(&batch, number++ % KEYS);
		seconds += link_pipeline(link, &batch, LOAD_DEPTH, latency);
	}
	batch_destroy(&batch);
	return seconds;
}

static void
add_spawn(struct batch *batch, size_t number)
{
	batch_add(batch, "spawn", "{\"function\":\"sleep\",\"args\":[%zu]}",
	    1000000 + number % 1000000);
}

static void
add_set(struct batch *batch, size_t number)
{
	batch_add_text(batch,
	    "*3\r\n$3\r\nSET\r\n$12\r\n" KEY "\r\n$7\r\n%07zu\r\n", number,
	    number);
}

static void
add_delayed_job(struct batch *batch, size_t number)
{
	batch_add_text(batch,
	    "*4\r\n$4\r\nZADD\r\n$4\r\njobs\r\n$7\r\n%07zu\r\n$12\r\n" KEY
	    "\r\n",
	    1000000 + number % 1000000, number);
}

double
load_spawns(struct link *link, size_t count, struct sample *latency)
{
	return pipeline(link, count, latency, add_spawn);
}

double
load_sets(struct link *link, size_t count, struct sample *latency)
{
	return pipeline(link, count, latency, add_set);
}

double
load_delayed_jobs(struct link *link, size_t count, struct sample *latency)
{
	return pipeline(link, count, latency, add_delayed_job);
}

double
load_pings(struct link *link, size_t count, struct sample *latency)
{
	return link_pings(link, count, latency);
}
