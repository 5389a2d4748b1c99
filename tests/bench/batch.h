/* Requests made beforehand, so that sending them costs next to nothing. */
#ifndef BENCH_BATCH_H
#define BENCH_BATCH_H

#include <stddef.h>

/* Zeroed, it is empty and owns nothing. */
struct batch {
	char *text;
	size_t size;
	size_t room;
	size_t *end; /* of each request in text */
	size_t count;
	size_t end_room;
};

/* Adds a request with this method and, unless NULL, these params. */
void batch_add(struct batch *batch, const char *method, const char *params, ...)
    __attribute__((format(printf, 3, 4)));

/* Adds a request in its own words, with its line ends. */
void batch_add_text(struct batch *batch, const char *text, ...)
    __attribute__((format(printf, 2, 3)));
void batch_clear(struct batch *batch);
void batch_destroy(struct batch *batch);

#endif
