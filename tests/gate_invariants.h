/* What must hold of pools and dependencies between two turns. */
#ifndef TESTS_GATE_INVARIANTS_H
#define TESTS_GATE_INVARIANTS_H

#include "daemon/gate.h"

/* NULL, or what is wrong; valid until the next call. */
const char *gate_invariants_broken(
    struct gates *gates, struct scheduler *scheduler);

#endif
