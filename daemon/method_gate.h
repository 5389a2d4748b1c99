/* The gates that a method which starts a task takes. */
#ifndef DAEMON_METHOD_GATE_H
#define DAEMON_METHOD_GATE_H

#include "daemon/gate.h"
#include "daemon/method.h"

/* What the params of one that starts a task say, or -1 with call->error set. It
   is to be freed in both cases. */
int method_gate_read(struct call *call, struct gate_wants *wants);
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
