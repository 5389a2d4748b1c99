/* The output of a command: what comes out of its two pipes goes to its task's
   output, in the order in which it was written. */
#ifndef DAEMON_CAPTURE_H
#define DAEMON_CAPTURE_H

#include <stdbool.h>

#include "daemon/output.h"

struct capture;
struct event_base;
struct scheduler;
struct task;

/* Two pipes; NULL, with errno set, where the system gives none. With `moved`
   the command waits for the first who follows its output (output_hold), and
   that is called each time that this one has read on. */
struct capture *capture_new(struct event_base *base,
    struct scheduler *scheduler, struct task *task, void (*moved)(void *arg),
    void *arg);

/* Whether what is in the pipes can be taken with nothing lost. Of NULL it can.
 */
bool capture_fits(const struct capture *capture);

/* The end that the command gets. */
int capture_fd(const struct capture *capture, enum output_stream stream);

/* What is in the pipes is taken, and they are closed. NULL is allowed. */
void capture_delete(struct capture *capture);

/* What is in the pipes is taken; what comes after that is read and dropped, as
   who goes on writing is not to die of it. Frees itself when the last of them
   has gone. NULL is allowed. */
void capture_release(struct capture *capture);

/* Closes the pipes of all those that were released. */
void capture_delete_released(void);

#endif
