/* What a task wrote: the last bytes of it, counted from its first. */
#ifndef DAEMON_OUTPUT_H
#define DAEMON_OUTPUT_H

#include <stddef.h>
#include <stdint.h>

struct output;

/* Keeps the last `keep` bytes; takes memory only for what it holds. */
struct output *output_new(size_t keep);
void output_delete(struct output *output); /* NULL is allowed */

void output_write(struct output *output, const char *data, size_t length);

/* Bytes held, and bytes written ever. */
size_t output_held(const struct output *output);
uint64_t output_end(const struct output *output);

/*
 * Copies up to `limit` bytes, from the oldest one kept at or after `after`,
 * into `data` (room for `limit`) and returns how many. No character of UTF-8
 * is cut at either end, but for one longer than the limit: then it is none.
 * *from is where they began: what lies between `after` and it is gone; past
 * the end, both are the end. O(bytes copied).
 */
size_t output_read(const struct output *output, uint64_t after, char *data,
    size_t limit, uint64_t *from);

#endif
