/* The function exec: a command, its output and its whole process tree. */
#ifndef DAEMON_FN_EXEC_H
#define DAEMON_FN_EXEC_H

#include <stdbool.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <jansson.h>

#include "daemon/function.h"

struct address;
struct caller;
struct event_base;
struct waiters;

/*
 * argv...: {"exit_status":N}, once the command and all that it left behind
 * have ended. A status that is no success, a signal, and a step of the start
 * that failed are FunctionErrors.
 */
extern const struct function fn_exec;

/*
 * Children are a matter of the whole process: so there is one of this. Borrows
 * all but the socket's path, which commands are told with the instance, and
 * `files`, their RLIMIT_NOFILE. Returns -1, with errno set, where the system
 * gives no descriptor; exec_destroy is due all the same.
 */
int exec_create(struct event_base *base, struct scheduler *scheduler,
    struct waiters *waiters, const char *socket, const char *instance,
    const struct rlimit *files);
void exec_destroy(void);

/*
 * Writes to the command's input, as input_write; the data is taken over. A
 * command that has not begun gets it when it has. Returns -1, with a new
 * error, also where the task is no command with a stdin_pipe.
 */
int exec_write(struct task *task, struct caller *caller,
    struct address *address, char *data, size_t length, bool eof,
    json_t **error);

/* The task of the command whose session that is, or NULL. */
struct task *exec_of_session(pid_t session);

#endif
