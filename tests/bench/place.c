/* Which processor does what, and when. */
#include "config.h"

#include "tests/bench/place.h"

#include <sched.h>
#include <sys/resource.h>

/* The processors that this process was given, the first and the last. */
static cpu_set_t given;
static int first = -1, last = -1;

static void
find_processors(void)
{
	if (last != -1 || sched_getaffinity(0, sizeof given, &given) == -1)
		return;
	for (int i = 0; i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, &given)) {
			if (first == -1)
				first = i;
			last = i;
		}
}

/* Where it is refused, the figures are only noisier. */
static void
move_to(int processor)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(processor, &set);
	sched_setaffinity(0, sizeof set, &set);
}

void
place_first(void)
{
	(void)setpriority(PRIO_PROCESS, 0, -15);
}

void
place_server(void)
{
	find_processors();
	if (last != -1)
		move_to(last);
}

void
place_together(void)
{
	place_server();
}

void
place_apart(void)
{
	find_processors();
	if (first != -1)
		move_to(first);
}

void
place_freely(pid_t pid)
{
	find_processors();
	if (last != -1)
		sched_setaffinity(pid, sizeof given, &given);
}
