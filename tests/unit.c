/* What the main function of every unit test does. */
#include "config.h"

#include "tests/unit.h"

#include <stdlib.h>

int
unit_run(const char *name, SFun setup, SFun teardown,
    const TTest *const tests[], size_t count)
{
	Suite *suite = suite_create(name);
	TCase *tcase = tcase_create(name);
	SRunner *runner = srunner_create(suite);
	size_t i;
	int failed;

	tcase_set_timeout(tcase, 120); /* valgrind is slow */
	tcase_add_checked_fixture(tcase, setup, teardown);
	for (i = 0; i < count; i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
