/* What the main function of every unit test does, and random numbers. */
#include "config.h"

#include "tests/unit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static uint64_t seed;
static uint64_t random_state;

static void
choose_seed(void)
{
	const char *given = getenv("UNIT_SEED");
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	seed = given != NULL ? strtoull(given, NULL, 10) :
			       (uint64_t)ts.tv_nsec * (uint64_t)getpid();
}

/* S. Vigna's splitmix64, which is in the public domain. */
uint64_t
unit_random(void)
{
	uint64_t z = random_state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

size_t
unit_below(size_t bound)
{
	return (size_t)(unit_random() % bound);
}

/* The limit of the process is put back with the next test, where tests are
   not run in processes of their own. */
static void
set_stack(rlim_t bytes)
{
	struct rlimit limit;

	getrlimit(RLIMIT_STACK, &limit);
	if (limit.rlim_max != RLIM_INFINITY && bytes > limit.rlim_max)
		bytes = limit.rlim_max;
	limit.rlim_cur = bytes;
	setrlimit(RLIMIT_STACK, &limit);
}

void
unit_limit_stack(void)
{
	set_stack(512 * 1024);
}

static void
before_test(void)
{
	random_state = seed;
	set_stack(8 * 1024 * 1024);
}

int
unit_run(const char *name, SFun setup, SFun teardown,
    const TTest *const tests[], size_t count)
{
	Suite *suite = suite_create(name);
	TCase *tcase = tcase_create(name);
	SRunner *runner = srunner_create(suite);
	size_t i;
	int failed;

	choose_seed();
	tcase_set_timeout(tcase, 120); /* valgrind is slow */
	tcase_add_checked_fixture(tcase, before_test, NULL);
	tcase_add_checked_fixture(tcase, setup, teardown);
	for (i = 0; i < count; i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	if (failed > 0)
		printf("to see it again: UNIT_SEED=%" PRIu64 "\n", seed);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
