/* Gates: what must be true before a task is ready. First tasks that it comes
   after have ended; then its delay, if any, begins, and before each run it
   waits for its turn in its pool. */
#ifndef DAEMON_GATE_H
#define DAEMON_GATE_H

#include "daemon/pool.h"
#include "daemon/scheduler.h"

struct gates;

/* Borrows the scheduler, and takes its gates. `size` is that of a pool that was
   never set. `wake` is called when gates_run is to be called from the loop. */
struct gates *gates_new(struct scheduler *scheduler, uint64_t size,
    void (*wake)(void *arg), void *arg);
void gates_delete(struct gates *gates);

struct pools *gates_pools(struct gates *gates);

/* A task that another one comes after; `ok`: and which must end done, else that
   one is cancelled. */
struct condition {
	struct task *task; /* live or finished */
	bool ok;
};

struct gate_wants {
	const char *pool; /* NULL: none */
	uint32_t weight;
	const struct condition *after;
	size_t nafter;
};

/* As scheduler_spawn; spawn->gate is not looked at. */
struct task *gates_spawn(struct gates *gates, const struct spawn *spawn,
    const struct gate_wants *wants);

/* Tasks that have not ended and that others are to come after, counted once for
   each of those. */
size_t gates_pending(const struct gates *gates);

/* Tells up to `most` tasks of others that ended, or that it is their turn. True
   where there are more. */
bool gates_run(struct gates *gates, size_t most);

/* The ids of the tasks that a gate waits for: the first `most` of the
   gate->pending ones. Returns how many that are. */
size_t gate_pending(const struct gate *gate, uint64_t *ids, size_t most);

#endif
