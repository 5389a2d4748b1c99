/* A table made no wider than the terminal. */
#ifndef CLIENT_FIT_H
#define CLIENT_FIT_H

#include <stddef.h>

struct libscols_table;

/*
 * Where the table is wider than so many columns: what stands on the right is
 * cut, down to its heading, or left out; then the first column, the names, is
 * cut too, but not below half of the width while there is another. The cells
 * are safe text.
 */
void fit_table(struct libscols_table *table, size_t columns);

#endif
