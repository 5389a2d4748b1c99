/* The gates that a method which starts a task takes: their params. */
#ifndef DAEMON_METHOD_GATE_H
#define DAEMON_METHOD_GATE_H

#include "daemon/gate.h"
#include "daemon/method.h"
#include "proto/limits.h"

/* How many of a method's params METHOD_GATE_PARAMS are. */
enum {
	GATE_PARAM_POOL,
	GATE_PARAM_WEIGHT,
	GATE_PARAM_AFTER,
	GATE_PARAM_OK,
	GATE_PARAMS
};

/* clang-format off: one row for each param */
#define METHOD_GATE_PARAMS \
	{"pool", PARAM_NAME, \
	    .summary = "Each run waits for its turn in the pool of that " \
		       "name."}, \
	    {"weight", PARAM_INTEGER, .min = 1, .max = LIMIT_POOL_SIZE, \
		.summary = \
		    "Slots of the pool that a run takes (default 1); " \
		    "where those are more than it has, it runs alone."}, \
	    {"after", PARAM_TASK_OR_TASKS, \
		.summary = "Begin when these have ended."}, \
	{ \
		"after_ok", PARAM_TASK_OR_TASKS, \
		    .summary = "Begin when these have ended done; the task " \
			       "is cancelled when one of them does not." \
	}
/* clang-format on */

/* What the params from that index on say, or -1 with call->error set. It is to
   be freed in both cases. */
int method_gate_read(struct call *call, size_t at, struct gate_wants *wants);
void method_gate_free(struct gate_wants *wants);

/* Whether a new child of that parent may come after those; if it would wait for
   ever -1, with call->error set. */
int method_gate_check(struct call *call, const struct gate_wants *wants,
    const struct task *parent);

/* What a task wants again, when another one like it is started; -1 with
   call->error set. There is nothing to free. */
int method_gate_again(
    struct call *call, const struct task *task, struct gate_wants *wants);

/* Whether one more pool may be made, if there is none of that name; if not
   call->error is set. */
bool method_gate_room(struct call *call, const char *pool);

#endif
