/* Gates on the stage: actors in a pool, or after others. */
#ifndef TESTS_GATE_STAGE_H
#define TESTS_GATE_STAGE_H

#include "daemon/gate.h"
#include "tests/stage.h"

/* Of a pool that was not set. */
#define GATE_STAGE_SIZE 2

extern struct gates *gates;
extern size_t gate_wakes; /* how often the loop was asked to run them */

/* Around each test, with those of the stage; a test that wants other bounds
   starts again with them. */
void gate_stage_setup(void);
void gate_stage_restart(const struct scheduler_limits *limits);
void gate_stage_teardown(void);

/* All that is due is done; then all invariants hold. The others here, but for
   those that look, end with it. */
void settle(void);

/* An actor below the root, to be spawned. */
struct spawn plain(void);
struct task *spawn_gated(struct spawn *spawn, const struct gate_wants *wants);

/* One in a pool, one in the pool "p", one after one or two others. */
struct task *in_pool(const char *pool, uint32_t weight);
struct task *recurring_in_pool(struct recurrence *recurrence);
struct task *after(
    struct task *first, bool ok, struct task *second, bool second_ok);

void end_done(struct task *task);
void end_failed(struct task *task);
void end_cancelled(struct task *task);

/* It alone is paused, or resumed. */
void hold(struct task *task);
void let_go_on(struct task *task);

/* The pool "p". */
void resize(uint64_t size);
const struct pool *pool(void);

/* It has slots and its function runs; it waits for its turn; for others; or its
   function runs. */
bool runs(const struct task *task);
bool queued(const struct task *task);
bool waits_after(const struct task *task);
bool begun(const struct task *task);

#endif
