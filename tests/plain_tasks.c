/* A table of tasks that run nothing, for tests of the tree. */
#include "config.h"

#include "tests/plain_tasks.h"

struct tasks *tasks;
struct task *root;

struct task *
new_task(struct task *parent, const char *name)
{
	return task_new(tasks, parent, NULL, name, NULL, false);
}

void
finish(struct task *task)
{
	task_finish(tasks, task, outcome_new(tasks, TASK_DONE, "null", 0));
}

void
plain_tasks_setup(void)
{
	tasks = tasks_new();
	root = new_task(NULL, "root");
}

void
plain_tasks_teardown(void)
{
	tasks_delete(tasks);
}
