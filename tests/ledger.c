/* What became of each task: none is lost, none ends twice. */
#include "config.h"

#include "tests/ledger.h"

#include <inttypes.h>
#include <stdio.h>

void
ledger_task_ended(struct ledger *ledger, const struct task *task)
{
	if (task->id >= LEDGER_MOST)
		return;
	ledger->twice |= ledger->ended[task->id] != 0;
	ledger->ended[task->id] = (uint8_t)task->outcome->state;
	ledger->count++;
}

static bool
is_right(const struct ledger *ledger, uint64_t id, const struct task *task)
{
	if (task == NULL)
		return ledger->ended[id] != 0;
	return task_is_live(task) ? ledger->ended[id] == 0 :
				    ledger->ended[id] == task->state;
}

const char *
ledger_broken(const struct ledger *ledger, struct scheduler *scheduler)
{
	static char text[64];
	struct tasks *tasks = scheduler_tasks(scheduler);
	uint64_t spawned = scheduler_counts(scheduler)->spawned, id;

	if (ledger->twice)
		return "a task has ended twice";
	if (ledger->count + tasks_live(tasks) != spawned)
		return "tasks that have ended, and live ones: not all";
	for (id = 1; id <= spawned && id < LEDGER_MOST; id++) {
		if (is_right(ledger, id, task_find(tasks, id)))
			continue;
		snprintf(text, sizeof text,
		    "task %" PRIu64 " is not what the ledger says", id);
		return text;
	}
	return NULL;
}
