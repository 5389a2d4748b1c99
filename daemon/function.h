/* What a task runs: the interface of functions, and their registry. */
#ifndef DAEMON_FUNCTION_H
#define DAEMON_FUNCTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <jansson.h>

struct scheduler;
struct task;

enum function_type {
	TYPE_END, /* ends a list of arguments */
	TYPE_ANY,
	TYPE_STRING,
	TYPE_NUMBER,
};

struct function_arg {
	const char *name;
	enum function_type type;
	bool repeat; /* any number of them; the last one only */
};

/*
 * A function is called from the run queue alone, never inside another. It
 * ends by scheduler_finish, from whichever call it likes.
 */
struct function {
	const char *name;
	const char *summary; /* NULL: not for anyone to spawn */
	const struct function_arg *args;

	/* The task is running for the first time. */
	void (*start)(struct scheduler *scheduler, struct task *task);

	/* Its sleep is over. NULL for one that never sleeps. */
	void (*resume)(struct scheduler *scheduler, struct task *task);

	/* The task has ended, for whatever cause, and left the tree: free what
	   is its own. May be NULL. */
	void (*ended)(struct scheduler *scheduler, struct task *task);

	/* Writes what a waiting task waits for, the `wait` of its JSON. NULL
	   for one that never waits. */
	void (*wait)(FILE *out, const struct task *task);
};

/* All that can be spawned, ended by NULL. */
extern const struct function *const functions[];

/* The function of that name to be spawned, or NULL. */
const struct function *function_find(const char *name);

/* Whether the count and the JSON types of the arguments (a JSON array) fit.
   Returns 0, or -1 with a new ERROR_INVALID_PARAMS in *error. */
int function_check_args(
    const struct function *function, const json_t *args, json_t **error);

/* A function as `functions` lists it. */
json_t *function_describe(const struct function *function);

/* The arguments of a task as a new JSON array. */
json_t *function_args(const struct task *task);

/* Ends the task `failed` with that error object; steals it. */
void function_raise(
    struct scheduler *scheduler, struct task *task, json_t *error);

/* Ends the task `failed` with a FunctionError of that message. */
void function_fail(struct scheduler *scheduler, struct task *task,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Ends the task `done`; steals result. */
void function_return(
    struct scheduler *scheduler, struct task *task, json_t *result);

#endif
