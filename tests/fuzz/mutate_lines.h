/* The lines that a harness's inputs are made of. */
#ifndef TESTS_FUZZ_MUTATE_LINES_H
#define TESTS_FUZZ_MUTATE_LINES_H

#include <stddef.h>

/* Lines that come, each with its LF, in the harness's own mutate_NAME.c; each
   '#' becomes a number from 0 to 9. */
extern const char *const mutate_lines[];
extern const size_t mutate_line_count;

#endif
