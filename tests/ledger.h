/* What became of each task: none is lost, none ends twice. */
#ifndef TESTS_LEDGER_H
#define TESTS_LEDGER_H

#include "daemon/scheduler.h"

#define LEDGER_MOST 65536 /* tasks that it has room for */

/* By id: the state that a task ended in, 0 while it has not. Zeroed it is
   empty. */
struct ledger {
	uint8_t ended[LEDGER_MOST];
	uint64_t count;
	bool twice; /* a task has ended twice */
};

/* To be called by the scheduler's hook. */
void ledger_task_ended(struct ledger *ledger, const struct task *task);

/* Compares it to the tasks there are. Returns as invariants_broken. */
const char *ledger_broken(
    const struct ledger *ledger, struct scheduler *scheduler);

#endif
