/* What is measured, and what it is measured with. */
#ifndef BENCH_PROGRAMS_H
#define BENCH_PROGRAMS_H

struct programs {
	const char *daemon;
	const char *client;
	const char *lua; /* not there where it was not built */
	const char *baseline;
};

/* Those that were built with this one. */
void programs_find(struct programs *programs);

#endif
