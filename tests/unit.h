/* What the main function of every unit test does, and random numbers. */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include <stddef.h>
#include <stdint.h>
#include <check.h>

/*
 * Runs the tests as one suite, each between setup and teardown (may be
 * NULL), as CK_RUN_CASE and the other CK_ variables say. Returns the exit
 * status for main.
 */
int unit_run(const char *suite, SFun setup, SFun teardown,
    const TTest *const tests[], size_t count);

/* As ck_assert, for checks by the million: each of Check's own writes to a
   pipe, passed or not. */
#define unit_check(condition) \
	do { \
		if (!(condition)) \
			ck_abort_msg("not so: %s", #condition); \
	} while (0)

/* From now on the stack has no room for 100,000 calls within each other,
   however small. */
void unit_limit_stack(void);

/*
 * Random numbers. Each test of a run gets the same ones; the next run gets
 * others. Where a test failed the seed is printed, and UNIT_SEED in the
 * environment gives it back.
 */
uint64_t unit_random(void);
size_t unit_below(size_t bound); /* 0 to bound - 1 */

/* A random one out of n, n > 0: true once in n times. */
#define unit_one_in(n) (unit_below(n) == 0)

#endif
