/* The clock of the process, stopped: it moves when an input says so. */
#include "config.h"

#include "tests/fuzz/clock.h"

#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "daemon/timer.h"

#define CLOCK_START (1000 * NS_PER_SECOND)
#define CLOCK_MOST  (4 * (INT64_MAX / 10))

int64_t clock_ns = CLOCK_START;

/* Instead of libc's, for this program and its libraries. */
int
clock_gettime(clockid_t clock, struct timespec *ts)
{
	if (clock != CLOCK_MONOTONIC && clock != CLOCK_MONOTONIC_COARSE)
		return (int)syscall(SYS_clock_gettime, clock, ts);
	ts->tv_sec = clock_ns / NS_PER_SECOND;
	ts->tv_nsec = clock_ns % NS_PER_SECOND;
	return 0;
}

void
clock_restart(void)
{
	clock_ns = CLOCK_START;
}

void
clock_advance(double seconds)
{
	double ns = seconds * NS_PER_SECOND;

	if (!(ns > 0))
		return;
	clock_ns = ns < (double)(CLOCK_MOST - clock_ns) ?
		       clock_ns + (int64_t)ns :
		       CLOCK_MOST;
}
