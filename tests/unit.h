/* What the main function of every unit test does. */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include <stddef.h>
#include <check.h>

/*
 * Runs the tests as one suite, each between setup and teardown (may be
 * NULL), as CK_RUN_CASE and the other CK_ variables say. Returns the exit
 * status for main.
 */
int unit_run(const char *suite, SFun setup, SFun teardown,
    const TTest *const tests[], size_t count);

#endif
