/* What a task runs: the interface of functions, and their registry. */
#ifndef DAEMON_FUNCTION_H
#define DAEMON_FUNCTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <jansson.h>

struct param;
struct scheduler;
struct stop;
struct task;

enum function_type {
	TYPE_END, /* ends a list of arguments */
	TYPE_ANY,
	TYPE_STRING,
	TYPE_NUMBER,
	TYPE_BYTES, /* a string, or {"base64":S}; without NUL */
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
	const struct param *options; /* NULL: it takes none */
	bool any_options;	     /* it takes what it is given */

	/* What else is wrong with args and options at spawn: a new
	   ERROR_INVALID_PARAMS, or NULL for nothing. May be NULL. */
	json_t *(*check)(const json_t *args, const json_t *options);

	/* The task has been made: the counterpart of `forget`. May be
	   NULL. */
	void (*remember)(struct task *task);

	/* The task is running for the first time. */
	void (*start)(struct scheduler *scheduler, struct task *task);

	/* Its sleep is over. NULL for one that never sleeps. */
	void (*wake)(struct scheduler *scheduler, struct task *task);

	/* Of a function that goes on after `start`, its task still RUNNING
	   (NULL for all others): end the run, or end it sooner, and only then
	   call scheduler_finish, never from here. */
	void (*stop)(struct scheduler *scheduler, struct task *task,
	    const struct stop *stop);

	/* Of such a function: hold its run, and let it go on. */
	void (*pause)(struct scheduler *scheduler, struct task *task);
	void (*resume)(struct scheduler *scheduler, struct task *task);

	/* The task has ended, for whatever cause, and left the tree. May be
	   NULL. */
	void (*ended)(struct scheduler *scheduler, struct task *task);

	/* The task is let go: free what is the function's own in it. May be
	   NULL. */
	void (*forget)(struct task *task);

	/* There is a message in the mailbox of the task, which is live. NULL
	   where `receive` takes it out. */
	void (*mail)(struct task *task);

	/* Writes what a waiting task waits for, the `wait` of its JSON. NULL
	   for one that never waits. */
	void (*wait)(FILE *out, const struct task *task);

	/* Adds its own members to the JSON of `show`, each after a comma. May
	   be NULL. */
	void (*describe)(FILE *out, const struct task *task);
};

/* All that can be spawned, ended by NULL. */
extern const struct function *const functions[];

/* The function of that name to be spawned, or NULL. */
const struct function *function_find(const char *name);

/* Whether the count and the JSON types of the arguments (a JSON array) fit.
   Returns 0, or -1 with a new ERROR_INVALID_PARAMS in *error. */
int function_check_args(
    const struct function *function, const json_t *args, json_t **error);

/* The same of the options (a JSON object, NULL for none). */
int function_check_options(
    const struct function *function, const json_t *options, json_t **error);

/* A function as `functions` lists it. */
json_t *function_describe(const struct function *function);

/* The arguments of a task as a new JSON array, its options as an object. */
json_t *function_args(const struct task *task);
json_t *function_options(const struct task *task);

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
