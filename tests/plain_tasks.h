/* A table of tasks that run nothing, for tests of the tree. */
#ifndef TESTS_PLAIN_TASKS_H
#define TESTS_PLAIN_TASKS_H

#include "daemon/task.h"

extern struct tasks *tasks;
extern struct task *root;

/* The table with its root task, before and after each test. */
void plain_tasks_setup(void);
void plain_tasks_teardown(void);

struct task *new_task(struct task *parent, const char *name);

/* Ends it `done`. */
void finish(struct task *task);

#endif
