/* Which processor does what, and when. Left to the scheduler, a client and a
   server that take turns share a processor in one round and not in the next,
   which makes a ping three times as slow. */
#ifndef BENCH_PLACE_H
#define BENCH_PLACE_H

#include <sys/types.h>

/* Before others, so that their work shows less; where that is refused, as to
   one who is not root, the figures are noisier. Servers inherit it. */
void place_first(void);

/* Servers are kept on the last processor allowed. For a child to call. */
void place_server(void);

/* The load generator: on that one too (one at a time: there is nothing to
   gain from two), or on another if there is one (pipelined). */
void place_together(void);
void place_apart(void);

/* That process, or this one (0), has all processors again, and so has what it
   starts. */
void place_freely(pid_t pid);

#endif
