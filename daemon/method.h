/* The methods of the wire: their table, and what handlers work with. */
#ifndef DAEMON_METHOD_H
#define DAEMON_METHOD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <jansson.h>

#include "daemon/caller.h"
#include "daemon/daemon.h"
#include "proto/error.h"
#include "proto/param.h"
#include "proto/request.h"

struct task;

enum method_status {
	METHOD_DONE,  /* call->result is set */
	METHOD_WAIT,  /* the address was taken over: the reply comes later */
	METHOD_ERROR, /* call->error is set */
};

/* Who may call a method. */
enum access {
	ACCESS_ALL,
	ACCESS_OWNER, /* on a task: its owner and root; checked where the
			 task is looked up */
	ACCESS_DAEMON /* the daemon's own user and root */
};

/* One request being carried out. */
struct call {
	const struct method *method;
	struct daemon *daemon;
	struct caller *caller;
	struct address address;
	/* By index in the method's params; checked; NULL where absent. */
	json_t *params[PARAMS_MOST];
	char *result; /* compact JSON text, to be freed by who made the call */
	size_t result_size;
	json_t *error; /* likewise */
};

struct method {
	const char *name;
	const char *summary;
	const struct param *params;
	enum access access;
	const char *result; /* the JSON schema of what it gives */
	enum method_status (*handler)(struct call *call);
	bool to_the_end; /* also while the daemon is stopping */
};

/* Schemas of results that several methods have. */
#define METHOD_ANY    "{}"
#define METHOD_OBJECT "{\"type\":\"object\"}"
#define METHOD_NULL   "{\"type\":\"null\"}"
#define METHOD_TASK   "{\"$ref\":\"#/components/schemas/Task\"}"
#define METHOD_PAGE   "{\"$ref\":\"#/components/schemas/Page\"}"
#define METHOD_IDS(key) \
	"{\"type\":\"object\",\"required\":[\"" key "\",\"count\"]," \
	"\"properties\":{\"" key "\":{\"type\":\"array\"," \
	"\"items\":{\"type\":\"integer\"}}," \
	"\"count\":{\"type\":\"integer\"}}}"

/* All there are, in the order of their names. */
extern const struct method *const methods[];
extern const size_t methods_count;

/* Looks the method up, checks the params and calls the handler. */
enum method_status method_run(struct call *call, const struct request *request);

/* --- for handlers ------------------------------------------------------- */

/* METHOD_DONE with that result; steals it. */
enum method_status method_return(struct call *call, json_t *result);

/* METHOD_DONE with METHOD_IDS(key): the first LIMIT_IDS of `count` ids. */
enum method_status method_return_ids(
    struct call *call, const char *key, const uint64_t *ids, size_t count);

/* METHOD_DONE with what is written to the stream until it is closed. */
FILE *method_open_result(struct call *call);
enum method_status method_close_result(FILE *out);

/* METHOD_ERROR with that error; steals it. */
enum method_status method_fail(struct call *call, json_t *error);

/* The task a TASK param means, or NULL with call->error set: also where the
   method's access does not allow it. */
struct task *method_task(struct call *call, const json_t *which);

/* The same for an optional param: the caller's own task where it is absent. */
struct task *method_task_or_own(struct call *call, const json_t *which);

/* A new ERROR_DEADLOCK where those tasks could never be waited for by `self`,
   or, where that is NULL, by a new child of `parent`; else NULL. `any`: where
   one of them is enough. */
json_t *method_deadlock(const struct call *call, const struct task *self,
    const struct task *parent, struct task *const *tasks, size_t count,
    bool any);

/* Whether the caller is the daemon's own user, or root. */
bool method_rules(const struct call *call);

/* Whether the caller owns the task, or is root. */
bool method_may(const struct call *call, const struct task *task);

/* A PermissionDenied about that task. */
json_t *method_denied(const struct task *task);

/* A new error with data.task: "task N WHAT". */
json_t *method_error(
    const struct task *task, enum error_code code, const char *what);

/*
 * For a method by which a program tells how something went, with one of the
 * params `result` and `error`, {"message", "data"?}. Returns 0, and in
 * *error NULL or that as a new FunctionError; or -1 with call->error set.
 */
int method_outcome(struct call *call, const json_t *result,
    const json_t *failure, json_t **error);

/* The task that the connection speaks for. */
struct task *method_own_task(struct call *call);

/* Optional numbers and booleans. */
double method_seconds(const json_t *param, double absent);
json_int_t method_integer(const json_t *param, json_int_t absent);

#endif
