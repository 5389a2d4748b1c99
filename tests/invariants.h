/* What must hold of the tree and of its counters between two turns. */
#ifndef TESTS_INVARIANTS_H
#define TESTS_INVARIANTS_H

#include "daemon/scheduler.h"

/*
 * Looks at all tasks: each link is two-way, there is one root, every task is
 * where its state says, every counter is exact. Returns NULL, or the first
 * thing that is not so, as text that is valid until the next call.
 * O(tasks).
 */
const char *invariants_broken(struct scheduler *scheduler);

#endif
