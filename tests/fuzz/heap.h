/* The memory of code that leaves it to the end of its process. */
#ifndef TESTS_FUZZ_HEAP_H
#define TESTS_FUZZ_HEAP_H

/*
 * What this program allocates between the two, and has not freed, is freed by
 * the second. What its libraries allocate for themselves is left alone. Needs
 * the linker's --wrap for what heap.c wraps.
 */
void heap_begin(void);
void heap_end(void);

#endif
