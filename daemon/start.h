/* What the methods that start a task share: what it runs, where it goes, whose
   it is, and what the reply says. */
#ifndef DAEMON_START_H
#define DAEMON_START_H

#include "daemon/method.h"
#include "daemon/task.h"

struct function;
struct spawn;

enum task_scope start_scope(const json_t *param);

/* The function of that name, built in or provided by a program; NULL, with
   call->error set, where there is none. */
const struct function *start_find_function(struct call *call, const char *name);

/* Sets the parent, by default the caller's own task, and the owner: below the
   root a task is its caller's, elsewhere its parent's owner's, if the caller
   may do that. Returns 0, or -1 with call->error set. */
int start_read_parent(
    struct call *call, const json_t *parent, struct spawn *spawn);

/* Compact text of the arguments, to be freed; NULL for none. */
char *start_args_text(const json_t *args);

/* The reply about the new task; NULL is that there are too many. */
enum method_status start_return(struct call *call, const struct task *task);

/* Its schema. */
#define START_RESULT \
	"{\"type\":\"object\",\"required\":[\"id\",\"name\"]," \
	"\"properties\":{\"id\":{\"type\":\"integer\"}," \
	"\"name\":{\"type\":\"string\"}}}"

#endif
