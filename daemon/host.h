/* What runs in programs that are connected: hosted tasks, and the functions
   that programs provide. */
#ifndef DAEMON_HOST_H
#define DAEMON_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <jansson.h>

#include "daemon/task.h"

struct address;
struct caller;
struct function;
struct function_arg;
struct hosts;
struct mailboxes;
struct scheduler;
struct spawn;
struct waiters;

/* Seconds that a hosted task may take to end once it is cancelled, where the
   cancel does not say. */
#define HOST_GRACE 5

/* Seconds that a program may take to describe a task. */
#define HOST_DESCRIBE 1

/* Functions that one program may provide. */
#define HOST_FUNCTIONS 1024

/* Borrows all; handles TIMER_DESCRIBE. `wake` is called when hosts_run is to
   be called from the loop. */
struct hosts *hosts_new(struct scheduler *scheduler, struct waiters *waiters,
    struct mailboxes *mailboxes, void (*wake)(void *arg), void *arg);

/* When the connections and the scheduler are gone. */
void hosts_delete(struct hosts *hosts);

/* Ends up to `most` tasks of programs that have gone. True where there are
   more. */
bool hosts_run(struct hosts *hosts, size_t most);

/*
 * A new task that the caller's program hosts, running. `function` is any text
 * that a task's name may be; the function, the state and the data of the spawn
 * are set here, all else is as for scheduler_spawn.
 */
struct task *host_spawn(struct hosts *hosts, struct caller *caller,
    const char *function, struct spawn *spawn);

/* Whether the caller's program runs the task now. */
bool host_runs(const struct caller *caller, const struct task *task);

/* Ends the run of a task that the caller's program hosts, as scheduler_finish
   does. Returns -1 where the program does not host it. */
int host_finish(struct caller *caller, struct task *task, enum task_state state,
    const char *text);

/* --- functions that programs provide --- */

/* A function as a program provides it. */
struct provided {
	char *name, *summary;
	struct function_arg *args; /* with their names; NULL: any */
};

/* Frees what it holds. */
void provided_destroy(struct provided *provided);

/*
 * The caller's program provides these functions and no other ones from now
 * on; takes over what they hold. Returns NULL, or, with nothing changed, an
 * error: one is another user's.
 */
json_t *host_provide(struct hosts *hosts, struct caller *caller,
    struct provided *provided, size_t count);

/* The function of that name that some program provides now; NULL for none. */
const struct function *hosts_find_function(
    const struct hosts *hosts, const char *name);

/* Adds all of them, as `functions` lists them, to the JSON array. */
void hosts_list_functions(const struct hosts *hosts, json_t *list);

/* --- what goes to the program --- */

/* The next line for the caller's program, without its LF, to be freed; NULL
   for none. It is made only now: what waits to be told is no more than its
   tasks are. Where there may be one the caller is woken. */
char *host_take_line(struct caller *caller);

/* --- describe --- */

/*
 * Where a program hosts the task: makes the request wait until that has
 * described it, or for HOST_DESCRIBE; its reply is the task in full. The
 * address is taken over. False, with nothing done, where it is not hosted.
 */
bool host_describe(
    struct caller *caller, struct address *address, struct task *task);

/* Whether the value is a reply to what the daemon asked this caller's program,
   in time or not. */
bool host_hear(struct caller *caller, json_t *value);

/* --- the end --- */

/* The caller is going. Its tasks will end, what it provided is gone. */
void host_leave(struct caller *caller);

#endif
