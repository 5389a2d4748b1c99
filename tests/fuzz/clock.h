/* The clock of the process, stopped: it moves when an input says so. */
#ifndef TESTS_FUZZ_CLOCK_H
#define TESTS_FUZZ_CLOCK_H

#include <stdint.h>

/* CLOCK_MONOTONIC in ns, the same for the daemon's timers and libevent's,
   which can be given no other. The wall clock goes on. */
extern int64_t clock_ns;

void clock_restart(void);

/* By so many seconds, if that is a number over 0; up to a bound that keeps
   deadlines within 64 bits. */
void clock_advance(double seconds);

#endif
